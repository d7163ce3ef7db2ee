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
from plimsoll.model.account import Income
from plimsoll.risk.assess import assess
from plimsoll.state import explain
from plimsoll.state.explain import Unexplained
from plimsoll.state.explain_history import after_income
from plimsoll.state.market import MarketState
from plimsoll_exporter.keeper.shared import Shared
from plimsoll_exporter.keeper.trust import EXPLAIN_SECONDS, UNEXPLAINED_USD, unexplained_limit

ASK_AFTER_SECONDS = (2.0, 8.0, 20.0, 45.0)
"""When the income history is asked, counted from the change: its rows appear with seconds to minutes of delay."""

ASK_PATIENTLY_SECONDS = (30.0, 120.0, 600.0, 1800.0)
"""The same where the change is within the tolerance: each question weighs as much as six readings of the wallet."""

GIVE_UP_SECONDS = 1860.0
"""What is within the tolerance and was not explained after all these questions counts as performance."""

SHOWN_SECONDS = 300.0
POLL_SECONDS = 1.0


RETRY_SECONDS = 5.0
"""How soon a question is asked again whose answer failed, or belonged to the past when it came; doubled each time."""


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
        self._asked, self._failed = 0, 0
        self._not_before = float("-inf")
        self.since: float | None = None

    def begin(self, now: float) -> None:
        """Something is unexplained; nothing new where it was before."""
        if self.since is None:
            self.since, self._asked, self._failed = now, 0, 0
            self._not_before = float("-inf")

    def end(self) -> None:
        """Nothing is unexplained any more."""
        self.since = None

    def due(self, now: float) -> bool:
        """Whether it is time for the next question; that counts as asked then."""
        if self.since is None or self._asked == len(self._after) or now < self._not_before:
            return False
        if now - self.since < self._after[self._asked]:
            return False
        self._asked += 1
        return True

    def failed(self, now: float) -> None:
        """The last question was not answered: it does not count, and is due again soon."""
        if self.since is not None and self._asked:
            self._asked -= 1
            self._not_before = now + RETRY_SECONDS * 2**self._failed
            self._failed += 1


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
        self._heard = heard
        self._exchange_clock = shared.exchange_clock
        self.given_up_at: float | None = None
        self.since: float | None = None

    def look(self, market: MarketState) -> bool:
        """Judge now; true while samples may be trusted."""
        now, known = self._clock.monotonic(), self._live.unexplained
        if known.accepted and self._began is not None and now - self._began > SHOWN_SECONDS:
            self._forgive(known.accepted)
            known, self._began = self._live.unexplained, None
        if not self._above(known.rest, market) and not self._above(known.fresh, market):
            self.since = self._began = None
            self._urgent.end()
            self._look_at_little(now)
            return True
        self._patient.end()
        if self._began is None:
            self.since, self._began = self._clock.now(), now
        return self._accepts(known, market, now)

    def _look_at_little(self, now: float) -> None:
        """What is unexplained, if anything, is within the tolerance: ask patiently, and give up in the end."""
        if not self._live.unexplained.rest:
            self._patient.end()
            return
        self._patient.begin(now)
        if self._patient.since is not None and now - self._patient.since > GIVE_UP_SECONDS:
            self._forgive(self._live.unexplained.rest)

    def _forgive(self, parts: Mapping[str, Decimal]) -> None:
        self._live.unexplained = explain.forgive(self._live.unexplained, parts)
        self.given_up_at = self._clock.monotonic()

    def _accepts(self, known: Unexplained, market: MarketState, now: float) -> bool:
        """Whether what is unexplained counts as performance by now; what came on top of it is waited for anew."""
        if not self._above(known.fresh, market):
            self._urgent.end()
            return True
        self._urgent.begin(now)
        if self._urgent.since is None or now - self._urgent.since <= EXPLAIN_SECONDS:
            return False
        self._urgent.end()
        self._live.unexplained, self._began = explain.accept(known), now - EXPLAIN_SECONDS
        return True

    async def run(self) -> None:
        """Ask the income history when something is unexplained, until cancelled."""
        while True:
            await self._clock.sleep(POLL_SECONDS)
            for questions in (self._urgent, self._patient):
                if questions.due(self._clock.monotonic()):
                    if not await self._ask():
                        questions.failed(self._clock.monotonic())
                    break

    async def _ask(self) -> bool:
        """Ask from the beginning of the oldest gap; false where that must be done again.

        Without a gap nothing the history tells would explain anything.
        """
        windows = self._live.unexplained.windows
        if not windows:
            return True
        with suppress(ExchangeError):
            return await self.ask(min(window.start_ms for window in windows.values()))
        return False

    async def ask(self, start_ms: int) -> bool:
        """Ask the history from a time on; gaps that begin later are explained by the answer.

        Returns:
            Whether the answer was used: one that comes after a gap began belongs to the past.

        Raises:
            ExchangeError: It could not be asked.
        """
        generation = self._live.generation
        asked_ms, asked_at = self._exchange_clock.now_ms(), self._clock.monotonic()
        with self._sources.blame("income"):
            rows = await self._routine.income(start_ms=start_ms)
        self._sources.mended("income")
        if generation != self._live.generation or not self._live.synced:
            return False
        market = self._market.state()
        windows = self._live.unexplained.windows
        if windows and start_ms <= min(window.start_ms for window in windows.values()):
            limit = unexplained_limit(self._equity(market))
            self._live.unexplained = after_income(self._live.unexplained, rows, market, limit)
        self._heard(rows, asked_ms=asked_ms, asked_at=asked_at, start_ms=start_ms)
        return True

    def _above(self, rest: Mapping[str, Decimal], market: MarketState) -> bool:
        """Whether it is more than the tolerance; each look asks, so the account is valued only where that decides."""
        if not rest:
            return False
        size = explain.size_usd(rest, market)
        return size is None or (size > UNEXPLAINED_USD and size > unexplained_limit(self._equity(market)))

    def _equity(self, market: MarketState) -> Decimal | None:
        return assess(self._live.book, market).equity if self._live.book is not None else None
