"""A fast clock that counts only the time in which the machine let this process run.

What else runs beside a test takes processors from it, which no promise of the product is about: a bound in seconds of
this clock is a bound on what the programs do themselves. A program that is slow by itself is as late as by any clock.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from fast_clock import FastClock

REFRESH_SECONDS = 0.005
"""Real seconds for which what the kernel told is used again."""

PROCESSES = Path("/proc")


def kept_waiting(process: int | str = "self") -> float:
    """Real seconds for which threads of a process could have run and got no processor; 0 where nothing tells."""
    waited = 0
    for thread in (PROCESSES / str(process) / "task").glob("*/schedstat"):
        try:
            waited += int(thread.read_text().split()[1])
        except (OSError, IndexError):  # the thread has ended meanwhile, or this kernel does not count
            continue
    return waited / 1e9


class FairClock(FastClock):
    """A ``FastClock`` that stands still while the process waits for a processor."""

    def __init__(self, speed: float) -> None:
        super().__init__(speed)
        self._waited_before = self._waited = kept_waiting()
        self._refreshed_at = self._mono
        self._passed = 0.0

    def now(self) -> float:
        """Unix time in fast seconds."""
        return self._wall + self._run() * self.speed

    def monotonic(self) -> float:
        """Fast seconds that never go back."""
        return self._mono + self._run() * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait that many fast seconds, longer by the real time for which there was no processor."""
        due = self.monotonic() + seconds
        while True:
            await asyncio.sleep(max(0.0, (due - self.monotonic()) / self.speed))
            if self.monotonic() >= due:
                return

    def _run(self) -> float:
        """Real seconds since the start without those of waiting; what is learned late of these stops it for a while."""
        now = time.monotonic()
        if now - self._refreshed_at >= REFRESH_SECONDS:
            self._waited, self._refreshed_at = kept_waiting(), now
        self._passed = max(self._passed, now - self._mono - (self._waited - self._waited_before))
        return self._passed
