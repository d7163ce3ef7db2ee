"""A pause that news cut short: how every loop of both programs waits for what it does next."""

from __future__ import annotations

import asyncio

from plimsoll.clock import Clock


async def pause(news: asyncio.Event, seconds: float, clock: Clock) -> None:
    """Wait so long, or until there is news; nothing of the waiting is left when it ends, cancelled or not.

    The event stays as it is: who waits clears it before the look that the news ask for, so that none is missed.

    Args:
        news: Set by whoever has something new; already set, the pause is one turn of the event loop.
        seconds: A negative duration is no wait.
        clock: Measures the wait.
    """
    if news.is_set():
        await asyncio.sleep(0)
        return
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    waking = asyncio.ensure_future(news.wait())
    try:
        await asyncio.wait((sleeping, waking), return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeping.cancel()
        waking.cancel()
        await asyncio.gather(sleeping, waking, return_exceptions=True)
