"""Time as a thing that is passed in: nothing else in the product reads a clock.

Two clocks are kept apart. ``now`` is the wall clock, for timestamps that people and Prometheus read; ``monotonic``
never jumps and is the only one that ages and waits are measured with.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the product needs of time."""

    def now(self) -> float:
        """Unix time in seconds; may jump when the machine's clock is set."""

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps, never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait; a negative duration is no wait."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(max(0.0, seconds))
