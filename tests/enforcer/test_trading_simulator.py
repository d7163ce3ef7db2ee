"""The enforcer's writes against the real simulator, on the wire: in one-way and in hedge mode."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

import pytest

from plimsoll.credentials import simulator_credentials
from plimsoll.errors import ExchangeError, KeyRefused, OutcomeUnknown, Refused, Unavailable
from plimsoll.model.terms import Direction, PositionMode, PositionSide
from plimsoll_enforcer.trading.port import OrderForm
from trader_market import TraderMarket, trader_market
from trader_scene import close_order

ORDER = "POST /fapi/v1/order"
UNKNOWN = "Unknown error, please check your request or try again later."


async def hedged(market: TraderMarket) -> None:
    """Put the empty account into hedge mode and give it both legs of BTCUSDT."""
    await market.sim("config", account="eon", hedge=True)
    await market.sim("trade", account="eon", symbol="BTCUSDT", side="BUY", quantity="0.020", position_side="LONG")
    await market.sim("trade", account="eon", symbol="BTCUSDT", side="SELL", quantity="0.008", position_side="SHORT")


async def test_close_in_one_way_mode():
    """A reduce-only market order closes a long; the answer tells how much, the look-up at what price."""
    async with trader_market() as market:
        placed = await market.trader.place(close_order("300", symbol="DOTUSDT"))
        assert (placed.status, placed.executed) == ("FILLED", 300)
        assert await market.amount("DOTUSDT") == 0
        found = await market.trader.find("DOTUSDT", placed.client_id)
        assert found is not None
        assert (found.order_id, found.executed) == (placed.order_id, 300)
        assert found.average_price > 0
        assert await market.trader.find("DOTUSDT", "plim-abcd1234-2") is None


async def test_one_way_never_flips():
    """More than the position is cut down or refused: what was long is never short afterwards."""
    async with trader_market() as market:
        try:
            await market.trader.place(close_order("900", symbol="DOTUSDT"))
        except Refused:
            assert await market.amount("DOTUSDT") == 300
        else:
            assert await market.amount("DOTUSDT") == 0
        with pytest.raises(Refused) as refused:
            await market.trader.place(close_order("1", symbol="BNBUSDT", client_id="plim-abcd1234-2"))
        assert refused.value.code == -2022
        assert await market.amount("BNBUSDT") == Decimal("-2.17")


async def test_close_in_hedge_mode():
    """Each leg is closed by its own side, and the other is left alone."""
    async with trader_market(account="eon") as market:
        await hedged(market)
        settings = await market.trader.settings()
        assert settings.position_mode is PositionMode.HEDGE
        await market.trader.place(close_order("0.020", side=PositionSide.LONG))
        assert await market.amount("BTCUSDT", PositionSide.LONG) == 0
        assert await market.amount("BTCUSDT", PositionSide.SHORT) == Decimal("-0.008")
        order = close_order("0.008", side=PositionSide.SHORT, direction=Direction.BUY, client_id="plim-abcd1234-2")
        await market.trader.place(order)
        assert await market.trader.positions() == ()


async def test_hedge_never_opens():
    """Closing more than a leg holds, or a leg that is gone, is refused and opens nothing."""
    async with trader_market(account="eon") as market:
        await hedged(market)
        for order in (
            close_order("0.020", side=PositionSide.SHORT, direction=Direction.BUY),
            close_order("1", symbol="ETHUSDT", side=PositionSide.LONG, client_id="plim-abcd1234-2"),
        ):
            with pytest.raises(Refused) as refused:
                await market.trader.place(order)
            assert refused.value.code == -2022
        assert await market.amount("BTCUSDT", PositionSide.SHORT) == Decimal("-0.008")
        assert await market.amount("BTCUSDT", PositionSide.LONG) == Decimal("0.020")


async def test_a_wrong_idea_of_the_mode_is_refused():
    """An order made for the other mode closes nothing, and the code says why."""
    async with trader_market(account="eon") as market:
        await hedged(market)
        with pytest.raises(Refused) as one_way:
            await market.trader.place(close_order("0.020"))
        assert one_way.value.code in {-4061, -1106}
    async with trader_market() as market:
        with pytest.raises(Refused) as hedge:
            await market.trader.place(close_order("300", symbol="DOTUSDT", side=PositionSide.LONG))
        assert hedge.value.code == -4061


@pytest.mark.parametrize("form", [OrderForm.LIMIT_AT_BAND, OrderForm.LIMIT_OPPONENT, OrderForm.LIMIT_AT_MARK])
async def test_every_rung_is_understood(form: OrderForm):
    """The exchange takes each form of closing order; those that cross the book close at once."""
    async with trader_market() as market:
        rules = await market.gateway.rules()
        dot = rules.instruments["DOTUSDT"]
        report = await market.report("DOTUSDT")
        assert report is not None
        assert dot.tick_size is not None
        assert dot.price_down is not None
        ratio = dot.price_down if form is OrderForm.LIMIT_AT_BAND else Decimal(1)
        ticks = (report.mark_price * ratio / dot.tick_size).to_integral_value(ROUND_CEILING)
        price = None if form is OrderForm.LIMIT_OPPONENT else str(ticks * dot.tick_size)
        placed = await market.trader.place(close_order("300", symbol="DOTUSDT", form=form, price=price))
        if form is OrderForm.LIMIT_AT_MARK:
            assert placed.status in {"NEW", "FILLED", "PARTIALLY_FILLED"}
        else:
            assert (placed.status, placed.executed) == ("FILLED", 300)


async def test_what_the_rules_tell_holds():
    """A market order above ``market_quantity.most`` is refused as too large; the rules know every bound of closing."""
    async with trader_market() as market:
        rules = await market.gateway.rules()
        assert {(limit.seconds, limit.orders) for limit in rules.order_limits} == {(10, 300), (60, 1200)}
        bitcoin = rules.instruments["BTCUSDT"]
        assert bitcoin.market_quantity.most == 120
        assert bitcoin.price_up is not None
        assert bitcoin.market_take_bound is not None
        assert bitcoin.min_notional == 100
        order = close_order("121", direction=Direction.BUY)
        with pytest.raises(Refused) as refused:
            await market.trader.place(order)
        assert refused.value.code == -4005


async def test_cancel_one_and_all():
    """Plain orders go one by one or all of a symbol; what is gone, or was never there, is no fault."""
    async with trader_market() as market:
        resting = {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01"}
        one = await market.sim("order", **resting, price="80000")
        await market.sim("order", **resting, price="81000")
        await market.sim("order", **resting, price="82000")
        await market.trader.cancel_order("BTCUSDT", one["orderId"])
        await market.trader.cancel_order("BTCUSDT", one["orderId"])
        assert len(await market.trader.plain_orders("BTCUSDT")) == 2
        await market.trader.cancel_plain("BTCUSDT")
        assert await market.trader.plain_orders() == ()
        await market.trader.cancel_plain("BTCUSDT")


async def test_cancel_conditional_orders():
    """Conditional orders live in a book of their own: cancelling plain ones leaves them, their own calls do not."""
    async with trader_market() as market:
        before = await market.trader.algo_orders()
        assert {order.symbol for order in before} == {"BNBUSDT", "BTCUSDT", "SOLUSDT", "DOTUSDT"}
        await market.trader.cancel_plain("BTCUSDT")
        assert len(await market.trader.algo_orders("BTCUSDT")) == 1
        await market.trader.cancel_algos("BTCUSDT")
        await market.trader.cancel_algos("BTCUSDT")
        dot = next(order for order in before if order.symbol == "DOTUSDT")
        await market.trader.cancel_algo(dot.order_id)
        await market.trader.cancel_algo(dot.order_id)
        assert {order.symbol for order in await market.trader.algo_orders()} == {"BNBUSDT", "SOLUSDT"}


async def test_leverage_is_set():
    """The answer and the next read agree."""
    async with trader_market() as market:
        assert await market.trader.set_leverage("ETHUSDT", 1) == 1
        settings = {item.symbol: item.leverage for item in await market.trader.symbol_settings()}
        assert settings["ETHUSDT"] == 1


@pytest.mark.parametrize("executed", [True, False])
async def test_an_unknown_execution_is_looked_up(executed: bool):  # noqa: FBT001 - a parameter of the test
    """After a 503 that says nothing the look-up tells what happened, and the same id is never filled twice."""
    async with trader_market() as market:
        await market.sim("fail", endpoint=ORDER, status=503, body={"code": 0, "msg": UNKNOWN}, executed=executed)
        order = close_order("300", symbol="DOTUSDT")
        with pytest.raises(OutcomeUnknown):
            await market.trader.place(order)
        found = await market.trader.find("DOTUSDT", order.client_id)
        assert (found is not None) == executed
        assert await market.amount("DOTUSDT") == (0 if executed else 300)


async def test_overload_lets_closing_through():
    """While the exchange takes only what reduces, a close is taken; a certain refusal is told as one."""
    async with trader_market() as market:
        await market.sim("overload", on=True)
        assert (await market.trader.place(close_order("300", symbol="DOTUSDT"))).status == "FILLED"
        await market.sim("fail", endpoint=ORDER, status=503, body={"code": -1008, "msg": "Request throttled."})
        with pytest.raises(Unavailable):
            await market.trader.place(close_order("1", symbol="BNBUSDT", client_id="plim-abcd1234-2"))


async def test_a_revoked_key_is_told():
    """A key that the exchange no longer knows is refused with the code that says so."""
    async with trader_market() as market:
        assert (permissions := await market.trader.key_permissions()) is not None
        assert permissions.trade
        assert not permissions.withdraw
        await market.sim("key", account="live", which="trade", revoked=True)
        with pytest.raises(KeyRefused) as refused:
            await market.trader.place(close_order("300", symbol="DOTUSDT"))
        assert refused.value.code == -2015


async def test_the_reading_key_cannot_trade():
    """With what the exporter holds nothing is closed, whoever tries."""
    async with trader_market(credentials=simulator_credentials("live")) as market:
        assert await market.amount("DOTUSDT") == 300
        with pytest.raises(KeyRefused) as refused:
            await market.trader.place(close_order("300", symbol="DOTUSDT"))
        assert refused.value.code == -2015
        assert await market.amount("DOTUSDT") == 300


async def test_a_broken_connection_leaves_the_outcome_unknown():
    """An exchange that hangs up in the middle of an order is asked afterwards, not again."""
    async with trader_market() as market:
        await market.sim("fail", endpoint=ORDER, reset=True, executed=True)
        order = close_order("300", symbol="DOTUSDT")
        with pytest.raises(ExchangeError) as caught:
            await market.trader.place(order)
        assert isinstance(caught.value, OutcomeUnknown)
        found = await market.trader.find("DOTUSDT", order.client_id)
        assert found is not None
        assert found.executed == 300


async def test_sound_positions_are_what_can_be_closed():
    """Without a broken row they are all positions."""
    async with trader_market() as market:
        assert {report.position.key for report in await market.trader.sound_positions()} == {
            report.position.key for report in await market.trader.positions()
        }
