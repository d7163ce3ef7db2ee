"""Whether there is room to read for the page: it comes after everybody else, and asks before each reading.

Nothing that is shown may cost what closes an account its weight: a reading that has no room now is not made, and the
page says so beside the older figures.
"""

from __future__ import annotations

from collections.abc import Callable

from plimsoll.clock import Clock
from plimsoll.exchange.budget import WeightBudget
from plimsoll_enforcer.trading.allowance import Allowance

VIEWING = 0.25
"""Part of the address's weight that all viewing together uses at most, in any minute."""

PACED = 0.18
"""The part of it that readings of money and positions are paced to; the rest is for orders and switches."""

CEILING, BUSY_CEILING = 0.6, 0.4
"""Parts of it that may be used, by whomever, once the page has read: while nothing happens, so that all that a run may
read at once still fits beneath the urgent share; and while a run is in progress or a breach is watched."""


class Room:
    """What viewing may spend; one for all accounts.

    Args:
        budget: Of the address.
        clock: Time.
        busy: Whether a run is in progress or a breach is watched.
    """

    def __init__(self, budget: WeightBudget, clock: Clock, *, busy: Callable[[], bool]) -> None:
        self._budget, self._clock, self._busy = budget, clock, busy
        self._allowance = Allowance(clock=clock, limit=lambda: int(budget.limit * VIEWING))

    def taken(self, weight: int) -> str:
        """Take so much; empty, or in words why that cannot be now."""
        budget = self._budget
        if budget.paused_until > self._clock.monotonic():
            return "the exchange asked this address for silence"
        ceiling = budget.limit * (BUSY_CEILING if self._busy() else CEILING)
        if budget.waiting or budget.used + weight > ceiling:
            return "the request weight of this minute is kept for closing and watching"
        if self._allowance.pause(weight) > 0:
            return "the request weight for looking is used up for this minute"
        self._allowance.count(weight)
        return ""

    def seconds(self, weight: int) -> float:
        """Seconds that readings of so much together must be apart to fit for ever."""
        return 60.0 * weight / max(1.0, self._budget.limit * PACED)


Take = Callable[[int], str]
