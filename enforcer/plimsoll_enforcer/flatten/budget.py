"""A flatten's own budget of request weight for its reads. Pure; time is passed in."""

from __future__ import annotations

POSITIONS_WEIGHT = 5
ORDERS_WEIGHT = 80
FULL_WEIGHT = POSITIONS_WEIGHT + ORDERS_WEIGHT

CAPACITY = 600.0
"""Weight that may be read in one go: seven whole readings, where an ordinary run needs four."""

REFILL = 15.0
"""Weight a second after that: 900 of the 2,400 a minute that the address may use."""


class Purse:
    """Request weight that a run may still spend on reads."""

    def __init__(self, now: float) -> None:
        self._left = CAPACITY
        self._at = now

    def affords(self, weight: float, now: float) -> bool:
        """Whether so much is there now."""
        self._left = min(CAPACITY, self._left + (now - self._at) * REFILL)
        self._at = now
        return self._left >= weight

    def spend(self, weight: float) -> None:
        """Take it out; what is below zero is put back."""
        self._left -= weight

    def seconds_until(self, weight: float, now: float) -> float:
        """How long until so much is there."""
        return 0.0 if self.affords(weight, now) else (weight - self._left) / REFILL
