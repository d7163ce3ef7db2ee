"""A flatten's own budgets: request weight for its reads, and the account's order counts. Pure; time is passed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from plimsoll.model.market import OrderLimit

POSITIONS_WEIGHT = 5
ORDERS_WEIGHT = 80
FULL_WEIGHT = POSITIONS_WEIGHT + ORDERS_WEIGHT

CAPACITY = 600.0
"""Weight that may be read in one go: seven whole readings, where an ordinary run needs four."""

REFILL = 15.0
"""Weight a second after that: 900 of the 2,400 a minute that the address may use."""

USUAL_LIMITS = (OrderLimit(seconds=10, orders=300), OrderLimit(seconds=60, orders=1200))
"""The documented limits, until the exchange's rules are known."""

SHARE = 0.9
"""Of the order limits that a flatten takes: others of the account may need some, and windows do not start with us."""

NOTHING = float("-inf")


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
        """Take it out."""
        self._left -= weight

    def seconds_until(self, weight: float, now: float) -> float:
        """How long until so much is there."""
        return 0.0 if self.affords(weight, now) else (weight - self._left) / REFILL


class Pace:
    """When the next order may be sent: under the order limits of the account, and not while it is told to wait."""

    def __init__(self) -> None:
        self._limits: tuple[tuple[float, int], ...] = ()
        self._sent: deque[float] = deque()
        self._held = NOTHING
        self.limit(USUAL_LIMITS)

    def limit(self, limits: Iterable[OrderLimit]) -> None:
        """Keep to these limits from now on; without any to the documented ones."""
        kept = tuple(limits) or USUAL_LIMITS
        self._limits = tuple((float(each.seconds), max(1, int(each.orders * SHARE))) for each in kept)

    def hold(self, until: float) -> None:
        """Send none before that moment."""
        self._held = max(self._held, until)

    def delay(self, now: float) -> float:
        """Seconds until an order may be sent."""
        free = self._held
        for seconds, orders in self._limits:
            recent = [at for at in self._sent if at > now - seconds]
            if len(recent) >= orders:
                free = max(free, recent[-orders] + seconds)
        return max(0.0, free - now)

    def sent(self, now: float) -> None:
        """Count one."""
        self._sent.append(now)
        longest = max(seconds for seconds, _ in self._limits)
        while self._sent and self._sent[0] <= now - longest:
            self._sent.popleft()
