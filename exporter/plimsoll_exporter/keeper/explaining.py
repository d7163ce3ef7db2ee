"""Waiting for wallet changes to be explained, and asking the income history for what the stream did not tell.

While more than the tolerance is unexplained the account's samples are not trusted, and the history is asked soon. After
a minute the change counts as performance and samples are trusted again; it stays visible for a while, so that people
see what happened. Less than the tolerance spoils nothing and is asked for patiently; in the end nothing stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Protocol

from plimsoll.errors import ExchangeError
from plimsoll.exchange.port import AccountReader
from plimsoll.model.account import ZERO, Income
from plimsoll.risk.assess import assess
from plimsoll.state import explain
from plimsoll.state.market import MarketState
from plimsoll_exporter.keeper.shared import Shared
from plimsoll_exporter.keeper.trust import EXPLAIN_SECONDS, unexplained_limit

ASK_AFTER_SECONDS = (2.0, 8.0, 20.0, 45.0)
"""When the income history is asked, counted from the change: its rows appear with seconds to minutes of delay."""

ASK_PATIENTLY_SECONDS = (30.0, 120.0, 600.0, 1800.0)
"""The same where the change is within the tolerance: each question weighs as much as six readings of the wallet."""

GIVE_UP_SECONDS = 1860.0
"""What is within the tolerance and was not explained after all these questions counts as performance."""

SHOWN_SECONDS = 300.0
POLL_SECONDS = 1.0


class Heard(Protocol):
    """Who is told what the income history answered (``Ledger.history``)."""

    def __call__(self, rows: Sequence[Income], *, asked_ms: int, asked_at: float, start_ms: int) -> None:
        """Every row from ``start_ms`` on."""


class Questions:
    """When to ask while something stays unexplained.

    Attributes:
        since: Monotonic time since which it is; ``None`` while nothing is.
    """

    def __init__(self, after: Sequence[float]) -> None:
        self._after = after
        self._asked = 0
        self.since: float | None = None

    def begin(self, now: float) -> None:
        """Something is unexplained; nothing new where it was before."""
        if self.since is None:
            self.since, self._asked = now, 0

    def end(self) -> None:
        """Nothing is unexplained any more."""
        self.since = None

    def due(self, now: float) -> bool:
        """Whether it is time for the next question; that counts as asked then."""
        if self.since is None or self._asked == len(self._after) or now - self.since < self._after[self._asked]:
            return False
        self._asked += 1
        return True


class Explaining:
    """Judges the unexplained part of an account's wallet.

    Attributes:
        since: Unix time since which more than the tolerance is unexplained; ``None`` while it is not.
        given_up_at: Monotonic time at which something unexplained was last forgotten.

    Args:
        shared: The account.
        routine: Asks the history.
        heard: Told of every answer, in the same step in which it explains.
    """

    def __init__(self, shared: Shared, *, routine: AccountReader, heard: Heard) -> None:
        self._routine = routine
        self._live, self._market = shared.live, shared.market
        self._sources, self._clock = shared.sources, shared.clock
        self._began: float | None = None
        self._urgent = Questions(ASK_AFTER_SECONDS)
        self._patient = Questions(ASK_PATIENTLY_SECONDS)
        self._accepted: Mapping[str, Decimal] = {}
        self._heard = heard
        self._exchange_clock = shared.exchange_clock
        self.given_up_at: float | None = None
        self.since: float | None = None

    def look(self, market: MarketState) -> bool:
        """Judge now; true while samples may be trusted."""
        now, rest = self._clock.monotonic(), self._live.unexplained.rest
        if not self._above(rest, market):
            self.since = self._began = None
            self._urgent.end()
            self._accepted = {}
            self._look_at_little(now)
            return True
        self._patient.end()
        if self._began is None:
            self.since, self._began = self._clock.now(), now
        if now - self._began > SHOWN_SECONDS:
            self._forgive()
        return self._accepts(rest, market, now)

    def _look_at_little(self, now: float) -> None:
        """What is unexplained, if anything, is within the tolerance: ask patiently, and give up in the end."""
        if not self._live.unexplained.rest:
            self._patient.end()
            return
        self._patient.begin(now)
        if self._patient.since is not None and now - self._patient.since > GIVE_UP_SECONDS:
            self._forgive()

    def _forgive(self) -> None:
        self._live.unexplained = explain.forgive(self._live.unexplained)
        self.given_up_at = self._clock.monotonic()

    def _accepts(self, rest: Mapping[str, Decimal], market: MarketState, now: float) -> bool:
        """Whether what is unexplained counts as performance by now; what came on top of it is waited for anew."""
        assets = rest.keys() | self._accepted.keys()
        fresh = {asset: rest.get(asset, ZERO) - self._accepted.get(asset, ZERO) for asset in assets}
        if not self._above(fresh, market):
            self._urgent.end()
            return True
        self._urgent.begin(now)
        if self._urgent.since is None or now - self._urgent.since <= EXPLAIN_SECONDS:
            return False
        self._urgent.end()
        self._accepted, self._began = dict(rest), now - EXPLAIN_SECONDS
        return True

    async def run(self) -> None:
        """Ask the income history when something is unexplained, until cancelled."""
        while True:
            await self._clock.sleep(POLL_SECONDS)
            now = self._clock.monotonic()
            if self._urgent.due(now) or self._patient.due(now):
                await self._ask()

    async def _ask(self) -> None:
        """Ask from the beginning of the oldest gap; without one nothing the history tells would explain anything."""
        windows = self._live.unexplained.windows
        if windows:
            with suppress(ExchangeError):
                await self.ask(min(window.start_ms for window in windows.values()))

    async def ask(self, start_ms: int) -> None:
        """Ask the history from a time on; gaps that begin later are explained by the answer.

        Raises:
            ExchangeError: It could not be asked.
        """
        generation = self._live.generation
        asked_ms, asked_at = self._exchange_clock.now_ms(), self._clock.monotonic()
        with self._sources.blame("income"):
            rows = await self._routine.income(start_ms=start_ms)
        self._sources.mended("income")
        if generation != self._live.generation:
            return
        market = self._market.state()
        windows = self._live.unexplained.windows
        if windows and start_ms <= min(window.start_ms for window in windows.values()):
            limit = unexplained_limit(self._equity(market))
            self._live.unexplained = explain.after_income(self._live.unexplained, rows, market, limit)
        self._heard(rows, asked_ms=asked_ms, asked_at=asked_at, start_ms=start_ms)

    def _above(self, rest: Mapping[str, Decimal], market: MarketState) -> bool:
        if not rest:
            return False
        size = explain.size_usd(rest, market)
        return size is None or size > unexplained_limit(self._equity(market))

    def _equity(self, market: MarketState) -> Decimal | None:
        return assess(self._live.book, market).equity if self._live.book is not None else None
