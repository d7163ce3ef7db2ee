"""Waiting for wallet changes to be explained, and asking the income history for what the stream did not tell.

While more than the tolerance is unexplained the account's samples are not trusted. After a minute the change counts as
performance and samples are trusted again; it stays visible for a while, so that people see what happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll.exchange.port import AccountReader
from plimsoll.model.account import ZERO
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
        self._waiting_since: float | None = None
        self._accepted: Mapping[str, Decimal] = {}
        self._asked = 0
        self.since: float | None = None

    def look(self, market: MarketState) -> bool:
        """Judge now; true while samples may be trusted."""
        now, rest = self._clock.monotonic(), self._live.unexplained.rest
        if not self._above(rest, market):
            self.since = self._began = self._waiting_since = None
            self._accepted = {}
            return True
        if self._began is None:
            self.since, self._began = self._clock.now(), now
        if now - self._began > SHOWN_SECONDS:
            self._live.unexplained = explain.forgive(self._live.unexplained)
        return self._accepts(rest, market, now)

    def _accepts(self, rest: Mapping[str, Decimal], market: MarketState, now: float) -> bool:
        """Whether what is unexplained counts as performance by now; what came on top of it is waited for anew."""
        assets = rest.keys() | self._accepted.keys()
        fresh = {asset: rest.get(asset, ZERO) - self._accepted.get(asset, ZERO) for asset in assets}
        if not self._above(fresh, market):
            self._waiting_since = None
            return True
        if self._waiting_since is None:
            self._waiting_since, self._asked = now, 0
        if now - self._waiting_since <= EXPLAIN_SECONDS:
            return False
        self._accepted, self._waiting_since, self._began = dict(rest), None, now - EXPLAIN_SECONDS
        return True

    async def run(self) -> None:
        """Ask the income history when something is unexplained, until cancelled."""
        while True:
            await self._clock.sleep(POLL_SECONDS)
            if self._due():
                self._asked += 1
                await self._ask()

    def _due(self) -> bool:
        asked_enough = self._asked == len(ASK_AFTER_SECONDS)
        if self._waiting_since is None or asked_enough or not self._live.unexplained.windows:
            return False
        return self._clock.monotonic() - self._waiting_since >= ASK_AFTER_SECONDS[self._asked]

    async def _ask(self) -> None:
        generation = self._live.generation
        start_ms = min(window.start_ms for window in self._live.unexplained.windows.values())
        try:
            with self._sources.blame("income"):
                rows = await self._routine.income(start_ms=start_ms)
        except ExchangeError:
            return
        self._sources.mended("income")
        if generation == self._live.generation:
            market = self._market.state()
            limit = unexplained_limit(self._equity(market))
            self._live.unexplained = explain.after_income(self._live.unexplained, rows, market, limit)

    def _above(self, rest: Mapping[str, Decimal], market: MarketState) -> bool:
        if not rest:
            return False
        size = explain.size_usd(rest, market)
        return size is None or size > unexplained_limit(self._equity(market))

    def _equity(self, market: MarketState) -> Decimal | None:
        return assess(self._live.book, market).equity if self._live.book is not None else None
