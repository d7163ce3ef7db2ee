"""What the parts of one running flatten share: clock, record, memory, budgets. No decision is taken here."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError, OutcomeUnknown, Throttled
from plimsoll.model.account import PositionKey
from plimsoll.model.market import Instrument
from plimsoll.model.orders import OrderKey
from plimsoll_enforcer.flatten.budget import Purse
from plimsoll_enforcer.flatten.codes import Meaning
from plimsoll_enforcer.flatten.ladder import Standing, meaning_of
from plimsoll_enforcer.flatten.log import RunLog
from plimsoll_enforcer.flatten.pieces import ZERO
from plimsoll_enforcer.flatten.plan import Desk, Memory, Retry
from plimsoll_enforcer.flatten.tally import Tally
from plimsoll_enforcer.flatten.waiting import in_time
from plimsoll_enforcer.trading.port import CloseOrder, Trader

T = TypeVar("T")

USUAL_PAUSE = 1.0
"""Seconds of silence after "too many requests" without a time."""

PATIENCE = 2.5
"""Seconds that an answer may take: together with the look-ups longer than a request is valid (5 s)."""

MOST_DOUBLINGS = 2

SHORTEST_WAIT = 0.01
"""Seconds; a wait is never shorter, so that rounding cannot make a loop that does not wait at all."""


@dataclass(kw_only=True, slots=True)
class RunState:
    """One run's shared state.

    Attributes:
        held: Signed base units of each leg, by the last reading of positions that came and what we closed since.
        legs: How far closing each leg has got.
        cancels: How cancelling has gone.
        seen: Every symbol that ever had anything.
        gone: Orders cancelled since the last reading of orders.
        instruments: The exchange's rules as far as they are known.
        wants_rules: Set when a refusal says that they have changed.
        wants_clock: Set when a refusal says that our clock is off.
        lost: Orders that nobody could tell anything about.
        progress: Something was closed or cancelled since it was last looked at.
    """

    trader: Trader
    clock: Clock
    log: RunLog
    began: float
    purse: Purse
    tally: Tally = field(default_factory=Tally)
    held: dict[PositionKey, Decimal] = field(default_factory=dict)
    legs: dict[PositionKey, Standing] = field(default_factory=dict)
    cancels: dict[Desk, Retry] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    gone: set[OrderKey] = field(default_factory=set)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    wants_rules: asyncio.Event = field(default_factory=asyncio.Event)
    wants_clock: asyncio.Event = field(default_factory=asyncio.Event)
    lost: list[CloseOrder] = field(default_factory=list)
    progress: bool = False
    quiet_until: float = float("-inf")
    slow: int = 0

    async def asked(self, call: Coroutine[Any, Any, T]) -> T:
        """The answer of a call that is no order; who answers late is given twice the time until he is in time again.

        Raises:
            ExchangeError: ``OutcomeUnknown`` where it did not come in time.
        """
        try:
            answer = await in_time(self.clock, call, PATIENCE * 2.0**self.slow)
        except OutcomeUnknown:
            self.slow = min(self.slow + 1, MOST_DOUBLINGS)
            raise
        self.slow = 0
        return answer

    def now(self) -> float:
        """Monotonic seconds."""
        return self.clock.monotonic()

    def memory(self) -> Memory:
        """What the plan is made from."""
        return Memory(legs=dict(self.legs), cancels=dict(self.cancels), seen=frozenset(self.seen))

    def reduce(self, key: PositionKey, executed: Decimal) -> None:
        """So much less of a leg is left."""
        amount = self.held.get(key, ZERO)
        left = max(abs(amount) - executed, ZERO)
        self.held[key] = left if amount > 0 else -left

    async def quiet(self) -> None:
        """Wait while the exchange wants silence of this address."""
        while (wait := self.quiet_until - self.now()) > 0:
            await self.clock.sleep(max(wait, SHORTEST_WAIT))

    def heard(self, error: ExchangeError) -> None:
        """Keep silent where a failure asks for it; the account's own order count concerns its orders alone."""
        if not isinstance(error, Throttled) or meaning_of(error.code) is Meaning.ORDER_LIMIT:
            return
        until = self.now() + (USUAL_PAUSE if error.retry_after is None else error.retry_after)
        self.quiet_until = max(self.quiet_until, until)
        self.log.step("wait", f"silence: {error}", {"seconds": f"{until - self.now():.2f}"})
