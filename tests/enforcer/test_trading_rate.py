"""The order rate of one account: what is held back, for how long, and what is not."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_rest_server import QuickClock
from manual_clock import ManualClock, settle
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.model.market import OrderLimit
from plimsoll_enforcer.trading.rate import EDGE, OrderRate

TEN = "X-MBX-ORDER-COUNT-10S"
MINUTE = "X-MBX-ORDER-COUNT-1M"
SMALL = (OrderLimit(seconds=10, orders=3), OrderLimit(seconds=60, orders=5))


def rate(clock: ManualClock, limits: tuple[OrderLimit, ...] = SMALL) -> OrderRate:
    """The rate of an account, by an exchange clock that agrees with the test's."""
    return OrderRate(clock=clock, exchange_clock=ExchangeClock(clock), limits=limits)


async def spend(orders: OrderRate, headers: dict[str, str] | None = None, *, counted: bool = True) -> None:
    """Send one order and take its answer."""
    async with orders.spend() as turn:
        turn.counted = counted
        if headers is not None:
            turn.take(headers)


async def test_orders_within_the_limit_wait_for_nothing():
    """What the limit allows goes at once."""
    clock = QuickClock()
    orders = rate(clock)
    for _ in range(3):
        await spend(orders)
    assert clock.slept == []


async def test_the_order_after_the_last_waits_for_the_next_window():
    """It goes as soon as the exchange has surely begun to count anew."""
    clock = QuickClock()
    clock.advance(4)
    orders = rate(clock)
    for _ in range(4):
        await spend(orders)
    assert clock.now() % 10 == pytest.approx(EDGE)
    assert sum(clock.slept) == pytest.approx(6 + EDGE)


async def test_the_longer_window_holds_back_too():
    """Three in each of two windows are five in the minute: the sixth waits for the minute."""
    clock = QuickClock()
    orders = rate(clock)
    for _ in range(6):
        await spend(orders)
    assert clock.now() % 60 == pytest.approx(EDGE)


async def test_orders_of_others_count():
    """The exchange tells what the account's other programs have sent: there is room for one more, and no further."""
    clock = QuickClock()
    orders = rate(clock)
    await spend(orders, {TEN: "2", MINUTE: "2"})
    await spend(orders)
    assert clock.slept == []
    await spend(orders, {TEN: "nonsense"})
    await spend(orders)
    assert sum(clock.slept) == pytest.approx(10 + EDGE)


async def test_orders_on_their_way_count_beside_what_was_told():
    """Two that have no answer yet may not be in the count that a third one brought."""
    clock = ManualClock()
    orders = rate(clock, (OrderLimit(seconds=10, orders=5),))
    async with orders.spend(), orders.spend():
        await spend(orders, {TEN: "3"})
        waiting = asyncio.create_task(spend(orders))
        await settle()
        assert clock.sleepers == 1
        clock.advance(10 + EDGE)
        await waiting


async def test_what_certainly_failed_is_not_counted():
    """The exchange does not count what it could not take."""
    clock = QuickClock()
    orders = rate(clock)
    for _ in range(5):
        await spend(orders, counted=False)
    for _ in range(3):
        await spend(orders)
    assert clock.slept == []


async def test_an_order_at_the_turn_counts_for_both_windows():
    """Nobody knows in which of them the exchange has counted it."""
    clock = QuickClock()
    clock.advance(10 - EDGE / 2)
    orders = rate(clock)
    await spend(orders)
    clock.advance(2 * EDGE)
    for _ in range(2):
        await spend(orders)
    assert clock.slept == []
    await spend(orders)
    assert sum(clock.slept) > 9


async def test_an_order_that_is_answered_in_the_next_window_counts_there_too():
    """It may have lain at the exchange until then."""
    clock = QuickClock()
    orders = rate(clock)
    async with orders.spend() as turn:
        clock.advance(11)
        turn.take({TEN: "250"})
    await spend(orders)
    await spend(orders)
    assert clock.slept == []
    await spend(orders)
    assert clock.slept


async def test_what_failed_in_an_earlier_window_counts_nowhere():
    """A certain failure that is told only in the next window takes no room there."""
    clock = QuickClock()
    orders = rate(clock)
    async with orders.spend() as turn:
        clock.advance(11)
        turn.counted = False
    for _ in range(3):
        await spend(orders)
    assert clock.slept == []


async def test_an_idle_account_begins_anew():
    """Windows long past count for nothing."""
    clock = QuickClock()
    orders = rate(clock)
    for _ in range(3):
        await spend(orders)
    clock.advance(3600)
    for _ in range(3):
        await spend(orders)
    assert clock.slept == []


async def test_after_a_refusal_it_waits_for_the_window():
    """-1015 without a time: the next window; with one: that long; never shorter than already known."""
    clock = QuickClock()
    clock.advance(7)
    orders = rate(clock)
    orders.refused(None)
    orders.refused(0.5)
    await spend(orders)
    assert sum(clock.slept) == pytest.approx(3 + EDGE)
    orders.refused(20)
    await spend(orders)
    assert sum(clock.slept) == pytest.approx(3 + EDGE + 20)


async def test_limits_as_told():
    """The limits told later are in force at once, with what was sent before; none told leaves them as they are."""
    clock = QuickClock()
    orders = rate(clock)
    await spend(orders)
    orders.set_limits([OrderLimit(seconds=10, orders=2), OrderLimit(seconds=3600, orders=9)])
    orders.set_limits([])
    await spend(orders)
    assert clock.slept == []
    await spend(orders)
    assert sum(clock.slept) == pytest.approx(10 + EDGE)


async def test_limits_of_a_window_unheard_of():
    """A limit that has no header of its own is kept by our own count."""
    clock = QuickClock()
    orders = rate(clock, (OrderLimit(seconds=30, orders=2),))
    for _ in range(3):
        await spend(orders, {TEN: "200"})
    assert sum(clock.slept) == pytest.approx(30 + EDGE)


@settings(max_examples=60, deadline=None)
@given(
    start=st.floats(0, 59),
    gaps=st.lists(st.floats(0, 4), min_size=1, max_size=60),
    most=st.integers(1, 6),
)
async def test_the_exchange_never_refuses(start: float, gaps: list[float], most: int):
    """Whenever orders come, an exchange that counts whole windows never sees more in one than it allows."""
    clock = QuickClock()
    clock.advance(start)
    orders = rate(clock, (OrderLimit(seconds=10, orders=most),))
    counts: dict[int, int] = {}
    for gap in gaps:
        clock.advance(gap)
        async with orders.spend():
            window = int(clock.now() // 10)
            counts[window] = counts.get(window, 0) + 1
            assert counts[window] <= most
