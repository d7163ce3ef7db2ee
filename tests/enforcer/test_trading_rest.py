"""The enforcer's writes as they reach the exchange, and what becomes of its answers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll.errors import ExchangeError, OutcomeUnknown, Refused
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.trading.port import CloseOrder, OrderForm, Placed
from rest_plays import json_play, refuse
from trader_scene import ORDER_ANSWER, close_order, trader_scene

ORDER = "/fapi/v1/order"
DONE = {"code": 200, "msg": "The operation of cancel all open order is done."}
COMMON = {"symbol": "BTCUSDT", "quantity": "0.05", "newClientOrderId": "plim-abcd1234-1", "newOrderRespType": "RESULT"}


async def test_one_way_market_order():
    """In one-way mode an order is reduce-only and names no side; its answer tells what was filled but no price."""
    async with trader_scene() as scene:
        placed = await scene.trader.place(close_order())
        sent = {**COMMON, "side": "SELL", "type": "MARKET", "reduceOnly": "true"}
        assert scene.sent() == [("POST", ORDER, sent)]
        assert placed == Placed(
            order_id=712349990001,
            client_id="plim-abcd1234-1",
            symbol="BTCUSDT",
            status="FILLED",
            executed=Decimal("0.050"),
            average_price=Decimal(0),
        )


@pytest.mark.parametrize(
    ("side", "direction"), [(PositionSide.LONG, Direction.SELL), (PositionSide.SHORT, Direction.BUY)]
)
async def test_hedge_market_order(side: PositionSide, direction: Direction):
    """In hedge mode an order names its side and is never marked reduce-only, which the exchange refuses there."""
    async with trader_scene() as scene:
        await scene.trader.place(close_order(side=side, direction=direction))
        sent = {**COMMON, "side": direction.upper(), "type": "MARKET", "positionSide": side.upper()}
        assert scene.sent() == [("POST", ORDER, sent)]


@pytest.mark.parametrize(
    ("form", "price", "more"),
    [
        (OrderForm.LIMIT_AT_BAND, "88000.10", {"timeInForce": "IOC", "price": "88000.1"}),
        (OrderForm.LIMIT_OPPONENT, None, {"timeInForce": "IOC", "priceMatch": "OPPONENT_20"}),
        (OrderForm.LIMIT_AT_MARK, "9E+4", {"timeInForce": "GTC", "price": "90000"}),
    ],
)
async def test_the_rungs_of_the_ladder(form: OrderForm, price: str | None, more: dict[str, str]):
    """Each further rung is a limit order of its kind, with a price or without."""
    async with trader_scene() as scene:
        await scene.trader.place(close_order(form=form, price=price))
        sent = {**COMMON, "side": "SELL", "type": "LIMIT", "reduceOnly": "true", **more}
        assert scene.sent() == [("POST", ORDER, sent)]


@pytest.mark.parametrize(
    ("quantity", "sent"), [("1E-8", "0.00000001"), ("1200.00", "1200"), ("1E+3", "1000"), ("0.1", "0.1")]
)
async def test_quantities_are_written_plainly(quantity: str, sent: str):
    """No exponent and no idle zeros reach the exchange, whatever way the number was made."""
    async with trader_scene() as scene:
        await scene.trader.place(close_order(quantity))
        assert scene.sent()[0][2]["quantity"] == sent


async def test_a_symbol_outside_ascii_is_signed_as_sent():
    """The server checks the signature over what arrived."""
    async with trader_scene() as scene:
        await scene.trader.place(close_order(symbol="币安人生USDT"))
        assert scene.sent()[0][2]["symbol"] == "币安人生USDT"


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": PositionSide.LONG, "direction": Direction.BUY},
        {"side": PositionSide.SHORT, "direction": Direction.SELL},
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "NaN"},
        {"client_id": ""},
        {"client_id": "p" * 37},
        {"client_id": "a&symbol=b"},
        {"price": "1"},
        {"form": OrderForm.LIMIT_AT_BAND},
        {"form": OrderForm.LIMIT_OPPONENT, "price": "1"},
        {"form": OrderForm.LIMIT_AT_MARK, "price": "0"},
    ],
)
def test_an_order_that_could_open_cannot_be_made(wrong: dict):
    """What would make a hedge position larger, or what the exchange could not read, is no order at all."""
    with pytest.raises(ValueError, match="BTCUSDT"):
        close_order(**wrong)


async def test_find():
    """A look-up by our own id tells the average price too; an order that the exchange does not know is none."""
    async with trader_scene() as scene:
        scene.server.play(ORDER, json_play({**ORDER_ANSWER, "avgPrice": "91873.40"}))
        found = await scene.trader.find("BTCUSDT", "plim-abcd1234-1")
        assert found is not None
        assert found.average_price == Decimal("91873.40")
        scene.server.play(ORDER, refuse(400, -2013, "Order does not exist."))
        assert await scene.trader.find("BTCUSDT", "plim-abcd1234-2") is None
        sent = {"symbol": "BTCUSDT", "origClientOrderId": "plim-abcd1234-1"}
        assert scene.sent()[0] == ("GET", ORDER, sent)
        scene.server.play(ORDER, refuse(400, -1121, "Invalid symbol."))
        with pytest.raises(Refused):
            await scene.trader.find("BTCUSDT", "plim-abcd1234-2")


async def test_cancels():
    """Each cancel goes to its own place and asks for no more than it should."""
    async with trader_scene() as scene:
        scene.server.answers |= {
            "/fapi/v1/allOpenOrders": DONE,
            "/fapi/v1/algoOpenOrders": DONE,
            "/fapi/v1/algoOrder": {"algoId": 4000001910701524, "clientAlgoId": "x", "code": "200", "msg": "success"},
        }
        await scene.trader.cancel_order("BTCUSDT", 7)
        await scene.trader.cancel_plain("BTCUSDT")
        await scene.trader.cancel_algo(4000001910701524)
        await scene.trader.cancel_algos("ETHUSDT")
        assert scene.sent() == [
            ("DELETE", ORDER, {"symbol": "BTCUSDT", "orderId": "7"}),
            ("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"}),
            ("DELETE", "/fapi/v1/algoOrder", {"algoId": "4000001910701524"}),
            ("DELETE", "/fapi/v1/algoOpenOrders", {"symbol": "ETHUSDT"}),
        ]


async def test_what_is_gone_is_cancelled():
    """An order that is no longer there when it is cancelled is no fault; every other refusal is."""
    async with trader_scene() as scene:
        gone = refuse(400, -2011, "Unknown order sent.")
        for path in (ORDER, "/fapi/v1/allOpenOrders", "/fapi/v1/algoOrder", "/fapi/v1/algoOpenOrders"):
            scene.server.play(path, gone)
        await scene.trader.cancel_order("BTCUSDT", 7)
        await scene.trader.cancel_plain("BTCUSDT")
        await scene.trader.cancel_algo(8)
        await scene.trader.cancel_algos("BTCUSDT")
        scene.server.play("/fapi/v1/algoOrder", refuse(400, -4117, "Stop order is triggering."))
        with pytest.raises(Refused) as triggering:
            await scene.trader.cancel_algo(8)
        assert triggering.value.code == -4117


async def test_leverage():
    """The setting in force is what the exchange answers, not what was asked for."""
    async with trader_scene() as scene:
        scene.server.answers["/fapi/v1/leverage"] = {"leverage": 5, "maxNotionalValue": "1", "symbol": "BTCUSDT"}
        assert await scene.trader.set_leverage("BTCUSDT", 1) == 5
        assert scene.sent() == [("POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": "1"})]


@pytest.mark.parametrize("answer", [{}, [], {**ORDER_ANSWER, "orderId": None}, {**ORDER_ANSWER, "executedQty": "-1"}])
async def test_an_answer_that_is_none(answer: object):
    """An order whose answer cannot be read may have been carried out: its outcome is unknown, and it is sent once."""
    async with trader_scene() as scene:
        scene.server.answers[ORDER] = answer
        with pytest.raises(OutcomeUnknown):
            await scene.trader.place(close_order())
        assert len(scene.server.seen) == 1


async def test_reads_are_those_of_the_seam():
    """Every read that a flatten needs answers with the trading key."""
    async with trader_scene() as scene:
        trader = scene.trader
        assert await trader.wallet()
        assert await trader.positions()
        assert await trader.settings()
        assert await trader.symbol_settings()
        assert await trader.plain_orders()
        assert await trader.algo_orders("BTCUSDT")
        assert await trader.key_permissions()


def test_no_order_is_made_without_its_price_being_sound():
    """The constructor is the only way to an order."""
    order = close_order(form=OrderForm.LIMIT_AT_BAND, price="1.5")
    assert isinstance(order, CloseOrder)
    assert order.price == Decimal("1.5")


async def test_a_key_that_cannot_be_one_is_an_exchange_error():
    """Nothing but the seam's errors comes out of a trader."""
    async with trader_scene() as scene:
        scene.server.keys.clear()
        with pytest.raises(ExchangeError):
            await scene.trader.place(close_order())
