"""Work that must not end: it is begun anew after a fault of ours; and a pause that news cut short."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from plimsoll.clock import Clock

log = logging.getLogger(__name__)

AFTER_FAULT = 1.0
"""Seconds before work that failed is begun anew."""


async def steadily(what: str, work: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Do something that never ends, until cancelled: a fault of ours in it is told and ends nothing."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s failed; it begins anew in %g s", what, AFTER_FAULT)
        await clock.sleep(AFTER_FAULT)


async def pause(news: asyncio.Event, seconds: float, clock: Clock) -> None:
    """Wait so long, or until there is news."""
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
