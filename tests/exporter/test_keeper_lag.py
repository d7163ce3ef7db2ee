"""Readings that may lag behind the stream, and an exchange's clock that went back: an excuse breaks no promise."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from decimal import Decimal

import pytest

from drawdown_scene import rule
from keeper_scene import Scene, watching
from plimsoll.config.model import Limits
from plimsoll.model.orders import OrderKey
from plimsoll_exporter.keeper.telling import KEPT_SECONDS, NEVER, Telling

BACK = pytest.mark.parametrize("back", [2, 8, 15, 30, 3600])
PAUSES = pytest.mark.parametrize("pause", [1, 16, 31, 50])


async def told_ahead_then_lost(scene: Scene, *, back: float, pause: float) -> float:
    """A trade told by a clock that is ahead, one that is lost after it went back; gives when that was."""
    scene.set_exchange_clock(back)
    scene.measure_clock()
    await scene.pass_time(pause)
    scene.account.trade("BTCUSDT", "1", "100")
    await scene.pass_time(1)
    scene.set_exchange_clock(0)
    scene.measure_clock()
    scene.account.silent = True
    scene.account.trade("BTCUSDT", "2", "90")
    scene.account.silent = False
    return scene.clock.monotonic()


@BACK
@PAUSES
async def test_what_was_lost_after_the_clock_went_back_is_shown_no_longer_than_promised(back: float, pause: float):
    """However far ahead a row was stamped: what was lost since then is found in time, or the account is not live."""
    async with watching() as scene:
        await scene.pass_time(20)
        lost_at = await told_ahead_then_lost(scene, back=back, pause=pause)
        for _ in range(120):
            await scene.pass_time(1)
            late = scene.clock.monotonic() - lost_at > scene.view().allowed_age
            assert scene.agrees() or not late or not scene.is_live()
        assert scene.is_live()
        assert scene.agrees()


@BACK
async def test_the_promise_of_an_account_near_a_limit_is_kept_as_well(back: float):
    """It promises fifteen seconds only while its readings prove that much."""
    limits = Limits(drawdown={"total": rule("high-water", "0.1", name="total", on_breach="flatten")})
    async with watching(scene=Scene("near", limits=limits)) as scene:
        scene.account.trade("ETHUSDT", "10", "100", fee="0")
        await scene.pass_time(20)
        scene.market.prices["ETHUSDT"] = Decimal(30)
        await scene.pass_time(12)
        assert scene.view().allowed_age == 15
        lost_at = await told_ahead_then_lost(scene, back=back, pause=3)
        for _ in range(120):
            await scene.pass_time(1)
            late = scene.clock.monotonic() - lost_at > scene.view().allowed_age
            assert scene.agrees() or not late or not scene.is_live()
        assert scene.agrees()


async def test_a_gap_makes_no_row_known_that_its_reading_may_lag_behind():
    """What was lost in a gap after the clock went back is shown no longer than promised, though a reading followed."""
    async with watching() as scene:
        await scene.pass_time(20)
        lost_at = await told_ahead_then_lost(scene, back=30, pause=8)
        await scene.pass_time(28)
        scene.account.stream.cut()
        scene.account.stream.open()
        for _ in range(120):
            await scene.pass_time(1)
            late = scene.clock.monotonic() - lost_at > scene.view().allowed_age
            assert scene.agrees() or not late or not scene.is_live()
        assert scene.is_live()
        assert scene.agrees()


async def test_what_no_reading_proves_is_not_read_without_pause():
    """While every reading may lag behind a row the next one comes early, but never before five seconds are over."""
    async with watching() as scene:
        await scene.pass_time(20)
        await told_ahead_then_lost(scene, back=39, pause=1)
        await scene.pass_time(50)
        before = scene.account.counts["positions"]
        await scene.pass_time(15)
        assert 2 <= scene.account.counts["positions"] - before <= 4


async def test_orders_that_no_reading_proves_are_not_read_without_pause():
    """The same of the lists of orders."""
    async with watching() as scene:
        await scene.pass_time(20)
        key = scene.account.place("BTCUSDT").key
        scene.set_exchange_clock(39)
        scene.measure_clock()
        await scene.pass_time(30)
        amend(scene, key, "2", told=True)
        await scene.pass_time(1)
        scene.set_exchange_clock(0)
        scene.measure_clock()
        amend(scene, key, "3", told=False)
        await scene.pass_time(60)
        before = scene.account.counts["plain_orders"]
        await scene.pass_time(15)
        assert 2 <= scene.account.counts["plain_orders"] - before <= 4


@pytest.mark.parametrize("cuts", [set(), {20, 70, 120}], ids=["open", "with gaps"])
async def test_a_lag_of_seconds_keeps_a_busy_account_live(cuts: set[int]):
    """Where each reading is two seconds old and something is told every second nothing is stale or counted."""
    async with watching() as scene:
        account, seen = scene.account, deque(maxlen=3)
        for second in range(200):
            account.trade("BTCUSDT", "0.1", "100")
            seen.append((dict(account.balances), dict(account.positions_held), dict(account.orders)))
            account.frozen = seen[0]
            if second in cuts:
                account.stream.cut()
                account.stream.open()
            await scene.pass_time(1)
            assert scene.is_live()
            assert scene.agrees()
        assert scene.view().corrections == {}
        assert account.counts["positions"] < 40


@pytest.mark.parametrize("back", [8, 30])
async def test_orders_that_no_reading_proves_are_unknown_in_time(back: float):
    """An order changed untold after the clock went back is shown as it was for a minute at most."""
    async with watching() as scene:
        await scene.pass_time(20)
        key = scene.account.place("BTCUSDT").key
        scene.set_exchange_clock(back)
        scene.measure_clock()
        await scene.pass_time(30)
        amend(scene, key, "2", told=True)
        await scene.pass_time(1)
        scene.set_exchange_clock(0)
        scene.measure_clock()
        amend(scene, key, "3", told=False)
        for second in range(120):
            book = scene.view().book
            assert book is not None
            assert second <= scene.view().allowed_age or book.orders is None or book.orders[key].quantity == 3
            await scene.pass_time(1)
        assert scene.view().book.orders[key].quantity == 3


def amend(scene: Scene, key: OrderKey, quantity: str, *, told: bool) -> None:
    """Change the quantity of a resting order at the exchange."""
    account = scene.account
    account.orders[key] = replace(account.orders[key], quantity=Decimal(quantity), updated_ms=account.stamp())
    if told:
        account.tell(account._order_event(account.orders[key]))  # noqa: SLF001 - the event that a placing sends


def test_a_row_that_was_never_told_proves_nothing():
    """A reading proves as much as the earliest of the rows behind which it may lag; all of it where there is none."""
    telling = Telling()
    telling.note("USDT", 5.0)
    telling.note("BNB", 7.0)
    assert telling.proven(9.0, []) == 9.0
    assert telling.proven(6.0, ["BNB"]) == 6.0
    assert telling.proven(9.0, ["BNB", "USDT"]) == 5.0
    assert telling.proven(9.0, ["USDC"]) == NEVER


def test_what_was_told_long_ago_is_forgotten():
    """Ended orders do not fill the memory; a row told again counts from then."""
    telling = Telling()
    telling.note("USDT", 0.0)
    telling.note("BNB", 1.0)
    telling.note("USDT", 2.0)
    telling.note("USDC", 1.5 + KEPT_SECONDS)
    assert telling.proven(9.0, ["BNB"]) == NEVER
    assert telling.proven(9.0, ["USDT"]) == 2.0
