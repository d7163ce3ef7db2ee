"""Waiting in real time until something holds; never for a time. A machine that is slow makes a test slow, not red."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PATIENCE = 90.0
"""Real seconds that anything may take before a test gives up."""


async def until(holds: Callable[[], bool], tell: Callable[[], object]) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: It did not within ``PATIENCE``; with what ``tell`` gives.
    """
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, tell()
        await asyncio.sleep(0.01)
