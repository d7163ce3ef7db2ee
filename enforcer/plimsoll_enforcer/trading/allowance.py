"""A ceiling on what one kind of work may cost in request weight: so much in any minute, whatever the budget has."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

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

    async def spend(self, weight: int) -> None:
        """Wait until this much fits, and count it; one call that costs more than all of it goes alone."""
        while (pause := self.pause(weight)) > 0:
            await self._clock.sleep(max(SHORTEST_SLEEP, pause))
        self._spent.append((self._clock.monotonic(), weight))

    def pause(self, weight: int) -> float:
        """Seconds until this much fits."""
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
