"""Waiting for tasks and answers, but only so long, by a clock that is passed in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from plimsoll.clock import Clock
from plimsoll.errors import OutcomeUnknown

T = TypeVar("T")


async def settled(clock: Clock, tasks: Iterable[asyncio.Future[Any]], seconds: float) -> bool:
    """Wait until all tasks have ended or the time is over; gives whether all have. None is cancelled or looked into."""
    left = {task for task in tasks if not task.done()}
    if not left:
        return True
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        while left and not timer.done():
            await asyncio.wait({*left, timer}, return_when=asyncio.FIRST_COMPLETED)
            left = {task for task in left if not task.done()}
    finally:
        timer.cancel()
    return not left


async def ended(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel what still runs, and wait until all have ended; what they raised is dropped."""
    all_of_them = list(tasks)
    for task in all_of_them:
        task.cancel()
    await asyncio.gather(*all_of_them, return_exceptions=True)


async def in_time(clock: Clock, call: Coroutine[Any, Any, T], seconds: float) -> T:
    """The answer of a call.

    Raises:
        OutcomeUnknown: It did not come in time; nobody waits for it any longer.
    """
    asked = asyncio.ensure_future(call)
    try:
        if await settled(clock, [asked], seconds):
            return asked.result()
    finally:
        await ended([asked])
    raise OutcomeUnknown(f"no answer within {seconds:g} s")
