"""What the parts of one account's keeper have in common."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.clock import Clock
from plimsoll.exchange.clock import ExchangeClock
from plimsoll_exporter.keeper.doubts import Doubts
from plimsoll_exporter.keeper.live import LiveBook
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.keeper.schedule import Schedule
from plimsoll_exporter.keeper.sources import Sources


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """One account's book, and what everybody who works on it needs.

    Attributes:
        account: Its name.
        doubts: Told of whatever was adopted from a reading.
        clock: For waits and ages.
        exchange_clock: For the age of what the exchange stamps.
    """

    account: str
    live: LiveBook
    doubts: Doubts
    market: MarketKeeper
    schedule: Schedule
    sources: Sources
    clock: Clock
    exchange_clock: ExchangeClock
