"""The simulator's answers have the field names and JSON types of the worked examples, where these are at hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

import payload_shapes
from payload_shapes import differences
from plimsoll_simulator import outside
from plimsoll_simulator.account import AlgoOrder, Order
from simulator_client import SimulatorClient, next_event, simulator_client

READS = {
    "rest_account_v3": "/fapi/v3/account",
    "rest_account_v2": "/fapi/v2/account",
    "rest_balance_v3": "/fapi/v3/balance",
    "rest_accountConfig": "/fapi/v1/accountConfig",
    "rest_symbolConfig": "/fapi/v1/symbolConfig",
    "rest_positionRisk_v3": "/fapi/v3/positionRisk",
    "rest_openOrders": "/fapi/v1/openOrders",
    "rest_order_query_filled": "/fapi/v1/order",
    "rest_allOrders": "/fapi/v1/allOrders",
    "rest_openAlgoOrders": "/fapi/v1/openAlgoOrders",
    "rest_allAlgoOrders": "/fapi/v1/allAlgoOrders",
    "rest_multiAssetsMargin_get": "/fapi/v1/multiAssetsMargin",
    "rest_positionSide_dual_get": "/fapi/v1/positionSide/dual",
    "rest_income": "/fapi/v1/income",
    "rest_userTrades": "/fapi/v1/userTrades",
    "rest_adlQuantile": "/fapi/v1/adlQuantile",
    "rest_commissionRate": "/fapi/v1/commissionRate",
    "rest_rateLimit_order": "/fapi/v1/rateLimit/order",
    "rest_exchangeInfo_excerpt": "/fapi/v1/exchangeInfo",
    "rest_premiumIndex": "/fapi/v1/premiumIndex",
    "rest_ticker_price_v2": "/fapi/v2/ticker/price",
    "rest_ticker_bookTicker": "/fapi/v1/ticker/bookTicker",
    "sapi_apiRestrictions": "/sapi/v1/account/apiRestrictions",
}
SYMBOL_FIRST = {
    "rest_order_query_filled",
    "rest_allAlgoOrders",
    "rest_userTrades",
    "rest_commissionRate",
    "rest_premiumIndex",
    "rest_ticker_price_v2",
    "rest_ticker_bookTicker",
}


def example(name: str) -> object:
    """A worked example; the test is skipped where they are not at hand."""
    return payload_shapes.example(f"worked-examples/{name}")


async def busy(client: SimulatorClient) -> int:
    """Give the account something of everything; the number of a filled order."""
    world = client.simulator.world
    account = world.add_account("busy", {"USDT": Decimal(8250)})
    client.account = "busy"
    outside.transfer(world, account, "USDT", Decimal(1000))
    done = outside.trade(world, account, "BTCUSDT", "BUY", Decimal("0.150"))
    outside.trade(world, account, "BTCUSDT", "SELL", Decimal("0.050"))
    for price in ("80000", "81000"):
        limit = Order(order_id=0, client_id="", symbol="BTCUSDT", side="BUY", type="LIMIT", quantity=Decimal("0.01"))
        limit.price = Decimal(price)
        outside.rest_order(world, account, limit)
    stop = AlgoOrder(
        algo_id=0, client_id="", symbol="BTCUSDT", side="SELL", type="STOP_MARKET", quantity=Decimal("0.1")
    )
    stop.trigger_price = Decimal(88500)
    outside.rest_algo_order(world, account, stop)
    return done.order_id


@pytest.mark.parametrize("name", sorted(READS))
async def test_a_read_has_the_shape_of_its_example(name: str):
    """Every read answers with the fields and JSON types of the exchange."""
    wanted = example(name)
    async with simulator_client() as client:
        order_id = await busy(client)
        params = {"symbol": "BTCUSDT"} if name in SYMBOL_FIRST else {}
        if name == "rest_order_query_filled":
            params["orderId"] = str(order_id)
        reply = await client.get(READS[name], **params)
    assert reply.status == 200, reply.body
    assert reply.body, "nothing to compare"
    assert differences(reply.body, wanted) == []


async def test_the_single_algo_order_has_the_shape_of_its_example():
    """Once triggered, the single query tells the order that it became."""
    wanted = example("rest_algoOrder_query")
    async with simulator_client() as client:
        await busy(client)
        (order,) = client.simulator.world.accounts["busy"].algo_orders.values()
        order.status, order.actual_order_id, order.triggered = "FINISHED", 712350001111, 1795164007000
        order.actual_quantity = order.quantity
        reply = await client.get("/fapi/v1/algoOrder", algoId=order.algo_id)
    assert differences(reply.body, wanted) == []


async def test_an_isolated_position_has_the_shape_of_its_example():
    """Version 2 of the positions shows isolated margin as in its example."""
    wanted = example("rest_positionRisk_v2_isolated")
    async with simulator_client(account="eon") as client:
        await client.control("config", account="eon", symbol="SOLUSDT", margin_type="ISOLATED", leverage=10)
        await client.control("trade", account="eon", symbol="SOLUSDT", side="BUY", quantity=10)
        reply = await client.get("/fapi/v2/positionRisk", symbol="SOLUSDT")
    assert differences(reply.body, wanted) == []


async def test_brackets_and_asset_indices_have_the_shape_of_their_examples():
    """Brackets are JSON numbers; the factor of a user's own brackets is absent."""
    brackets, index = example("rest_leverageBracket"), example("rest_assetIndex")
    async with simulator_client() as client:
        found = await client.get("/fapi/v1/leverageBracket", symbol="BTCUSDT")
        assert differences(found.body, brackets) == ["[].notionalCoef: only on one side"]
        found = await client.get("/fapi/v1/assetIndex", symbol="BTCUSD")
        assert differences(found.body, index) == []


EVENTS = {
    "ev_ACCOUNT_UPDATE_deposit": ("transfer", {"amount": "1000"}),
    "ev_ACCOUNT_UPDATE_order": ("trade", {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.05"}),
    "ev_ORDER_TRADE_UPDATE_filled": ("trade", {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.05"}),
    "ev_TRADE_LITE": ("trade", {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.05"}),
    "ev_ACCOUNT_CONFIG_UPDATE_leverage": ("config", {"symbol": "BTCUSDT", "leverage": 5}),
    "ev_ACCOUNT_CONFIG_UPDATE_multi_assets": ("config", {"multi_assets": True}),
    "ev_MARGIN_CALL": ("event", {"margin_call": True}),
    "ev_listenKeyExpired": ("stream", {"action": "expire-key"}),
    "ev_ALGO_UPDATE_new": (
        "order",
        {"symbol": "BTCUSDT", "side": "BUY", "quantity": 1, "type": "STOP_MARKET", "trigger_price": "93339.10"},
    ),
}


@pytest.mark.parametrize("name", sorted(EVENTS))
async def test_an_event_has_the_shape_of_its_example(name: str):
    """Every event has the fields and JSON types of the exchange."""
    wanted = example(name)
    path, fields = EVENTS[name]
    async with simulator_client() as client, client.stream(f"/private/ws/{await client.open_key()}") as socket:
        target = "target" if path == "stream" else "account"
        reply = await client.control(path, **{target: "live"}, **fields)
        assert reply.status == 200, reply.body
        assert isinstance(wanted, dict)
        assert differences(await next_event(socket, wanted["e"]), wanted) == []


async def test_a_funding_event_has_the_shape_of_its_example():
    """Funding of a cross position changes a balance, lists no position and names the symbol."""
    wanted = example("ev_ACCOUNT_UPDATE_funding_cross")
    async with simulator_client() as client, client.stream(f"/private/ws/{await client.open_key()}") as socket:
        await client.control("funding", symbol="BTCUSDT", rate="0.0001")
        found = await next_event(socket, "ACCOUNT_UPDATE")
    assert found["a"]["P"] == wanted["a"]["P"] == []
    assert (found["a"].keys(), found["a"]["m"]) == (wanted["a"].keys(), "FUNDING_FEE")


async def test_a_mark_price_has_the_shape_of_its_example():
    """The mark-price stream sends the fields of 2026."""
    wanted = example("ev_markPriceUpdate")
    async with simulator_client() as client, client.stream("/market/ws/btcusdt@markPrice@1s") as socket:
        assert differences(await next_event(socket, "markPriceUpdate"), wanted) == []
