"""The ceiling on the weight that watching uses, and how the gateway keeps it apart from a flatten."""

from __future__ import annotations

import asyncio

import pytest

from manual_clock import ManualClock, settle
from plimsoll.model.market import OrderLimit
from plimsoll_enforcer.trading.allowance import Allowance
from plimsoll_enforcer.trading.gateway import SHARES, WATCHING
from trader_scene import close_order, trader_scene


def test_what_fits_waits_for_nothing():
    """The pause is zero until the limit is reached."""
    allowance = Allowance(clock=ManualClock(), limit=lambda: 100)
    assert allowance.pause(100) == 0
    assert allowance.pause(101) == 0  # alone it goes, or it never would


async def test_what_does_not_fit_waits_for_the_oldest():
    """It goes as soon as enough of what was spent is a minute old."""
    clock = ManualClock()
    allowance = Allowance(clock=clock, limit=lambda: 100)
    spend = allowance.payer(0)
    await spend(50)
    clock.advance(10)
    await spend(40)
    assert allowance.pause(10) == 0
    assert allowance.pause(30) == 50
    assert allowance.pause(90) == 60
    waiting = asyncio.create_task(spend(90))
    await clock.elapse(59.9)
    assert not waiting.done()
    await clock.elapse(0.2)
    assert waiting.done()


async def test_first_readings_wait_for_nobody():
    """One who has spent nothing yet goes at once though another has used all of it, and is counted; then it waits."""
    clock = ManualClock()
    allowance = Allowance(clock=clock, limit=lambda: 100)
    await allowance.payer(0)(100)
    other = allowance.payer(40)
    await other(20)
    await other(20)
    assert clock.sleepers == 0
    waiting = asyncio.create_task(other(20))
    await clock.elapse(1)
    assert not waiting.done()
    assert allowance.pause(1) > 50
    await clock.elapse(60)
    assert waiting.done()


async def test_a_limit_that_falls_counts_at_once():
    """The limit is read anew each time."""
    limit = 100
    allowance = Allowance(clock=ManualClock(), limit=lambda: limit)
    allowance.count(60)
    assert allowance.pause(40) == 0
    limit = 80
    assert allowance.pause(40) == 60


async def test_watching_keeps_to_a_fifth_of_the_weight():
    """However many accounts are watched, all their reads together stay below the share."""
    async with trader_scene() as scene:
        watcher = scene.gateway.watcher("eon")
        began = scene.clock.monotonic()
        for _ in range(int(2400 * WATCHING / 5)):
            await watcher.wallet()
        assert scene.clock.monotonic() == began
        await watcher.wallet()
        assert scene.clock.monotonic() == pytest.approx(began + 60)


async def test_who_is_watched_for_long_delays_nobody():
    """Another account's first readings, and the prices for them, are made at once."""
    async with trader_scene() as scene:
        watcher, other, market = (
            scene.gateway.watcher("eon"),
            scene.gateway.watcher("eon"),
            scene.gateway.market_watcher(),
        )
        for _ in range(int(2400 * WATCHING / 5)):
            await watcher.wallet()
        before = scene.clock.monotonic()
        await other.wallet()
        await market.marks()
        assert scene.clock.monotonic() == before


async def test_a_flatten_may_use_what_watching_may_not():
    """Reads of a flatten go up to nine tenths of the limit, and orders always go."""
    async with trader_scene() as scene:
        scene.server.headers["X-MBX-USED-WEIGHT-1M"] = str(int(2400 * SHARES.urgent) - 5)
        await scene.trader.wallet()
        before = scene.clock.monotonic()
        await scene.trader.wallet()
        assert scene.clock.monotonic() == before
        scene.server.headers["X-MBX-USED-WEIGHT-1M"] = "2390"
        await scene.trader.wallet()
        before = scene.clock.monotonic()
        await scene.trader.place(close_order())
        assert scene.clock.monotonic() == before


async def test_rules_set_every_limit():
    """The exchange's own limits of weight and orders are in force once it told them."""
    async with trader_scene() as scene:
        rules = await scene.gateway.rules()
        assert rules.order_limits == (OrderLimit(seconds=60, orders=1200),)
        scene.server.headers["X-MBX-ORDER-COUNT-1M"] = "1200"
        await scene.trader.place(close_order())
        before = scene.clock.monotonic()
        await scene.trader.place(close_order())
        assert scene.clock.monotonic() > before
        await settle()
