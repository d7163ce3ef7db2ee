"""How often accounts are read: inside the address's budget for any number of them, and what is promised of it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawdown_scene import rule
from keeper_scene import Scene, watching
from manual_clock import ManualClock
from plimsoll.config.model import Limits
from plimsoll.errors import Banned, ExchangeError, KeyRefused, Throttled, Unavailable
from plimsoll.state.compare import LAG_MS
from plimsoll_exporter.keeper.schedule import RECONCILE_SECONDS, SWEEP_WEIGHT, Schedule, plan, reconcile_weight
from plimsoll_exporter.keeper.waiting import retry_delay, wait_until

LIMIT = 2400


def weight_a_minute(counts: list[int]) -> float:
    """Request weight a minute that a plan costs."""
    made = plan(counts, LIMIT)
    readings = sum(map(reconcile_weight, counts)) * 60 / made.reconcile
    return readings + len(counts) * SWEEP_WEIGHT * 60 / made.sweep


@pytest.mark.parametrize(("accounts", "allowed_age"), [(1, 60), (20, 60), (40, 60), (48, 72), (100, 154), (200, 310)])
def test_any_number_of_accounts_stays_inside_the_budget(accounts: int, allowed_age: float):
    """With five positions each: at most 60 % of 2,400 a minute, and the promise says what that means."""
    counts = [5] * accounts
    assert weight_a_minute(counts) <= 0.6 * LIMIT
    assert 60 <= plan(counts, LIMIT).allowed_age <= allowed_age


def test_a_row_excuses_one_reading_at_most():
    """A row stamped by a clock that ran 10 s ahead excuses no second reading: what was lost is found by that one."""
    assert LAG_MS < (RECONCILE_SECONDS - 10) * 1000


@given(counts=st.lists(st.integers(0, 200), max_size=300))
def test_no_load_breaks_the_budget(counts: list[int]):
    """Whatever the accounts hold, the plan fits, and never reads more often than it promises."""
    assert weight_a_minute(counts) <= 0.6 * LIMIT
    made = plan(counts, LIMIT)
    assert made.reconcile >= 55
    assert made.sweep >= 900
    assert made.allowed_age > made.reconcile


def test_the_plan_follows_load_and_limit():
    """More symbols or a smaller limit stretch the intervals; the load is what the accounts told last."""
    schedule = Schedule(weight_limit=LIMIT)
    for number in range(100):
        schedule.tell(f"a{number}", 5)
    stretched = schedule.plan
    assert stretched.allowed_age > 60
    schedule.tell("a0", 5)
    assert schedule.plan is stretched
    schedule.set_limit(10 * LIMIT)
    assert schedule.plan.allowed_age == 60
    assert schedule.load["a0"] == 5


async def test_twenty_accounts_at_once_read_their_cores_before_any_sweep():
    """At the start every account's core is asked for before the first expensive sweep, and all become live."""
    scene = Scene(*(f"a{number}" for number in range(20)))
    order: list[tuple[str, int]] = []
    for account in scene.accounts.values():
        account.latency = 0.1
    async with watching(scene=scene, live=False):
        await scene.pass_time(3)
        assert all(map(scene.is_live, scene.accounts))
        for account in scene.accounts.values():
            first = next(index for index, name in enumerate(account.calls) if name == "plain_orders")
            assert {"wallet", "positions", "settings", "symbol_settings", "brackets"} <= set(account.calls[:first])
        order.extend((name, account.weight) for name, account in scene.accounts.items())
        assert len(order) == 20


async def test_one_account_costs_what_the_plan_says():
    """Ten quiet minutes of one account with five symbols cost what the schedule reckons with."""
    async with watching() as scene:
        for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT"):
            scene.account.trade(symbol, "1", "100")
        await scene.pass_time(120)
        weight = scene.account.weight
        await scene.pass_time(600)
        assert scene.account.weight - weight <= 600 / 55 * reconcile_weight(4) + reconcile_weight(4)


@pytest.mark.parametrize(
    ("error", "failures", "seconds"),
    [
        (Unavailable("502"), 1, 1),
        (Unavailable("502"), 4, 8),
        (Unavailable("502"), 5000, 30),
        (KeyRefused("-2015"), 1, 5),
        (KeyRefused("-2015"), 9, 60),
        (Throttled("429", retry_after=7), 3, 7),
        (Throttled("429", retry_after=0), 3, 1),
        (Throttled("429"), 3, 4),
        (Banned("418", retry_after=259200), 1, 259200),
    ],
)
def test_how_long_is_waited_after_a_failure(error: ExchangeError, failures: int, seconds: float):
    """Doubling up to half a minute; rarely where a human must act; as long as the exchange says where it says."""
    assert retry_delay(error, failures) == seconds


async def test_waiting_ends_with_work_or_time_and_can_be_cancelled():
    """Whichever comes first ends the waiting, and nothing is left behind."""
    clock, work = ManualClock(), asyncio.Event()
    waiting = asyncio.create_task(wait_until(work, clock.monotonic() + 10, clock))
    await clock.elapse(9)
    assert not waiting.done()
    work.set()
    await waiting
    assert not work.is_set()
    waiting = asyncio.create_task(wait_until(work, clock.monotonic() + 10, clock))
    await clock.elapse(10)
    assert waiting.done()
    waiting = asyncio.create_task(wait_until(work, clock.monotonic() + 10, clock))
    await clock.elapse(1)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert clock.sleepers == 0


def test_sweeps_wait_for_one_another():
    """Of accounts that want to sweep together a few begin, the others one by one as their share of weight allows."""
    schedule = Schedule(weight_limit=2400)
    begun = [second for second in range(120) for _ in range(5) if schedule.may_sweep(float(second))]
    assert begun == [0, 0, 0, 0, 16, 32, 47, 63, 79, 94, 110]


def test_accounts_read_together_are_read_apart_afterwards():
    """The first intervals after a sync are spread, none of them longer than the usual one."""
    schedule = Schedule(weight_limit=2400)
    shares = sorted(schedule.stagger() for _ in range(20))
    assert 0.25 <= shares[0] <= shares[-1] <= 1
    assert max(after - before for before, after in pairwise(shares)) < 0.1


@given(usual=st.lists(st.integers(0, 50), max_size=150), near=st.lists(st.integers(0, 50), max_size=150))
def test_accounts_near_a_limit_are_read_more_often_inside_the_budget(usual: list[int], near: list[int]):
    """However many are near: the plan fits, they never wait longer than the others, and what is promised is planned."""
    made = plan(usual, LIMIT, hasty=near)
    weight = (
        sum(map(reconcile_weight, usual)) * 60 / made.reconcile + sum(map(reconcile_weight, near)) * 60 / made.hasty
    )
    assert weight + (len(usual) + len(near)) * SWEEP_WEIGHT * 60 / made.sweep <= 0.6 * LIMIT
    assert 10 <= made.hasty <= made.reconcile
    assert made.reconcile >= 55
    assert made.hasty_age == made.hasty + 5


@pytest.mark.parametrize(
    ("usual", "near", "age", "hasty_age"),
    [(0, 1, 60, 15), (20, 4, 60, 15), (30, 1, 60, 15), (39, 1, 64, 15), (0, 40, 60, 57)],
)
def test_only_the_accounts_near_a_limit_are_promised_more(usual: int, near: int, age: float, hasty_age: float):
    """15 s while the budget lasts, longer when many are near; the others wait for that only where it is short."""
    made = plan([5] * usual, LIMIT, hasty=[5] * near)
    assert made.allowed_age == pytest.approx(age, abs=0.1)
    assert made.hasty_age == pytest.approx(hasty_age, abs=8)


def test_the_short_promise_is_made_only_while_it_is_kept():
    """Until it is read hastily, and while REST fails, an account near its limit promises what the others do."""
    schedule = Schedule(weight_limit=LIMIT)
    schedule.tell("a", 5)
    assert schedule.hasten("a", near=True)
    assert not schedule.hasten("a", near=True)
    assert [schedule.promise("a", age) for age in (40, 15, 15.1)] == [60, 15, 60]
    assert schedule.promise("b", 1) == 60
    assert (schedule.due("a", 155, 100), schedule.due("b", 155, 100)) == (110, 155)
    assert schedule.hasten("a", near=False)
    assert schedule.promise("a", 1) == 60


async def test_near_a_drawdown_limit_a_lost_event_is_found_within_fifteen_seconds():
    """Only the account concerned is read every ten seconds, and stays live when one such reading is late."""
    limits = Limits(drawdown={"total": rule("high-water", "0.1", name="total", on_breach="flatten")})
    async with watching(scene=Scene("near", "far", limits=limits)) as scene:
        near, far = scene.accounts["near"], scene.accounts["far"]
        near.trade("BTCUSDT", "10", "100", fee="0")
        await scene.pass_time(60)
        assert scene.view("near").allowed_age == 60
        scene.market.prices["BTCUSDT"] = Decimal(30)
        await scene.pass_time(12)
        assert (scene.view("near").allowed_age, scene.view("far").allowed_age) == (15, 60)
        before = {name: account.calls.count("positions") for name, account in scene.accounts.items()}
        near.silent = True
        near.trade("ETHUSDT", "1", "100", fee="0")
        await scene.pass_time(15)
        assert scene.agrees("near")
        near.silent = False
        await scene.pass_time(60)
        assert near.calls.count("positions") - before["near"] >= 6
        assert far.calls.count("positions") - before["far"] <= 3
        near.latency = 20
        for _ in range(25):
            await scene.pass_time(1)
            assert scene.is_live("near")
