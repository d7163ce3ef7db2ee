"""The exporter as ``benchmarks/exporter.py`` runs it: the real program, with a stopwatch beside each event.

Takes a configuration; prints one JSON object when SIGTERM ends it: by kind of event, pairs of the Unix time at which
the changed state was there and the milliseconds since the exchange's stamp ``E`` in the event. Exchange and exporter
share the machine's clock, so the two times are comparable. Streams are opened without pause, to save the minute that
a hundred of them would wait for their turns; nothing else differs.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from plimsoll.config.load import load_with_secrets
from plimsoll.exchange.pacing import ConnectPacer
from plimsoll.model.events import AccountEvent, AccountUpdate, AlgoUpdate, MarketEvent, OrderUpdate
from plimsoll_exporter import program
from plimsoll_exporter.keeper.live import LiveBook
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.main import serve

delays: dict[str, list[tuple[float, float]]] = {"prices": [], "account": []}


def note(kind: str, stamp_ms: int) -> None:
    """Keep the delay of one event whose effect is in the state now."""
    now = time.time()
    delays[kind].append((now, now * 1000 - stamp_ms))


def watch_prices(plain: Callable[[MarketKeeper, MarketEvent], None]) -> Callable[[MarketKeeper, MarketEvent], None]:
    """The same, with the delay noted once the price is in the state."""

    def timed(keeper: MarketKeeper, event: MarketEvent) -> None:
        plain(keeper, event)
        note("prices", event.time_ms)

    return timed


def watch_events(plain: Callable[[LiveBook, AccountEvent], None]) -> Callable[[LiveBook, AccountEvent], None]:
    """The same, with the delay noted once an event that changes the book is in it."""

    def timed(book: LiveBook, event: AccountEvent) -> None:
        plain(book, event)
        if isinstance(event, AccountUpdate | OrderUpdate | AlgoUpdate):
            note("account", event.event_ms)

    return timed


def main(path: Path) -> None:
    """Run until SIGTERM, as the exporter does."""
    config, credentials = load_with_secrets(path, environ=os.environ)
    MarketKeeper.market_event = watch_prices(MarketKeeper.market_event)  # type: ignore[method-assign, assignment] # a stopwatch
    LiveBook.event = watch_events(LiveBook.event)  # type: ignore[method-assign, assignment] # a stopwatch
    program.ConnectPacer = partial(ConnectPacer, burst=1000)  # type: ignore[attr-defined, assignment] # see above
    asyncio.run(serve(config, credentials))
    sys.stdout.write(json.dumps(delays))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
