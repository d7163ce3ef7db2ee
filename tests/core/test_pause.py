"""A pause that news cut short."""

from __future__ import annotations

import asyncio

from manual_clock import ManualClock
from plimsoll.pause import pause


async def test_a_pause_ends_with_its_time():
    """Without news it lasts as long as it was asked to."""
    clock, news = ManualClock(), asyncio.Event()
    waiting = asyncio.create_task(pause(news, 10, clock))
    await clock.elapse(9)
    assert not waiting.done()
    await clock.elapse(1)
    assert waiting.done()


async def test_news_cut_a_pause_short():
    """With news it ends at once, sleeps no longer, and leaves the event to whoever waits."""
    clock, news = ManualClock(), asyncio.Event()
    waiting = asyncio.create_task(pause(news, 10, clock))
    await clock.elapse(5)
    assert not waiting.done()
    news.set()
    await waiting
    assert clock.sleepers == 0
    await pause(news, 10, clock)
    assert news.is_set()


async def test_a_cancelled_pause_leaves_nothing_behind():
    """Neither a sleeper nor anybody who waits for news goes on without it."""
    clock, news = ManualClock(), asyncio.Event()
    waiting = asyncio.create_task(pause(news, 10, clock))
    await clock.elapse(1)
    waiting.cancel()
    await asyncio.wait((waiting,))
    assert waiting.cancelled()
    assert clock.sleepers == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_pause_that_news_end_leaves_nothing_behind():
    """When it returns, its sleeper is gone, not merely about to go."""
    clock, news = ManualClock(), asyncio.Event()
    asyncio.get_running_loop().call_soon(news.set)
    await pause(news, 10, clock)
    assert asyncio.all_tasks() == {asyncio.current_task()}
