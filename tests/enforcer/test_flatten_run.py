"""The flattener against a made-up exchange, in a time of its own: the loop, and how it ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_rules import instrument
from fake_trader import BOTH, LONG, SHORT, FakeTrader
from fake_trader_faults import Fault, refusal, unavailable
from flatten_accounts import FOR_EVER, assert_flat, busy_account, flatten, long
from flatten_chaos import CLOSE_CODES
from memory_log import MemoryLog
from plimsoll.model.market import Grid
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.run import CONFIRM_AFTER, LATE_AFTER, Flattener
from virtual_time import VirtualClock, play, running, until

D = Decimal


@pytest.mark.parametrize(("round_trip", "most"), [(0.02, 0.6), (0.25, 2.0)])
def test_an_account_with_everything_ends_flat_in_six_round_trips(round_trip: float, most: float):
    """Read, cancel, close, read back, cancel what protected, read back."""
    trader = busy_account(round_trip)
    result = flatten(trader)
    assert_flat(trader, result)
    assert result.seconds_to_flat == pytest.approx(6 * round_trip)
    assert result.seconds_to_flat <= most
    assert result.orders_cancelled == 15


def test_an_empty_account_is_flat_at_once():
    """One look tells, a second one confirms."""
    trader, log = FakeTrader(), MemoryLog()
    result = flatten(trader, log)
    assert_flat(trader, result)
    assert result.positions == ()
    assert [kind for kind in log.kinds() if kind != "read"] == ["begin", "flat", "confirmed"]


def test_the_result_tells_what_was_closed_at_what_price():
    """Prices come with the answers, or are asked for while the second look is waited for."""
    for told in (True, False):
        trader = long(prices_in_answers=told)
        row = flatten(trader).positions[0]
        assert (row.symbol, row.amount, row.closed, row.average_price) == ("BTCUSDT", 1, 1, 100)
        assert trader.calls.count("find") == (0 if told else 1)


def test_a_price_that_cannot_be_asked_for_is_unknown():
    """Nothing waits for it."""
    trader = long(Fault(call="find", error=unavailable(), times=FOR_EVER), prices_in_answers=False)
    assert flatten(trader).positions[0].average_price is None
    forgotten = long(prices_in_answers=False)
    forgotten.meanwhile = lambda _call: forgotten.placed.clear() if forgotten.calls[-1] == "algo_orders" else None
    assert flatten(forgotten).positions[0].closed == 1


def test_a_hedged_account_ends_flat():
    """Both legs are closed, each by its side, the excess of one first."""
    trader = FakeTrader(hedge=True)
    trader.hold("BTCUSDT", "10", side=LONG)
    trader.hold("BTCUSDT", "-4", side=SHORT)
    result = flatten(trader)
    assert_flat(trader, result)
    assert [order.quantity for order in trader.sent] == [6, 2, 2, 2, 2]
    assert {row.position_side: row.closed for row in result.positions} == {LONG: 10, SHORT: 4}


def test_what_comes_after_flat_is_closed_as_well():
    """Anything found by the second look begins the loop anew; the time to flat is that of the look that held."""
    trader, log = long(), MemoryLog()

    async def run() -> FlattenResult:
        task = asyncio.ensure_future(Flattener(trader, trader, VirtualClock()).flatten(log))
        await until(lambda: "flat" in log.kinds())
        trader.hold("BTCUSDT", "-3")
        return await task

    result = play(run())
    assert_flat(trader, result)
    assert log.kinds().count("flat") == 2
    assert result.seconds_to_flat is not None
    assert result.seconds_to_flat > CONFIRM_AFTER / 2


def test_a_second_look_that_fails_is_repeated():
    """Flat is not confirmed by a failure, nor denied by it."""
    trader, log = long(), MemoryLog()

    async def run() -> FlattenResult:
        task = asyncio.ensure_future(Flattener(trader, trader, VirtualClock()).flatten(log))
        await until(lambda: "flat" in log.kinds())
        trader.faults = [Fault(call="plain_orders", error=unavailable(), times=3)]
        return await task

    assert_flat(trader, play(run()))
    assert log.kinds().count("flat") == 1


def test_late_is_told_once_and_the_run_goes_on():
    """Thirty seconds without flat: somebody is told what is left, and closing goes on until it is done."""
    trader, told = long(Fault(call="place", error=refusal(-4141), times=9)), []
    times: list[float] = []

    def late(result: FlattenResult) -> None:
        told.append(result)
        times.append(running().time())

    result = play(Flattener(trader, trader, VirtualClock()).flatten(MemoryLog(), late=late))
    assert_flat(trader, result)
    assert times == [LATE_AFTER]
    assert not told[0].flat
    assert told[0].residual_exposure_usd == 100
    assert told[0].positions[0].left == 1
    assert "market is closed" in told[0].positions[0].why_left


@pytest.mark.parametrize("comes_back", [True, False])
def test_late_waits_for_the_second_look(comes_back: bool):  # noqa: FBT001 - a parameter of the test
    """Who is flat after thirty seconds, but not yet confirmed, is told late only if that does not hold."""
    failing = Fault(call="place", error=unavailable(), times=FOR_EVER)
    trader, log, told = long(failing, round_trip=0.1), MemoryLog(), []
    flat_at: list[float] = []

    async def run() -> FlattenResult:
        task = asyncio.ensure_future(Flattener(trader, trader, VirtualClock()).flatten(log, late=told.append))
        await asyncio.sleep(27)
        trader.faults.clear()
        await until(lambda: "flat" in log.kinds())
        flat_at.append(running().time())
        if comes_back:
            trader.hold("BTCUSDT", "2")
        return await task

    assert_flat(trader, play(run()))
    assert LATE_AFTER - CONFIRM_AFTER < flat_at[0] < LATE_AFTER
    assert len(told) == comes_back


def test_somebody_else_closes_meanwhile():
    """A stop that fires, a liquidation, another enforcer: what is gone is not closed again."""
    trader = FakeTrader()
    trader.hold("BTCUSDT", "300")
    trader.instruments["BTCUSDT"] = instrument("BTCUSDT", market_most="30")

    def fires(_call: str) -> None:
        if len(trader.sent) == 3:
            trader.change(("BTCUSDT", BOTH), D(0))

    trader.meanwhile = fires
    result = flatten(trader)
    assert_flat(trader, result)
    assert len(trader.sent) <= 4


def test_two_flatteners_at_once():
    """What they close together is the position, once, and both end flat."""
    trader = busy_account(0.02)
    logs = [MemoryLog(run_id="aaaaaaaa"), MemoryLog(run_id="bbbbbbbb")]

    async def both() -> list[FlattenResult]:
        return await asyncio.gather(*(Flattener(trader, trader, VirtualClock()).flatten(log) for log in logs))

    for result in play(both()):
        assert_flat(trader, result)
    executed = sum(placed.executed for placed in trader.placed.values())
    assert executed == 2 * D("1.5") + 3 * D("2.5")


def test_a_residual_is_told():
    """Less than a step cannot be closed by any order: it is said, and looked at again and again."""
    trader, told = FakeTrader(), []
    trader.hold("BTCUSDT", "0.0004")
    trader.hold("ETHUSDT", "1")

    async def run() -> None:
        task = asyncio.ensure_future(Flattener(trader, trader, VirtualClock()).flatten(MemoryLog(), late=told.append))
        await asyncio.sleep(100)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    play(run())
    assert trader.open == {("BTCUSDT", BOTH): D("0.0004")}
    dust = next(row for row in told[0].positions if row.symbol == "BTCUSDT")
    assert "less than one step" in dust.why_left
    assert told[0].residual_exposure_usd == D("0.04")


def test_under_the_least_market_order_a_limit_order_closes():
    """LOT_SIZE may take what MARKET_LOT_SIZE does not."""
    trader = long()
    known = trader.instruments["BTCUSDT"]
    trader.instruments["BTCUSDT"] = replace(known, market_quantity=Grid(least=D(5), most=D(120), step=D("0.001")))
    assert_flat(trader, flatten(trader))
    assert trader.sent[-1].form.value == "limit-at-band"


def test_an_account_that_cannot_be_reached_for_a_while():
    """Twenty seconds without the exchange, and then it goes on at once."""
    trader = busy_account(0.02)
    trader.faults = [Fault(call="*", error=unavailable(), times=FOR_EVER)]

    async def run() -> FlattenResult:
        task = asyncio.ensure_future(Flattener(trader, trader, VirtualClock()).flatten(MemoryLog()))
        await asyncio.sleep(20)
        trader.faults.clear()
        return await task

    result = play(run())
    assert_flat(trader, result)
    assert result.seconds_to_flat is not None
    assert result.seconds_to_flat < 23


def test_a_rehearsal_reads_and_sends_nothing():
    """What would have been done is told; what could not be read is tried again a few times."""
    trader, log = busy_account(0.02), MemoryLog()
    trader.faults = [Fault(call="plain_orders", error=unavailable())]
    result = play(Flattener(trader, trader, VirtualClock()).rehearse(log))
    assert not result.flat
    assert {row.why_left for row in result.positions} == {"dry run: nothing was sent"}
    assert result.residual_exposure_usd == 2 * 150 + 3 * 250
    assert set(trader.calls) == {"positions", "plain_orders", "algo_orders", "rules"}
    assert log.kinds().count("would-close") == 5
    assert log.kinds().count("would-cancel") == 15
    assert ("would-close", "sell 1.5 S1USDT (market)") in log.steps


def test_a_rehearsal_of_what_cannot_be_read():
    """It says so rather than that there was nothing."""
    trader = FakeTrader(faults=[Fault(call="*", error=unavailable(), times=FOR_EVER)])
    result = play(Flattener(trader, trader, VirtualClock()).rehearse(MemoryLog()))
    assert not result.flat
    assert result.residual_exposure_usd is None


def test_a_rehearsal_of_an_empty_account():
    """Nothing would be done, and it is flat."""
    trader = FakeTrader()

    async def twice() -> FlattenResult:
        flattener = Flattener(trader, trader, VirtualClock())
        await flattener.rehearse(MemoryLog())
        return await flattener.rehearse(MemoryLog())

    assert play(twice()).flat
    assert trader.calls.count("rules") == 1


legs = st.integers(-300, 300).filter(bool).map(lambda steps: D(steps) / 100)
codes = st.lists(st.sampled_from(CLOSE_CODES), max_size=6)


@settings(max_examples=60, deadline=None)
@given(hedge=st.booleans(), amounts=st.lists(st.tuples(legs, legs), min_size=1, max_size=4), refusals=codes)
def test_nothing_is_ever_increased_or_flipped(
    hedge: bool,  # noqa: FBT001 - a parameter of the test
    amounts: list[tuple[Decimal, Decimal]],
    refusals: list[int],
):
    """Whatever is held and refused, no leg ever grows or turns, and the account ends flat."""
    trader = FakeTrader(hedge=hedge, faults=[Fault(call="place", error=refusal(code)) for code in refusals])
    for number, (one, other) in enumerate(amounts):
        if hedge:
            trader.hold(f"S{number}USDT", str(abs(one)), side=LONG)
            trader.hold(f"S{number}USDT", str(-abs(other)), side=SHORT)
        else:
            trader.hold(f"S{number}USDT", str(one))
    last = dict(trader.amounts)

    def look(_call: str) -> None:
        for key, amount in trader.amounts.items():
            assert abs(amount) <= abs(last[key])
            assert amount * last[key] >= 0
            last[key] = amount

    trader.meanwhile = look
    assert_flat(trader, flatten(trader))
