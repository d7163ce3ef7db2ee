"""An event loop whose time passes only while it waits or works: what a busy machine takes from it does not count.

A time-out is then a bound on what the programs of a test do themselves. By the machine's own clock a process that got
no processor for a third of a second would find its time-outs over before it could read the answers that had long come.
Its time never runs ahead of the machine's.
"""

from __future__ import annotations

import asyncio
import selectors
import time

STEP = 0.001
"""Real seconds that count at most for one turn's work, and for a wait that ended because something came."""


class _Selector(selectors.DefaultSelector):
    """Counts the time."""

    def __init__(self) -> None:
        super().__init__()
        self._since = time.monotonic()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait; nothing having come in all that time counts whole, since nobody here had anything to do."""
        self._count(STEP)
        events = super().select(timeout)
        self._count(STEP if events or timeout is None else max(STEP, timeout))
        return events

    def _count(self, most: float) -> None:
        now = time.monotonic()
        self.passed += min(now - self._since, most)
        self._since = now


class FairLoop(asyncio.SelectorEventLoop):
    """The loop."""

    def __init__(self) -> None:
        self._pace = _Selector()
        super().__init__(self._pace)

    def time(self) -> float:
        """Seconds since the loop was made, as the last turn left them."""
        return self._pace.passed

    @property
    def idle(self) -> bool:
        """Whether everybody but the asking task waits for time: nothing is to be run, no socket or thread can tell."""
        return not self._ready and len(self._pace.get_map()) == 1 and self._default_executor is None


class LoopClock:
    """A ``plimsoll.clock.Clock`` whose seconds are the running loop's; the time of day is the machine's."""

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since the loop was made."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, seconds))
