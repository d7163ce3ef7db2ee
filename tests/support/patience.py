"""Waiting in real time until something holds; never for a time. A machine that is slow makes a test slow, not red."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fair_clock import FairClock

PATIENCE = 90.0
"""Real seconds that anything may take before a test gives up."""


class Patience:
    """Counts from its making; seconds in which the machine did not let this process run do not wear it out."""

    def __init__(self) -> None:
        self._clock = FairClock(1.0)
        self._end = self._clock.monotonic() + PATIENCE

    @property
    def left(self) -> bool:
        """Whether it may go on."""
        return self._clock.monotonic() < self._end


async def until(holds: Callable[[], bool], tell: Callable[[], object]) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: It did not within ``PATIENCE``; with what ``tell`` gives.
    """
    patience = Patience()
    while not holds():
        assert patience.left, tell()
        await asyncio.sleep(0.01)
