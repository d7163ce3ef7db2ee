"""Waiting for work, a time, or whichever comes first; and how long to wait after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError, KeyRefused, Throttled
from plimsoll.pause import pause

FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 30.0
KEY_RETRY_SECONDS = 60.0
"""A refused key is tried rarely: only a human can mend it, and the exchange counts refusals."""


async def wait_until(work: asyncio.Event, due: float, clock: Clock) -> None:
    """Wait until there is work (the event is then cleared) or the monotonic time ``due`` has come."""
    await pause(work, due - clock.monotonic(), clock)
    work.clear()


async def persist(step: Callable[[], Awaitable[None]], clock: Clock, *, at_least: float = 0.0) -> NoReturn:
    """Take one step after another until cancelled; after one that failed wait as its error asks.

    Args:
        step: Does its work and then waits for more.
        clock: For the waits.
        at_least: Shortest wait after a failure, in seconds.
    """
    failures = 0
    while True:
        try:
            await step()
        except ExchangeError as error:
            failures += 1
            await clock.sleep(max(retry_delay(error, failures), at_least))
        else:
            failures = 0


def retry_delay(error: ExchangeError, failures: int) -> float:
    """Seconds to wait before the next try, after that many failures in a row (1 for the first)."""
    doubled: float = FIRST_RETRY_SECONDS * 2 ** min(failures - 1, 10)
    if isinstance(error, Throttled) and error.retry_after is not None:
        return max(error.retry_after, FIRST_RETRY_SECONDS)
    if isinstance(error, KeyRefused):
        return min(doubled * 5, KEY_RETRY_SECONDS)
    return min(doubled, LONGEST_RETRY_SECONDS)
