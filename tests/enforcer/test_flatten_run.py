"""The flattener against a made-up exchange, in a time of its own: the loop, what disturbs it, and how it ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_trader import BOTH, LONG, SHORT, FakeTrader, instrument
from fake_trader_faults import Fault, html, refusal, unavailable, unknown
from flatten_chaos import CLOSE_CODES
from memory_log import MemoryLog
from plimsoll.model.market import Grid
from plimsoll.model.terms import Direction
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.run import CONFIRM_AFTER, LATE_AFTER, Flattener
from plimsoll_enforcer.trading.port import CloseOrder, Placed
from virtual_time import VirtualClock, play, running, until

BUY, SELL = Direction.BUY, Direction.SELL
D = Decimal
FOR_EVER = 10**9


def flatten(trader: FakeTrader, log: MemoryLog | None = None) -> FlattenResult:
    """A whole run; nobody may have been offended by it."""
    result = play(Flattener(trader, trader, VirtualClock()).flatten(log or MemoryLog()))
    assert trader.offences == []
    return result


def long(*faults: Fault, quantity: str = "1", **more: object) -> FakeTrader:
    """A long of BTCUSDT and its stop."""
    trader = FakeTrader(faults=list(faults), **more)  # type: ignore[arg-type]
    trader.hold("BTCUSDT", quantity)
    trader.stop("BTCUSDT", SELL, quantity)
    return trader


def assert_flat(trader: FakeTrader, result: FlattenResult) -> None:
    """Flat, by its own word and in truth."""
    assert trader.flat
    assert result.flat
    assert result.confirmed
    assert result.orders_left == 0
    assert result.residual_exposure_usd == 0
    assert {row.left for row in result.positions} <= {D(0)}
    assert {row.why_left for row in result.positions} <= {""}


def busy_account(round_trip: float) -> FakeTrader:
    """Five positions, each with a plain order, a stop, and a conditional order that could open."""
    trader = FakeTrader(round_trip=round_trip)
    for number in range(5):
        symbol = f"S{number}USDT"
        trader.hold(symbol, "1.5" if number % 2 else "-2.5")
        trader.rest(symbol, BUY, "1")
        trader.stop(symbol, SELL, "1.5")
        trader.stop(symbol, BUY, "1", reduce_only=False)
    return trader


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


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("error", [unknown(), html(), refusal(-1007)])
def test_an_unknown_execution_is_looked_up(error: Exception, executed: bool):  # noqa: FBT001 - a parameter of the test
    """What arrived is not sent again; what did not is sent anew under another id, after several look-ups."""
    trader = long(Fault(call="place", error=error, executed=executed))  # type: ignore[arg-type]
    assert_flat(trader, flatten(trader))
    assert len(trader.sent) == (1 if executed else 2)
    assert trader.calls.count("find") == (1 if executed else 5)


def test_an_order_that_arrives_late_is_not_doubled():
    """An order that the exchange carries out a second later is found by then."""
    trader = long(Fault(call="place", late=1.0))
    assert_flat(trader, flatten(trader))
    assert len(trader.sent) == 1


def test_when_nobody_can_tell_the_run_goes_on_and_asks_again_at_the_end():
    """Look-ups that fail hold a symbol up for a while only; the record gets its answer when it can be had."""
    log = MemoryLog()
    trader = long(
        Fault(call="place", error=unknown(), executed=True), Fault(call="find", error=unavailable(), times=11)
    )
    trader.hold("ETHUSDT", "3")
    assert_flat(trader, flatten(trader, log))
    assert log.unanswered() == ()
    stuck = MemoryLog()
    trader = long(
        Fault(call="place", error=unknown(), executed=True), Fault(call="find", error=unavailable(), times=FOR_EVER)
    )
    assert_flat(trader, flatten(trader, stuck))
    assert len(stuck.unanswered()) == 1


def test_a_duplicate_id_is_good_news():
    """-4116 says that the order exists: it is looked up."""
    trader = long(Fault(call="place", error=refusal(-4116), executed=True))
    assert_flat(trader, flatten(trader))
    assert len(trader.sent) == 1


@pytest.mark.parametrize("executed", [True, False])
def test_an_unknown_code_is_looked_up_once(executed: bool):  # noqa: FBT001 - a parameter of the test
    """A refusal that nobody knows might not be one."""
    trader = long(Fault(call="place", error=refusal(-9999), executed=executed))
    assert_flat(trader, flatten(trader))
    assert len(trader.sent) == (1 if executed else 2)


def test_the_whole_ladder_is_climbed():
    """Market, limit at the edge of the band, the opponent's price, at last a limit at the mark, that fills in time."""
    trader = long(*(Fault(call="place", error=refusal(code)) for code in (-4131, -4024, -5041)))
    log = MemoryLog()
    result = flatten(trader, log)
    assert_flat(trader, result)
    assert [order.form.value for order in trader.sent] == ["market", "limit-at-band", "limit-opponent", "limit-at-mark"]
    # It filled only after its answer, and is counted all the same.
    assert result.positions[0].closed == 1
    assert result.positions[0].average_price == 100


def test_a_resting_order_that_nobody_takes_is_chased():
    """After its time it is cancelled, and the first form comes again."""
    trader = long(*(Fault(call="place", error=refusal(code)) for code in (-4131, -4024, -5041)), rest_fills=None)
    assert_flat(trader, flatten(trader))
    assert [order.form.value for order in trader.sent][-2:] == ["limit-at-mark", "market"]


def test_a_partial_fill_is_followed_by_the_rest():
    """A market order that the exchange cut off (er 9) is followed by one for what is left."""
    trader = long(Fault(call="place", share=D("0.25")))
    assert_flat(trader, flatten(trader))
    assert [order.quantity for order in trader.sent] == [1, D("0.75")]


def test_protective_orders_that_stand_in_the_way_go():
    """They stay through the first refusal, and go after the second."""
    trader = long(algo_reserves={"BTCUSDT"})
    assert_flat(trader, flatten(trader))
    before = trader.calls[: trader.calls.index("cancel_algos")]
    assert before.count("place") == 2


def test_protective_orders_stay_until_the_position_is_gone():
    """Otherwise they are cancelled only after a reading that shows no position."""
    trader = long()
    held: list[Decimal] = []
    trader.meanwhile = lambda call: held.append(trader.amounts["BTCUSDT", BOTH]) if call == "cancel_algos" else None
    flatten(trader)
    assert held == [0]
    assert "cancel_algo" not in trader.calls


def test_margin_shortage_makes_smaller_orders_in_turn():
    """Halves go out where the whole was refused, one symbol at a time."""
    trader = long(Fault(call="place", error=refusal(-2019), times=2))
    trader.hold("ETHUSDT", "5")
    assert_flat(trader, flatten(trader))
    halves = [order.quantity for order in trader.sent[2:]]
    assert halves == [D("2.5"), D("2.5"), D("0.5"), D("0.5")]


@pytest.mark.parametrize("code", [-4061, -1106, -4062])
def test_a_changed_mode_is_read(code: int):
    """The settings are read for the record, and the order is built anew from the positions."""
    trader, log = long(Fault(call="place", error=refusal(code))), MemoryLog()
    assert_flat(trader, flatten(trader, log))
    assert ("read", "the position mode is one-way") in log.steps
    unreadable = long(
        Fault(call="place", error=refusal(code)), Fault(call="settings", error=unavailable(), times=FOR_EVER)
    )
    assert_flat(unreadable, flatten(unreadable))


def test_the_clock_is_measured_when_ours_is_off():
    """-1021 asks for it; a measure that fails is made again at the next refusal."""
    trader = long(Fault(call="place", error=refusal(-1021), times=3), Fault(call="measure_clock", error=unavailable()))
    assert_flat(trader, flatten(trader))
    assert "measure_clock" in trader.calls


def test_the_rules_are_read_again_when_they_have_changed():
    """A refusal for the size asks for them, and holds nothing up."""
    trader = long(quantity="90")
    known = trader.instruments["BTCUSDT"]
    trader.instruments["BTCUSDT"] = replace(known, market_quantity=replace(known.market_quantity, most=D(2000)))
    flattener = Flattener(trader, trader, VirtualClock())

    async def run() -> FlattenResult:
        flattener.know(await trader.rules())
        trader.instruments["BTCUSDT"] = replace(known, market_quantity=replace(known.market_quantity, most=D(1)))
        return await flattener.flatten(MemoryLog())

    assert_flat(trader, play(run()))
    assert trader.calls.count("rules") >= 2


def test_old_rules_are_read_again_beside_a_run():
    """What was read an hour ago serves, and is renewed while the run is busy."""
    trader = long(Fault(call="place", error=refusal(-4141)))
    flattener = Flattener(trader, trader, VirtualClock())

    async def run() -> FlattenResult:
        await flattener.prepare()
        await asyncio.sleep(4000)
        return await flattener.flatten(MemoryLog())

    assert_flat(trader, play(run()))
    assert trader.calls.count("rules") == 2


def test_rules_that_cannot_be_read_hold_nothing_up():
    """A whole position goes out as one order, and is halved where that is too large."""
    trader = long(Fault(call="rules", error=unavailable(), times=FOR_EVER), quantity="90")
    known = trader.instruments["BTCUSDT"]
    trader.instruments["BTCUSDT"] = replace(known, market_quantity=replace(known.market_quantity, most=D(30)))
    result = flatten(trader)
    assert_flat(trader, result)
    assert result.seconds_to_flat is not None
    assert result.seconds_to_flat < 1


def test_orders_that_cannot_be_read_hold_no_close_up():
    """Positions are closed at once; it is not flat until the lists could be read."""
    trader = busy_account(0.02)
    trader.faults = [Fault(call=call, error=unavailable(), times=20) for call in ("plain_orders", "algo_orders")]
    closed: list[float] = []
    trader.meanwhile = lambda _call: closed.append(running().time()) if not trader.open else None
    result = flatten(trader)
    assert_flat(trader, result)
    assert closed[0] < 0.2
    assert result.seconds_to_flat is not None
    assert result.seconds_to_flat > 1


def test_orders_that_take_long_to_read_hold_no_close_up():
    """A list that does not come in time is gone without for a while, and waited for longer the next time."""
    trader = busy_account(0.02)
    trader.faults = [Fault(call="algo_orders", seconds=3.0, times=FOR_EVER)]
    closed: list[float] = []
    trader.meanwhile = lambda _call: closed.append(running().time()) if not trader.open else None
    assert_flat(trader, flatten(trader))
    assert closed[0] < 1


def test_positions_that_cannot_be_read_hold_no_cancel_up():
    """What could open is cancelled meanwhile; nothing is closed unseen."""
    trader = busy_account(0.02)
    trader.faults = [Fault(call="positions", error=unavailable(), times=3), Fault(call="positions", seconds=5.0)]
    trader.meanwhile = lambda _call: None
    log = MemoryLog()
    assert_flat(trader, flatten(trader, log))
    assert log.kinds().index("cancel") < len(log.kinds())
    first_order = trader.calls.index("place")
    assert trader.calls[:first_order].count("cancel_plain") == 5
    assert "cancel_algos" not in trader.calls[:first_order]


def test_a_broken_row_keeps_nothing_else_open():
    """Positions whose rows are sound are closed; stops stay, and it is not flat, until all are."""
    trader, log = busy_account(0.02), MemoryLog()
    trader.broken = {("S1USDT", BOTH)}

    async def run() -> FlattenResult:
        task = asyncio.ensure_future(Flattener(trader, trader, VirtualClock()).flatten(log))
        await asyncio.sleep(5)
        assert set(trader.open) == trader.broken
        # Nobody knows that the others are flat, so their stops stay for now; what could open is gone.
        assert all(order.reduce_only for order in trader.algo.values())
        assert len(trader.algo) == 5
        assert not task.done()
        trader.broken.clear()
        return await task

    result = play(run())
    assert_flat(trader, result)
    assert trader.offences == []
    assert ("read", "some positions could not be read") in log.steps


def test_positions_that_are_broken_throughout():
    """Where no row is sound nothing is closed unseen, and nothing is called flat."""
    trader = long(Fault(call="sound_positions", error=html(), times=FOR_EVER))
    trader.broken = {("BTCUSDT", BOTH)}

    async def run() -> FlattenResult:
        task = asyncio.ensure_future(Flattener(trader, trader, VirtualClock()).flatten(MemoryLog()))
        await asyncio.sleep(20)
        assert trader.sent == []
        trader.broken.clear()
        return await task

    assert_flat(trader, play(run()))


def test_a_source_that_breaks_in_an_unforeseen_way():
    """An error that is none of the exchange's is told, and the other sources are used."""

    class Broken(FakeTrader):
        async def algo_orders(self, symbol: str | None = None) -> tuple:
            if self.calls.count("positions") < 3:
                raise ZeroDivisionError
            return await super().algo_orders(symbol)

    trader, log = Broken(), MemoryLog()
    trader.hold("BTCUSDT", "1")
    assert_flat(trader, flatten(trader, log))
    assert ("read-failed", "conditional orders: ZeroDivisionError") in log.steps


def test_an_order_that_breaks_in_an_unforeseen_way_is_looked_up():
    """Whatever went wrong on our side, it may have arrived."""

    class Broken(FakeTrader):
        async def place(self, order: CloseOrder) -> Placed:
            placed = await super().place(order)
            if len(self.sent) == 1:
                raise ZeroDivisionError
            return placed

    trader = Broken()
    trader.hold("BTCUSDT", "1")
    assert_flat(trader, flatten(trader))
    assert len(trader.sent) == 1


def test_an_act_that_breaks_ends_nothing():
    """The next round begins from a fresh reading."""

    class Broken(FakeTrader):
        async def cancel_plain(self, symbol: str) -> None:
            await super().cancel_plain(symbol)
            if self.calls.count("cancel_plain") == 1:
                raise ZeroDivisionError

    trader, log = Broken(), MemoryLog()
    trader.rest("BTCUSDT", BUY, "1")
    assert_flat(trader, flatten(trader, log))
    assert ("failed", "BTCUSDT: ZeroDivisionError") in log.steps


def test_cancels_that_fail_are_repeated_and_then_made_one_by_one():
    """Whichever way of cancelling works is found."""
    trader = FakeTrader(
        faults=[Fault(call=call, error=refusal(-2012), times=FOR_EVER) for call in ("cancel_plain", "cancel_algos")]
    )
    trader.rest("BTCUSDT", BUY, "1")
    trader.stop("BTCUSDT", SELL, "1")
    assert_flat(trader, flatten(trader))
    assert {"cancel_order", "cancel_algo"} <= set(trader.calls)


def test_a_cancel_that_hangs_does_not_hold_up_its_symbol():
    """The close goes out after a while without it, and other symbols do not notice."""
    trader = busy_account(0.02)
    trader.faults = [Fault(call="cancel_plain", symbol="S0USDT", seconds=60.0)]
    closed: list[float] = []
    trader.meanwhile = lambda _call: closed.append(running().time()) if not trader.open else None
    assert_flat(trader, flatten(trader))
    assert closed[0] < 2


def test_a_closed_market_is_tried_every_ten_seconds_and_holds_up_nobody():
    """The others are closed at once; this one when it opens."""
    trader = busy_account(0.02)
    trader.faults = [Fault(call="place", symbol="S1USDT", error=refusal(-4141), times=3)]
    times: list[float] = []
    trader.meanwhile = lambda call: times.append(running().time()) if call == "place" else None
    result = flatten(trader)
    assert_flat(trader, result)
    assert [at < 1 for at in times] == [True] * 4 + [False]
    assert result.seconds_to_flat == pytest.approx(30, abs=2)


def test_prices_that_move_are_no_news():
    """While nothing changes but prices, readings become rarer: once a second, and every ten once it is late."""
    trader = long(Fault(call="place", error=refusal(-4141), times=FOR_EVER))
    read: list[float] = []

    def move(call: str) -> None:
        trader.prices["BTCUSDT"] += D("0.1")
        if call == "positions":
            read.append(running().time())

    async def run() -> None:
        task = asyncio.ensure_future(Flattener(trader, trader, VirtualClock()).flatten(MemoryLog()))
        await asyncio.sleep(120)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    trader.meanwhile = move
    play(run())
    assert 20 < sum(at < LATE_AFTER for at in read) < 60
    assert sum(at > LATE_AFTER + 30 for at in read) < 10


def test_silence_is_kept_when_the_exchange_asks_for_it():
    """After 429 nothing is sent until its time is over."""
    trader = long(Fault(call="positions", error=refusal(-1003)))
    asked: list[float] = []
    trader.meanwhile = lambda call: asked.append(running().time()) if call in {"positions", "place"} else None
    assert_flat(trader, flatten(trader))
    assert asked[0] >= 1.0


def test_the_order_limit_of_the_account_stops_its_orders_only():
    """After -1015 the leg waits for the window; reading goes on."""
    trader = long(Fault(call="place", error=refusal(-1015)))
    assert_flat(trader, flatten(trader))
    second = [at for at, call in enumerate(trader.calls) if call == "place"][1]
    assert trader.calls[:second].count("positions") > 2


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
    assert result.seconds_to_flat > CONFIRM_AFTER


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
