"""A clock that stands still until a test moves it.

``advance`` moves it at once (for code that only reads the time); ``elapse`` moves it from one sleeper to the next and
lets every task run in between, so that an hour of the product's life passes in no time and in the right order.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools

from fair_loop import FairLoop

SETTLE_TURNS = 50
"""Turns of the event loop given to the tasks after each step; enough for any chain of awaits without real I/O.

A loop that knows that nobody has anything to do is not turned in vain.
"""


class ManualClock:
    """A ``plimsoll.clock.Clock`` in the hands of the test.

    Attributes:
        sleepers: How many tasks sleep now.
    """

    def __init__(self, *, now: float = 1_795_164_000.0, monotonic: float = 1_000.0) -> None:
        self._now = now
        self._monotonic = monotonic
        self._order = itertools.count()
        self._sleeping: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Unix time in seconds."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that only ``advance`` and ``elapse`` add to."""
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        """Wait until the test has moved the clock by that much; zero or less is one turn of the loop."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self._monotonic + seconds, next(self._order), woken))
        await woken

    @property
    def sleepers(self) -> int:
        """How many tasks sleep now."""
        return sum(not woken.done() for _, _, woken in self._sleeping)

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back, as an operator or NTP does; nobody wakes."""
        self._now += seconds

    def advance(self, seconds: float) -> None:
        """Let time pass at once; sleepers that are due run at the next turn of the loop."""
        self._now += seconds
        self._monotonic += seconds
        while self._sleeping and self._sleeping[0][0] <= self._monotonic:
            _, _, woken = heapq.heappop(self._sleeping)
            if not woken.done():
                woken.set_result(None)

    async def elapse(self, seconds: float) -> None:
        """Let time pass from sleeper to sleeper, with every task running in between."""
        end = self._monotonic + seconds
        await settle()
        while self._sleeping and self._sleeping[0][0] <= end:
            self.advance(max(0.0, self._sleeping[0][0] - self._monotonic))
            await settle()
        self.advance(max(0.0, end - self._monotonic))
        await settle()


async def settle() -> None:
    """Let every task run until it waits for something."""
    loop = asyncio.get_running_loop()
    for _ in range(SETTLE_TURNS):
        await asyncio.sleep(0)
        if isinstance(loop, FairLoop) and loop.idle:
            return
