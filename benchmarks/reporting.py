"""What the bots' reporting client costs an order call: ``python benchmarks/reporting.py``; needs no network.

Measured is a watched call against the same call unwatched, taken and refused, with the exporter answering at once, and
with it away for the whole run. Milliseconds; the promise is under 1 ms added.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from plimsoll.reporting import RejectionReporter
from plimsoll.reporting.body import Body
from plimsoll.reporting.delivery import Answer, Deliver, Fate

CALLS = 2000
PAUSE = 0.002
"""Seconds between two orders: a bot that trades very fast, and leaves the reporter's thread its time."""

ORDER = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "1.000", "reduceOnly": "true"}


class RefusedError(Exception):
    """Shaped as python-binance's exception."""

    code = -2019
    message = "Margin is insufficient."


class Client:
    """A client that answers at once."""

    def __init__(self, *, refuses: bool) -> None:
        self._refuses = refuses

    def futures_create_order(self, **_order: str) -> dict[str, int]:
        """Take the order or refuse it."""
        if self._refuses:
            raise RefusedError
        return {"orderId": 1}


def taken(call: Callable[..., object]) -> list[float]:
    """Milliseconds of each call, sorted."""
    found = []
    for _ in range(CALLS):
        began = time.perf_counter()
        with suppress(RefusedError):
            call(**ORDER)
        found.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE)
    return sorted(found)


def main() -> None:
    """Print the table."""
    print(f"{'calls':<34}{'median':>9}{'p99':>9}{'p99.9':>9}   ms added")
    for name, refuses, deliver in (
        ("taken", False, _delivered),
        ("refused, exporter there", True, _delivered),
        ("refused, exporter away", True, _away),
    ):
        plain = taken(Client(refuses=refuses).futures_create_order)
        with tempfile.TemporaryDirectory() as folder:
            watched = _watched(Path(folder), refuses=refuses, deliver=deliver)
        median = statistics.median(watched) - statistics.median(plain)
        added = [watched[int(CALLS * share)] - plain[int(CALLS * share)] for share in (0.99, 0.999)]
        print(f"{name:<34}{median:>9.4f}{added[0]:>9.4f}{added[1]:>9.4f}")


def _watched(folder: Path, *, refuses: bool, deliver: Deliver) -> list[float]:
    reporter = RejectionReporter("http://127.0.0.1:1", "none", "eon", spool=folder, deliver=deliver)
    found = taken(reporter.watch(Client(refuses=refuses)).futures_create_order)
    reporter.close(30)
    return found


def _delivered(_: Body) -> Answer:
    time.sleep(PAUSE)
    return Answer(Fate.DELIVERED)


def _away(_: Body) -> Answer:
    return Answer(Fate.LATER, "away")


if __name__ == "__main__":
    main()
