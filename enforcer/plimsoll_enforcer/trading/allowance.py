"""A ceiling on what watching may cost in request weight: so much in any minute, whatever the budget has left.

Somebody's first readings are no watching yet: they decide whether to close, and must not wait because somebody else has
been watched for long. So each payer has a small part of its own that goes at once, counted all the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from plimsoll.clock import Clock

MINUTE = 60.0
"""Seconds."""

SHORTEST_SLEEP = 0.01
"""Seconds; keeps rounding of the clock from becoming a busy wait."""


class Allowance:
    """At most ``limit()`` of weight in any 60 seconds; what does not fit waits, in the order in which it came.

    Args:
        clock: For waits.
        limit: Weight a minute, as it stands now.
    """

    def __init__(self, *, clock: Clock, limit: Callable[[], int]) -> None:
        self._clock = clock
        self._limit = limit
        self._spent: deque[tuple[float, int]] = deque()

    def payer(self, own: int) -> Callable[[int], Awaitable[None]]:
        """Somebody who spends from it: awaited with a weight before each call.

        Args:
            own: Weight in any 60 seconds that waits for nobody.
        """
        mine = Allowance(clock=self._clock, limit=lambda: own)

        async def spend(weight: int) -> None:
            while (pause := min(self.pause(weight), mine.pause(weight))) > 0:
                await self._clock.sleep(max(SHORTEST_SLEEP, pause))
            self.count(weight)
            mine.count(weight)

        return spend

    def count(self, weight: int) -> None:
        """Take note of what is spent now."""
        self._spent.append((self._clock.monotonic(), weight))

    def pause(self, weight: int) -> float:
        """Seconds until this much fits; what is more than all of it goes alone, or it never would."""
        now = self._clock.monotonic()
        while self._spent and self._spent[0][0] <= now - MINUTE:
            self._spent.popleft()
        over = sum(spent for _, spent in self._spent) + weight - self._limit()
        pause = 0.0
        for at, spent in self._spent:
            if over <= 0:
                break
            over -= spent
            pause = at + MINUTE - now
        return pause
