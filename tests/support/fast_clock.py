"""A clock that runs faster than the machine's."""

from __future__ import annotations

import asyncio
import time


class FastClock:
    """A clock that runs ``speed`` times as fast as the machine's."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._wall, self._mono = time.time(), time.monotonic()

    def now(self) -> float:
        """Unix time in fast seconds."""
        return self._wall + (time.time() - self._wall) * self.speed

    def monotonic(self) -> float:
        """Fast seconds that never go back."""
        return self._mono + (time.monotonic() - self._mono) * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait that many fast seconds."""
        await asyncio.sleep(max(0.0, seconds / self.speed))
