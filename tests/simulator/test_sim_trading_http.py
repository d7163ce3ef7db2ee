"""Orders over HTTP: keys and their rights, order limits and their headers, and the control calls of trading."""

from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import urlencode

from plimsoll_simulator.world import SteppedClock
from simulator_client import Reply, SimulatorClient, simulator_client

LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.002",
    "price": "90000",
}


async def trade(client: SimulatorClient, method: str, path: str, **params: object) -> Reply:
    """A signed call with the trading key; what is posted travels in the body."""
    text = urlencode({**params, "timestamp": client.simulator.world.time_ms()})
    text += f"&signature={client.sign(text, trading=True)}"
    headers = {**client.key(trading=True), "Content-Type": "application/x-www-form-urlencoded"}
    if method == "POST":
        return await client.call(method, f"/fapi/v1/{path}", headers, text)
    return await client.call(method, f"/fapi/v1/{path}?{text}", client.key(trading=True))


async def test_an_order_travels_over_http():
    """Placed with the trading key, it is seen with the reading key, and cancelled by query."""
    async with simulator_client("calm") as client:
        placed = await trade(client, "POST", "order", **LIMIT, newClientOrderId="bot/1")
        assert (placed.status, placed.body["clientOrderId"]) == (200, "bot/1")
        (row,) = (await client.get("/fapi/v1/openOrders", symbol="BTCUSDT")).body
        assert row["orderId"] == placed.body["orderId"]
        gone = await trade(client, "DELETE", "order", symbol="BTCUSDT", origClientOrderId="bot/1")
        assert gone.body["status"] == "CANCELED"


async def test_a_key_that_may_only_read_cannot_trade():
    """The reading key gets -2015 with status 401 for orders and for the history of isolated margin."""
    async with simulator_client() as client:
        query = urlencode({**LIMIT, "timestamp": client.simulator.world.time_ms()})
        signed = f"{query}&signature={client.sign(query)}"
        for method, path in (("POST", "order"), ("DELETE", "allOpenOrders"), ("GET", "positionMargin/history")):
            reply = await client.call(method, f"/fapi/v1/{path}?{signed}", client.key())
            assert (reply.status, reply.body["code"]) == (401, -2015)


async def test_each_key_knows_its_own_rights():
    """What apiRestrictions says is about the key that asks; rights can be taken and given."""
    async with simulator_client() as client:
        assert (await client.get("/sapi/v1/account/apiRestrictions")).body["enableFutures"] is False
        query = urlencode({"timestamp": client.simulator.world.time_ms()})
        signed = f"{query}&signature={client.sign(query, trading=True)}"
        path = f"/sapi/v1/account/apiRestrictions?{signed}"
        assert (await client.call("GET", path, client.key(trading=True))).body["enableFutures"] is True
        await client.control("key", account="live", which="trade", permissions={"enableFutures": False})
        assert (await trade(client, "POST", "order", **LIMIT)).body["code"] == -2015
        await client.control("key", account="live", which="trade", revoked=True)
        assert (await client.call("GET", path, client.key(trading=True))).body["code"] == -2015
        await client.control("key", account="live", permissions={"enableFutures": True})
        query = urlencode({**LIMIT, "quantity": "0.0001", "timestamp": client.simulator.world.time_ms()})
        reply = await client.call("POST", f"/fapi/v1/order?{query}&signature={client.sign(query)}", client.key())
        assert reply.body["code"] == -1111


async def test_order_calls_are_counted_per_account():
    """The headers tell the counts; a batch costs five and one; 300 in ten seconds are the most, then -1015."""
    clock = SteppedClock()
    async with simulator_client("calm", clock=clock) as client:
        first = await trade(client, "POST", "order", **LIMIT)
        assert (first.headers["X-MBX-ORDER-COUNT-10S"], first.headers["X-MBX-ORDER-COUNT-1M"]) == ("1", "1")
        assert first.headers["X-MBX-USED-WEIGHT-1M"] == "0"
        many = await trade(client, "POST", "batchOrders", batchOrders=json.dumps([LIMIT]))
        assert (many.headers["X-MBX-ORDER-COUNT-10S"], many.headers["X-MBX-ORDER-COUNT-1M"]) == ("6", "2")
        assert "X-MBX-ORDER-COUNT-10S" not in (await client.get("/fapi/v1/openOrders")).headers
        client.simulator.exchange.order_limits.charge("live", (294, 294))
        full = await trade(client, "POST", "order", **LIMIT)
        assert (full.status, full.body["code"]) == (429, -1015)
        assert full.body["msg"] == "Too many new orders; current limit is 300 orders per 10 SECOND."
        assert 0 < int(full.headers["Retry-After"]) <= 10
        client.account = "eon"
        assert (await trade(client, "POST", "order", **LIMIT)).status == 200
        client.account = "live"
        clock.advance(10)
        assert (await trade(client, "POST", "order", **LIMIT)).headers["X-MBX-ORDER-COUNT-10S"] == "1"
        client.simulator.exchange.order_limits.charge("live", (0, 903))
        assert "1200 orders per 1 MINUTE" in (await trade(client, "POST", "order", **LIMIT)).body["msg"]


async def test_the_book_can_be_made_thin_and_wide():
    """A thin book slips, an empty one refuses, a wide one shows in the book ticker."""
    async with simulator_client("calm") as client:
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.1", "newOrderRespType": "RESULT"}
        await client.control("book", symbol="BTCUSDT", depth_usd=1000, spread="0.001")
        ticker = (await client.call("GET", "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT")).body
        spread = Decimal(ticker["askPrice"]) / Decimal(ticker["bidPrice"]) - 1
        assert abs(spread - Decimal("0.001")) < Decimal("0.00001")
        assert (await trade(client, "POST", "order", **order)).body["status"] == "FILLED"
        assert len(client.simulator.world.accounts["live"].trades) > 10
        await client.control("book", symbol="BTCUSDT", depth_usd=0)
        assert (await trade(client, "POST", "order", **order)).body["code"] == -1112
        assert (await client.control("book", symbol="BTCUSDT", spread=2)).body["field"] == "spread"


async def test_trading_can_be_restricted_and_overloaded():
    """A restriction holds for an account, a symbol, or both, until it is taken back; so does an overload."""
    async with simulator_client("calm") as client:
        await client.control("restrict", account="live", symbol="BTCUSDT", code=-4400)
        assert (await trade(client, "POST", "order", **LIMIT)).body["code"] == -4400
        await client.control("restrict", account="live", symbol="BTCUSDT")
        assert (await trade(client, "POST", "order", **LIMIT)).status == 200
        assert (await client.control("restrict", code=-1)).body["field"] == "code"
        await client.control("overload", on=True)
        reply = await trade(client, "POST", "order", **LIMIT)
        assert (reply.status, reply.body["code"]) == (503, -1008)
        await client.control("overload", on=False)
        assert (await trade(client, "POST", "order", **LIMIT)).status == 200


async def test_an_order_that_an_overload_turns_away_is_not_counted():
    """-1008 leaves the account's order counts as they were, and the headers say so; a usual refusal counts."""
    async with simulator_client("calm", clock=SteppedClock()) as client:
        await client.control("overload", on=True)
        turned_away = await trade(client, "POST", "order", **LIMIT)
        counts = [turned_away.headers[f"X-MBX-ORDER-COUNT-{window}"] for window in ("10S", "1M")]
        assert (turned_away.body["code"], counts) == (-1008, ["0", "0"])
        await client.control("overload", on=False)
        refused = await trade(client, "POST", "order", **{**LIMIT, "price": "1000000"})
        assert (refused.body["code"], refused.headers["X-MBX-ORDER-COUNT-10S"]) == (-4016, "1")


async def test_a_closed_symbol_refuses_orders():
    """The status of a symbol decides what may be ordered."""
    async with simulator_client("calm") as client:
        await client.control("symbol", symbol="XRPUSDT", status="CLOSE")
        order = {**LIMIT, "symbol": "XRPUSDT", "price": "2", "quantity": "100"}
        assert (await trade(client, "POST", "order", **order)).body["code"] == -4141


async def test_the_order_of_a_fill_s_events_can_be_turned_round():
    """With order_first the order is told before the account."""
    async with simulator_client("calm") as client:
        await client.control("event", account="live", order_first=True)
        assert client.simulator.world.accounts["live"].order_events_first is True


async def test_an_answer_can_be_lost_though_the_order_was_placed():
    """Execution unknown: the caller sees 503, a look-up by client id finds the order; a usual 503 places nothing."""
    async with simulator_client("calm") as client:
        unknown = {"code": -1000, "msg": "Unknown error, please check your request or try again later."}
        fault = {"endpoint": "POST /fapi/v1/order", "status": 503, "body": unknown}
        await client.control("fail", **fault, executed=True)
        assert (await trade(client, "POST", "order", **LIMIT, newClientOrderId="lost")).status == 503
        found = await client.get("/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="lost")
        assert found.body["status"] == "NEW"
        await client.control("fail", **fault)
        assert (await trade(client, "POST", "order", **LIMIT, newClientOrderId="never")).status == 503
        found = await client.get("/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="never")
        assert found.body["code"] == -2013


async def test_a_lost_answer_tells_nothing_of_a_refusal():
    """Execution unknown hides a refusal too: the caller of a refused order sees the same 503 as one that is placed."""
    async with simulator_client("calm") as client:
        unknown = {"code": -1000, "msg": "Unknown error, please check your request or try again later."}
        await client.control("fail", endpoint="POST /fapi/v1/order", status=503, body=unknown, executed=True)
        reply = await trade(client, "POST", "order", **{**LIMIT, "quantity": "900"})
        assert (reply.status, reply.body) == (503, unknown)
        assert (await client.get("/fapi/v1/openOrders", symbol="BTCUSDT")).body == []
