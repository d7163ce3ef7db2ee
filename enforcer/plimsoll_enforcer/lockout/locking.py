"""``Locking``: one account's lockout from its beginning to its end. It is marked before the first order of a run.

While it stands, a ``Guard`` finds whatever is new; each find is closed by a run, and every symbol used is set to
leverage 1.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable, Collection
from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.config.model import DrawdownRule, Mode
from plimsoll.pause import pause
from plimsoll_enforcer.journal.journal import DOUBTED, UNLOCKED, Journal
from plimsoll_enforcer.journal.values import Lockout
from plimsoll_enforcer.lockout.guard import Guard, OpenStream
from plimsoll_enforcer.lockout.leverage import lower
from plimsoll_enforcer.lockout.until import latest, until
from plimsoll_enforcer.trading.port import Trader
from plimsoll_enforcer.watching.running import ARMED, DRY_RUN, Runner

log = logging.getLogger(__name__)

STEP = 1.0
"""Seconds between two looks at whether the lockout is over and settings are still to be lowered."""

LOWER_AGAIN = 10.0
"""Seconds after which a setting that could not be lowered is tried again."""

APART = 1.0
"""Seconds in which what is opened while a run closes counts once: an answer that lags behind is no churn."""

KEPT = 10
"""How many of the last closes during lockouts are told."""

SERVED = 86_400.0
"""Seconds for which a breach does not lock a flat account again after its lockout has ended."""


class Locking:
    """The lockout of one account.

    Args:
        account: Its name.
        trader: Reads it and lowers settings.
        open_stream: Makes its stream.
        runner: Closes it.
        mode: What is in force now.
        journal: Keeps the lockout.
        clock: Time.

    Attributes:
        recloses_at: Unix times of the last closes during lockouts, oldest first.
    """

    def __init__(
        self,
        account: str,
        trader: Trader,
        open_stream: OpenStream | None,
        *,
        runner: Runner,
        mode: Callable[[], Mode],
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._account, self._trader, self._open_stream = account, trader, open_stream
        self._runner, self._mode, self._journal, self._clock = runner, mode, journal, clock
        self._news = asyncio.Event()
        self._guard: Guard | None = None
        self._before: Decimal | None = None
        self._lower_at = -math.inf
        self._costs: deque[Decimal] = deque(maxlen=3)
        self.recloses_at: deque[float] = deque(maxlen=KEPT)
        runner.reopened = self._reopened

    @property
    def lockout(self) -> Lockout | None:
        """The lockout that stands now."""
        found = self._journal.lockout(self._account)
        return found if found is not None and found.until > self._clock.now() else None

    @property
    def doubt(self) -> str:
        """In words why nobody knows whether the account is locked; empty where it is known."""
        doubted = self._journal.marked(DOUBTED, self._account)
        released = self._journal.marked(UNLOCKED, self._account)
        known_until = -math.inf if released is None else released
        if self._journal.doubt and known_until <= self._journal.opened_at:
            return self._journal.doubt
        if doubted is None or doubted <= known_until:
            return ""
        return "the journal was damaged: nobody knows whether the account had been locked out"

    @property
    def served(self) -> bool:
        """Whether a lockout has ended lately: its breach is not to lock a flat account again."""
        ended = self._journal.marked(UNLOCKED, self._account)
        return self.lockout is None and ended is not None and self._clock.now() - ended < SERVED

    def falls_short_of(self, rule: DrawdownRule | None) -> bool:
        """Whether the lockout that stands follows from other rules, and ends before the one that this rule asks for."""
        lockout = self.lockout
        if lockout is None or rule is None or rule.name in lockout.rules:
            return False
        return until(rule, self._clock.now()) > lockout.until

    @property
    def cost(self) -> Decimal | None:
        """What the last closes during lockouts cost, in USD; ``None`` where unknown."""
        return sum(self._costs, Decimal(0)) if self._costs else None

    def lock(self, rules: Collection[DrawdownRule], reason: str) -> None:
        """Lock the account, as the breached rules say; by hand without rules, until released. Never shortens one."""
        now, before = self._clock.now(), self.lockout
        ends_at = max(latest(rules, now), before.until if before is not None else 0.0)
        self._journal.lock(
            Lockout(
                account=self._account,
                since=now if before is None else before.since,
                until=ends_at,
                reason=reason if before is None else before.reason,
                rules=tuple(sorted({*(rule.name for rule in rules), *(before.rules if before is not None else ())})),
                leverages={} if before is None else before.leverages,
            )
        )
        self._news.set()

    def release(self, *, by: str, why: str) -> None:
        """End the lockout."""
        self._journal.release(self._account, by=by, why=why)
        self._journal.mark(UNLOCKED, self._account)
        self._news.set()

    def look_now(self) -> None:
        """Look at once whether anything is new."""
        if self._guard is not None:
            self._guard.look_now(whole=True)

    async def run(self) -> None:
        """Guard the account while it is locked, until cancelled."""
        while True:
            self._news.clear()
            if self.lockout is None:
                self._expire()
                await pause(self._news, STEP, self._clock)
            else:
                await self._guarded()

    def _expire(self) -> None:
        found = self._journal.lockout(self._account)
        if found is not None:
            log.critical("account %s: its lockout is over", self._account)
            self._journal.release(self._account, by="time", why="its time is over")

    async def _guarded(self) -> None:
        """Guard until the lockout is over."""
        guard = self._guard = Guard(
            self._account,
            self._trader,
            self._open_stream,
            found=self._found,
            busy=lambda: self._runner.current is not None,
            clock=self._clock,
        )
        log.critical("account %s is locked out", self._account)
        self._runner.used.update(self._closed_before())
        guarding = asyncio.ensure_future(guard.run())
        try:
            while self.lockout is not None and not guarding.done():
                self._news.clear()
                await self._lower()
                self._reckon(guard)
                await pause(self._news, STEP, self._clock)
        finally:
            self._guard = None
            guarding.cancel()
            await asyncio.wait((guarding,))
        if not guarding.cancelled():
            guarding.result()

    def _found(self, symbols: frozenset[str]) -> None:
        """Something is new: close it."""
        if self._mode() is not Mode.ARMED or self.lockout is None:
            return
        self._before = None if self._guard is None else self._guard.balance
        self._runner.used.update(symbols)
        self._count()
        self._runner.begin(mode=ARMED, trigger=f"opened during the lockout: {', '.join(sorted(symbols))}")

    def _reopened(self) -> None:
        """Something is opened while a run still closes: whoever trades without pause never lets it end."""
        last = self.recloses_at[-1] if self.recloses_at else -math.inf
        if self.lockout is not None and self._clock.now() - last >= APART:
            self._count()

    def _count(self) -> None:
        self.recloses_at.append(self._clock.now())
        self._journal.count(self._account, "recloses")

    async def _lower(self) -> None:
        if self._runner.current is not None or not self._runner.used or self._mode() is not Mode.ARMED:
            return
        if self._clock.monotonic() < self._lower_at:
            return
        symbols = set(self._runner.used)

        def note(symbol: str, leverage: int) -> None:
            self._journal.note_leverage(self._account, symbol, leverage)

        left = await lower(self._trader, symbols, note)
        self._lower_at = self._clock.monotonic() + LOWER_AGAIN if left else -math.inf
        self._runner.used -= symbols - left

    def _closed_before(self) -> frozenset[str]:
        """Symbols that runs of this lockout have closed, of an earlier life too: it may not have lowered them."""
        lockout = self.lockout
        runs = () if lockout is None else self._journal.runs()
        return frozenset(
            one.symbol
            for run in runs
            if lockout is not None
            and run.account == self._account
            and run.began_at >= lockout.since
            and run.result is not None
            and run.mode != DRY_RUN
            for one in run.result.positions
        )

    def _reckon(self, guard: Guard) -> None:
        """What the last find cost, once the account was seen clean again."""
        if self._before is not None and self._runner.current is None and guard.balance is not None:
            if guard.balance != self._before:
                self._costs.append(self._before - guard.balance)
            self._before = None
