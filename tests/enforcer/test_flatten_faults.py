"""What a flatten makes of reads and cancels that fail, hang or break, at a made-up exchange in a time of its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from fake_trader import BOTH, FakeTrader
from fake_trader_faults import Fault, html, refusal, unavailable
from flatten_accounts import FOR_EVER, assert_flat, busy_account, flatten, long
from memory_log import MemoryLog
from plimsoll.model.terms import Direction
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.run import LATE_AFTER, Flattener
from plimsoll_enforcer.trading.port import CloseOrder, Placed
from virtual_time import VirtualClock, play, running

BUY, SELL = Direction.BUY, Direction.SELL
D = Decimal


def test_the_rules_are_read_again_when_they_have_changed():
    """A refusal for the size asks for them, and holds nothing up."""
    trader = long(quantity="90")
    known = trader.instruments["BTCUSDT"]
    trader.instruments["BTCUSDT"] = replace(known, market_quantity=replace(known.market_quantity, most=D(2000)))
    flattener = Flattener(trader, trader, VirtualClock())

    async def run() -> FlattenResult:
        await flattener.prepare()
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
