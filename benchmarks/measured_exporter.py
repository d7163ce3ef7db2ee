"""The exporter as ``benchmarks/exporter.py`` runs it: the real program, with a stopwatch beside each event.

Takes a configuration; prints one JSON object when SIGTERM ends it: delays in milliseconds from the exchange's time
stamp to the changed state. Exchange and exporter share the machine's clock, so the two times are comparable.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from plimsoll.clock import SystemClock
from plimsoll.config.load import load_with_secrets
from plimsoll.model.events import AccountEvent, MarketEvent
from plimsoll_exporter.keeper.live import LiveBook
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.program import Program

Owner = TypeVar("Owner")

delays: dict[str, list[float]] = {"marks": [], "account": []}


def watch_marks(plain: Callable[[MarketKeeper, MarketEvent], None]) -> Callable[[MarketKeeper, MarketEvent], None]:
    """The same, with the delay noted once the price is in the state."""

    def timed(keeper: MarketKeeper, event: MarketEvent) -> None:
        plain(keeper, event)
        delays["marks"].append(time.time() * 1000 - event.time_ms)

    return timed


def watch_events(plain: Callable[[LiveBook, AccountEvent], None]) -> Callable[[LiveBook, AccountEvent], None]:
    """The same, with the delay noted once the event is in the book."""

    def timed(book: LiveBook, event: AccountEvent) -> None:
        plain(book, event)
        delays["account"].append(time.time() * 1000 - event.event_ms)

    return timed


async def main(path: Path) -> None:
    """Run until SIGTERM."""
    config, credentials = load_with_secrets(path, environ=os.environ)
    MarketKeeper.market_event = watch_marks(MarketKeeper.market_event)  # type: ignore[method-assign, assignment] # a stopwatch
    LiveBook.event = watch_events(LiveBook.event)  # type: ignore[method-assign, assignment] # a stopwatch
    running = asyncio.create_task(Program(config, credentials, clock=SystemClock()).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await asyncio.gather(running, return_exceptions=True)
    sys.stdout.write(json.dumps(delays))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
