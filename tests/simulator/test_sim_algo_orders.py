"""The algo service over HTTP: what it takes, what it refuses and how, and how it is read and cancelled."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from simulator_client import Reply, SimulatorClient, next_event, simulator_client

STOP = {
    "algoType": "CONDITIONAL",
    "symbol": "BNBUSDT",
    "side": "BUY",
    "type": "STOP_MARKET",
    "quantity": "1",
    "triggerPrice": "950",
}


@pytest_asyncio.fixture
async def client() -> AsyncIterator[SimulatorClient]:
    """The trading key of ``live``, which is short BNB at 906.33 and has three stops and a take-profit."""
    async with simulator_client() as client:
        yield client


async def send(client: SimulatorClient, method: str, path: str, **params: object) -> Reply:
    """A signed call with the account's trading key."""
    query = urlencode({**params, "timestamp": client.simulator.world.time_ms()})
    secret = f"simulator-trade-secret-{client.account}"
    signature = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
    header = {"X-MBX-APIKEY": f"simulator-trade-key-{client.account}"}
    return await client.call(method, f"{path}?{query}&signature={signature}", header)


async def place(client: SimulatorClient, **changes: object) -> Reply:
    """Place the stop, changed as wanted; ``None`` leaves a parameter out."""
    params = {name: value for name, value in (STOP | changes).items() if value is not None}
    return await send(client, "POST", "/fapi/v1/algoOrder", **params)


def code(reply: Reply) -> object:
    """The error code of an answer."""
    assert isinstance(reply.body, dict)
    return reply.body["code"]


async def test_a_placed_order_is_answered_told_listed_and_cancelled(client: SimulatorClient):
    """The answer has the exchange's fields; the event comes; the list has it; the cancellation's code is a text."""
    listen_key = await client.open_key()
    async with client.stream(f"/private/ws/{listen_key}") as socket:
        reply = await place(client, clientAlgoId="mine-1", reduceOnly="true", workingType="MARK_PRICE")
        assert isinstance(reply.body, dict)
        assert reply.status == 200
        row = reply.body
        assert (row["algoStatus"], row["orderType"], row["triggerPrice"], row["reduceOnly"]) == (
            "NEW",
            "STOP_MARKET",
            "950",
            True,
        )
        assert {"activatePrice", "callbackRate", "icebergQuantity"} <= row.keys()
        assert "actualOrderId" not in row
        assert (await next_event(socket, "ALGO_UPDATE"))["o"]["caid"] == "mine-1"
        single = (await send(client, "GET", "/fapi/v1/algoOrder", clientAlgoId="mine-1")).body
        assert isinstance(single, dict)
        assert single["algoId"] == row["algoId"]
        gone = await send(client, "DELETE", "/fapi/v1/algoOrder", algoId=row["algoId"])
        assert gone.body == {"algoId": row["algoId"], "clientAlgoId": "mine-1", "code": "200", "msg": "success"}
        assert (await next_event(socket, "ALGO_UPDATE"))["o"]["X"] == "CANCELED"
        assert code(await send(client, "DELETE", "/fapi/v1/algoOrder", algoId=row["algoId"])) == -2011


async def test_a_placement_counts_against_the_order_limits(client: SimulatorClient):
    """One in ten seconds and one in the minute, and no request weight."""
    reply = await place(client)
    assert (reply.headers["X-MBX-ORDER-COUNT-10S"], reply.headers["X-MBX-ORDER-COUNT-1M"]) == ("1", "1")


async def test_all_of_a_symbol_are_cancelled_at_once(client: SimulatorClient):
    """Those of other symbols stay; it succeeds with none, too."""
    for _ in range(2):
        reply = await send(client, "DELETE", "/fapi/v1/algoOpenOrders", symbol="BNBUSDT")
        assert reply.body == {"code": 200, "msg": "The operation of cancel all open order is done."}
    rows = (await send(client, "GET", "/fapi/v1/openAlgoOrders")).body
    assert isinstance(rows, list)
    assert sorted(row["symbol"] for row in rows) == ["BTCUSDT", "DOTUSDT", "SOLUSDT"]


CLOSING = {"closePosition": "true", "quantity": None}
TRAILING = {"type": "TRAILING_STOP_MARKET", "triggerPrice": None}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"algoType": None}, -1102),
        ({"algoType": "VP"}, -1130),
        ({"symbol": "NOPE"}, -1121),
        ({"side": "HOLD"}, -1117),
        ({"type": "LIMIT"}, -1116),
        ({"quantity": None}, -1102),
        ({"quantity": "0.001"}, -1111),
        ({"triggerPrice": None}, -1102),
        ({"triggerPrice": "0"}, -4006),
        ({"triggerPrice": "99999999"}, -4007),
        ({"triggerPrice": "950.005"}, -4014),
        ({"price": "960"}, -1106),
        ({"priceMatch": "QUEUE"}, -5038),
        ({"type": "STOP"}, -1102),
        ({"type": "STOP", "price": "951", "priceMatch": "QUEUE"}, -1106),
        ({"type": "STOP", "priceMatch": "BEST"}, -5037),
        ({"callbackRate": "1"}, -1106),
        ({**TRAILING, "callbackRate": "0.05"}, -1130),
        ({**TRAILING, "callbackRate": "20.1"}, -1130),
        ({**TRAILING, "callbackRate": "1", "triggerPrice": "950"}, -1106),
        ({**TRAILING, "callbackRate": "1", "activatePrice": "0"}, -4135),
        ({**TRAILING, "callbackRate": "1", "activatePrice": "950"}, -2021),
        ({"triggerPrice": "900"}, -2021),
        ({"type": "TAKE_PROFIT_MARKET"}, -2021),
        ({**CLOSING, "triggerPrice": "900"}, -4142),
        ({"closePosition": "true"}, -4137),
        ({**CLOSING, "reduceOnly": "false"}, -4138),
        ({**CLOSING, "reduceOnly": "true"}, -1106),
        ({**CLOSING, "type": "STOP", "price": "960"}, -4136),
        ({**CLOSING, "symbol": "ETHUSDT", "triggerPrice": "4000"}, -4509),
        ({"timeInForce": "GTE_GTC", "symbol": "ETHUSDT", "triggerPrice": "4000"}, -4509),
        ({"timeInForce": "NOW"}, -1115),
        ({"timeInForce": "GTD"}, -1102),
        ({"timeInForce": "GTD", "goodTillDate": "1"}, -5040),
        ({"goodTillDate": "1"}, -1106),
        ({"workingType": "INDEX"}, -1130),
        ({"priceProtect": "maybe"}, -1130),
        ({"positionSide": "LONG"}, -4061),
        ({"positionSide": "UP"}, -4060),
        ({"clientAlgoId": "a b"}, -4015),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"selfTradePreventionMode": "ALL"}, -5039),
    ],
    ids=str,
)
async def test_what_is_refused(client: SimulatorClient, changes: dict[str, object], wanted: int):
    """Each wrong order is refused with its code, and nothing is recorded."""
    before = len(client.simulator.world.accounts["live"].algo_orders)
    reply = await place(client, **changes)
    assert (reply.status, code(reply)) == (400, wanted)
    assert len(client.simulator.world.accounts["live"].algo_orders) == before


async def test_what_depends_on_other_orders(client: SimulatorClient):
    """A client id in use, a second closing stop of one direction, and more than 200 open orders are refused."""
    assert (await place(client, clientAlgoId="one")).status == 200
    assert code(await place(client, clientAlgoId="one")) == -4116
    assert (await place(client, **CLOSING)).status == 200
    assert code(await place(client, **CLOSING)) == -4130
    assert (await place(client, **CLOSING, type="TAKE_PROFIT_MARKET", triggerPrice="800")).status == 200
    account = client.simulator.world.accounts["live"]
    for _ in range(200 - len(account.open_algo_orders())):
        assert (await place(client)).status == 200
    assert code(await place(client)) == -4045


async def test_hedge_mode_has_no_reduce_only(client: SimulatorClient):
    """-1106 there; the side of the leg says what closes."""
    client.account = "eon"
    client.simulator.world.accounts["eon"].hedge = True
    long = {"positionSide": "LONG", "side": "SELL", "triggerPrice": "800"}
    assert code(await place(client, **long, reduceOnly="true")) == -1106
    assert (await place(client, **long)).status == 200
    await client.control("trade", account="eon", symbol="BNBUSDT", side="BUY", quantity=1, position_side="LONG")
    wrong = {**CLOSING, "positionSide": "LONG", "side": "BUY"}
    assert code(await place(client, **wrong)) == -2022


async def test_a_liquidated_account_places_nothing(client: SimulatorClient):
    """-2023 while the liquidation lasts."""
    client.simulator.world.watchful = False
    client.simulator.world.accounts["live"].liquidating = True
    assert code(await place(client)) == -2023


async def test_conditional_types_belong_here_alone(client: SimulatorClient):
    """The plain endpoint refuses them with -4120 and sees nothing of them."""
    params = {"symbol": "BNBUSDT", "side": "BUY", "type": "STOP_MARKET", "quantity": 1, "stopPrice": 950}
    assert code(await send(client, "POST", "/fapi/v1/order", **params)) == -4120
    number = next(iter(client.simulator.world.accounts["live"].algo_orders))
    assert code(await send(client, "DELETE", "/fapi/v1/order", symbol="BNBUSDT", orderId=number)) == -2011


async def test_prices_set_from_outside_trigger(client: SimulatorClient):
    """``/sim/price`` and ``/sim/trigger`` do what a market and a broken exchange do."""
    world = client.simulator.world
    bnb = next(each for each in world.accounts["live"].algo_orders.values() if each.symbol == "BNBUSDT")
    await client.control("trigger", account="live", action="hold", symbol="BNBUSDT")
    await client.control("price", symbol="BNBUSDT", mark="915")
    assert bnb.status == "NEW"
    await client.control("trigger", account="live", action="stall")
    await client.control("trigger", account="live", action="fire", algo_id=bnb.algo_id)
    assert bnb.status == "TRIGGERING"
    assert code(await send(client, "DELETE", "/fapi/v1/algoOrder", algoId=bnb.algo_id)) == -4117
    await client.control("trigger", account="live", action="reject", reason="No.")
    await client.control("trigger", account="live", action="release")
    assert bnb.status == "FINISHED"
    sol = next(each for each in world.accounts["live"].algo_orders.values() if each.symbol == "SOLUSDT")
    await client.control("trigger", account="live", action="vanish", algo_id=sol.algo_id)
    assert sol.status == "CANCELED"
    assert (await client.control("trigger", account="live", action="fire", algo_id=sol.algo_id)).status == 400
    single = (await send(client, "GET", "/fapi/v1/algoOrder", algoId=bnb.algo_id)).body
    assert isinstance(single, dict)
    assert (single["actualType"], single["actualQty"]) == ("MARKET", "2.17")


async def test_the_plain_order_of_a_triggered_stop_knows_where_it_came_from(client: SimulatorClient):
    """Its type is MARKET, its original type and client id those of the stop."""
    await client.control("price", symbol="BNBUSDT", mark="915")
    stop = next(each for each in client.simulator.world.accounts["live"].algo_orders.values() if each.actual_order_id)
    row = (await send(client, "GET", "/fapi/v1/order", symbol="BNBUSDT", orderId=stop.actual_order_id)).body
    assert isinstance(row, dict)
    assert (row["type"], row["origType"], row["clientOrderId"], row["status"]) == (
        "MARKET",
        "STOP_MARKET",
        stop.client_id,
        "FILLED",
    )
