"""Waiting for wallet changes to be explained, and asking the income history for what the stream did not tell.

While more than the tolerance is unexplained the account's samples are not trusted. After a minute the change counts as
performance and samples are trusted again; it stays visible for a while, so that people see what happened.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll.exchange.port import AccountReader
from plimsoll.risk.assess import assess
from plimsoll.state import explain
from plimsoll.state.market import MarketState
from plimsoll_exporter.keeper.live import LiveBook
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.keeper.sources import Sources
from plimsoll_exporter.keeper.trust import EXPLAIN_SECONDS, unexplained_limit

ASK_AFTER_SECONDS = (2.0, 8.0, 20.0, 45.0)
"""When the income history is asked, counted from the change: its rows appear with seconds to minutes of delay."""

SHOWN_SECONDS = 300.0
POLL_SECONDS = 1.0


class Explaining:
    """Judges the unexplained part of an account's wallet.

    Attributes:
        since: Unix time since which more than the tolerance is unexplained; ``None`` while it is not.
    """

    def __init__(
        self, live: LiveBook, *, routine: AccountReader, market: MarketKeeper, sources: Sources, clock: Clock
    ) -> None:
        self._live, self._routine, self._market = live, routine, market
        self._sources, self._clock = sources, clock
        self._began: float | None = None
        self._asked = 0
        self.since: float | None = None

    def look(self, market: MarketState) -> bool:
        """Judge now; true while samples may be trusted."""
        if not self._above(market):
            self.since = self._began = None
            return True
        if self._began is None:
            self.since, self._began, self._asked = self._clock.now(), self._clock.monotonic(), 0
        age = self._clock.monotonic() - self._began
        if age > SHOWN_SECONDS:
            self._live.unexplained = explain.forgive(self._live.unexplained)
        return age > EXPLAIN_SECONDS

    async def run(self) -> None:
        """Ask the income history when something is unexplained, until cancelled."""
        while True:
            await self._clock.sleep(POLL_SECONDS)
            if self._due():
                self._asked += 1
                await self._ask()

    def _due(self) -> bool:
        if self._began is None or not self._live.unexplained.windows or self._asked == len(ASK_AFTER_SECONDS):
            return False
        return self._clock.monotonic() - self._began >= ASK_AFTER_SECONDS[self._asked]

    async def _ask(self) -> None:
        generation = self._live.generation
        start_ms = min(window.start_ms for window in self._live.unexplained.windows.values())
        try:
            rows = await self._routine.income(start_ms=start_ms)
        except ExchangeError as error:
            self._sources.failed("account", error)
            return
        if generation == self._live.generation:
            market = self._market.state()
            limit = unexplained_limit(self._equity(market))
            self._live.unexplained = explain.after_income(self._live.unexplained, rows, market, limit)

    def _above(self, market: MarketState) -> bool:
        if not self._live.unexplained.rest:
            return False
        size = explain.size_usd(self._live.unexplained, market)
        return size is None or size > unexplained_limit(self._equity(market))

    def _equity(self, market: MarketState) -> Decimal | None:
        return assess(self._live.book, market).equity if self._live.book is not None else None
