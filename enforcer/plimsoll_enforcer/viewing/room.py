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

CEILING = 0.5
"""Part of it that may be used already, by whomever, when the page reads; the rest is for closing and for watching."""


class Room:
    """What viewing may spend; one for all accounts.

    Args:
        budget: Of the address.
        clock: Time.
    """

    def __init__(self, budget: WeightBudget, clock: Clock) -> None:
        self._budget, self._clock = budget, clock
        self._allowance = Allowance(clock=clock, limit=lambda: int(budget.limit * VIEWING))

    def taken(self, weight: int) -> str:
        """Take so much; empty, or in words why that cannot be now."""
        budget = self._budget
        if budget.paused_until > self._clock.monotonic():
            return "the exchange asked this address for silence"
        if budget.waiting or budget.used + weight > budget.limit * CEILING:
            return "the request weight of this minute is kept for closing and watching"
        if self._allowance.pause(weight) > 0:
            return "the request weight for looking is used up for this minute"
        self._allowance.count(weight)
        return ""

    def seconds(self, weight: int) -> float:
        """Seconds that readings of so much together must be apart to fit for ever."""
        return 60.0 * weight / max(1.0, self._budget.limit * PACED)


Take = Callable[[int], str]
