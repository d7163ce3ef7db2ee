"""An event loop whose time is not the machine's: where everybody waits, it jumps to the next one who is due.

Hours pass in milliseconds and always in the same order. There is no real I/O in such a loop.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

START = 1_795_164_000.0
"""Unix time at which every run begins."""

PATIENT_TURNS = 1000
"""Turns at one moment after which whoever waits lets a little time pass: two that wait keep each other busy."""


class Deadlock(Exception):
    """Everybody waits for somebody else, and nobody for time."""


class _Selector(selectors.DefaultSelector):
    """Waits for nothing, and moves the time by what it should have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0
        self.turns = 0
        self.alarms: dict[int, Callable[[], object]] = {}

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let the time pass at once."""
        self.turns += 1
        self.alarms.pop(self.turns, _nothing)()
        if timeout is None:
            raise Deadlock("nothing is due, and nothing will ever be")
        self.passed += max(0.0, timeout)
        return super().select(0)


def _nothing() -> None:
    return None


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop."""

    def __init__(self) -> None:
        self._pace = _Selector()
        super().__init__(self._pace)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._pace.passed

    @property
    def turns(self) -> int:
        """How often the loop has looked for something to do."""
        return self._pace.turns

    @property
    def idle(self) -> bool:
        """Whether nothing is to be run but the asking task."""
        return not self._ready

    @property
    def due(self) -> float:
        """When something will be run next, as far as time alone decides."""
        return self._scheduled[0].when() if self._scheduled else math.inf

    def at_turn(self, number: int, alarm: Callable[[], object]) -> None:
        """Call something at a turn to come: between any two steps of any task."""
        self._pace.alarms[number] = alarm


class VirtualClock:
    """A ``plimsoll.clock.Clock`` that tells the running loop's time."""

    def now(self) -> float:
        """Unix time in seconds."""
        return START + self.monotonic()

    def monotonic(self) -> float:
        """Seconds since the loop was made."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, seconds))


def running() -> VirtualLoop:
    """The loop of the running play."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


async def until(holds: Callable[[], bool], *, within: float = 3600.0) -> None:
    """Wait until something holds, looked at in every turn in which something happens.

    Raises:
        AssertionError: It did not within so many seconds.
    """
    loop = running()
    end, turns = loop.time() + within, 0
    while not holds():
        assert loop.time() < end
        turns = 0 if loop.idle else turns + 1
        if turns:
            await asyncio.sleep(0 if turns % PATIENT_TURNS else 0.0001)
        else:
            await asyncio.sleep(max(0.0, min(loop.due, end) - loop.time()))


def play(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a virtual time of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
