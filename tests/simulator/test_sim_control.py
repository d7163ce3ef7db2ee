"""The control API: what it changes, how it refuses, and the truth it tells."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from plimsoll_simulator.control.doorkeeper import objection
from plimsoll_simulator.control.fields import FieldError, Fields
from plimsoll_simulator.control.routes import ACTIONS
from plimsoll_simulator.scenarios import SCENARIOS
from plimsoll_simulator.world import World
from simulator_client import SimulatorClient, is_silent, next_message, simulator_client

FILL = {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": 1}


async def truth(client: SimulatorClient, account: str = "live") -> dict:
    """The truth about an account."""
    body = (await client.control("truth", "GET")).body
    assert isinstance(body, dict)
    return body["accounts"][account]


async def test_a_price_moves_everything_that_hangs_on_it():
    """After a price call the truth and the REST answers have moved alike; last follows the mark unless it is set."""
    async with simulator_client(interval=60) as client:
        await client.control("price", symbol="BTCUSDT", mark="93000.5")
        found = (await client.get("/fapi/v3/account")).body
        assert isinstance(found, dict)
        assert Decimal(found["totalMarginBalance"]) == Decimal((await truth(client))["equity"]).quantize(
            Decimal("1E-8")
        )
        quote = client.simulator.world.market.quotes["BTCUSDT"]
        assert (quote.mark, quote.last) == (Decimal("93000.5"), Decimal("93000.5"))
        await client.control("price", symbol="BTCUSDT", mark="93000.5", last="92990")
        assert quote.last == 92990


async def test_a_price_can_be_pushed_at_once():
    """With push the streams tell it without waiting for the next second."""
    async with simulator_client(interval=60) as client, client.stream("/market/ws/btcusdt@markPrice") as socket:
        await client.control("price", symbol="BTCUSDT", mark="93000.5", push=True)
        assert (await next_message(socket))["p"] == "93000.50000000"


async def test_a_transfer_moves_the_wallet_and_the_income():
    """Money out is a negative row of type TRANSFER."""
    async with simulator_client() as client:
        reply = await client.control("transfer", account="live", asset="USDT", amount="-100.5", event=False)
        assert reply.body == {"wallet": "4899.5"}
        rows = (await client.get("/fapi/v1/income", incomeType="TRANSFER")).body
        assert isinstance(rows, list)
        assert [row["income"] for row in rows] == ["-100.50000000"]


async def test_a_trade_shows_in_positions_and_trades():
    """A fill from outside closes a position at the price given and is in the trade history."""
    async with simulator_client() as client:
        await client.control("trade", account="live", symbol="BNBUSDT", side="BUY", quantity="2.17", price="914.80")
        assert "BNBUSDT" not in {each["symbol"] for each in (await truth(client))["positions"]}
        (row,) = (await client.get("/fapi/v1/userTrades", symbol="BNBUSDT")).body
        assert (row["realizedPnl"], row["price"], row["commission"]) == ("-39.06000000", "914.800", "0.99255800")


async def test_orders_are_placed_where_the_exchange_keeps_them():
    """Conditional orders are in the algo service, plain ones and old-style stops in the order list."""
    async with simulator_client() as client:
        order = {"account": "live", "symbol": "BTCUSDT", "side": "BUY"}
        for more in (
            {"price": "90000", "quantity": "0.01"},
            {"type": "STOP_MARKET", "trigger_price": "95000", "quantity": "0.013", "plain": True, "reduce_only": True},
            {"type": "STOP_MARKET", "trigger_price": "95000", "close_position": True},
            {"type": "TRAILING_STOP_MARKET", "callback_rate": "1", "quantity": "0.013", "activated": True},
            {"type": "STOP", "trigger_price": "95000", "price": "95100", "quantity": "0.013"},
        ):
            assert (await client.control("order", **order, **more)).status == 200
        plain = (await client.get("/fapi/v1/openOrders", symbol="BTCUSDT")).body
        algo = (await client.get("/fapi/v1/openAlgoOrders", symbol="BTCUSDT")).body
        assert isinstance(plain, list)
        assert isinstance(algo, list)
        assert [each["type"] for each in plain] == ["LIMIT", "STOP_MARKET"]
        assert [each["orderType"] for each in algo] == ["STOP_MARKET", "STOP_MARKET", "TRAILING_STOP_MARKET", "STOP"]
        assert (algo[1]["closePosition"], Decimal(algo[1]["quantity"])) == (True, 0)


async def test_an_order_type_may_be_invented():
    """A type that no client knows is served like any other conditional order, and refused unless it is meant."""
    async with simulator_client() as client:
        order = {**FILL, "type": "STOP_MOON", "trigger_price": "95000"}
        assert (await client.control("order", **order)).body["field"] == "type"
        assert (await client.control("order", **order, unknown_type=True)).status == 200
        rows = (await client.get("/fapi/v1/openAlgoOrders", symbol="BTCUSDT")).body
        assert isinstance(rows, list)
        assert rows[-1]["orderType"] == "STOP_MOON"


async def test_settings_show_where_the_exchange_shows_them():
    """Leverage, modes and margin type are read back through the config endpoints."""
    async with simulator_client(account="eon") as client:
        await client.control("config", account="eon", symbol="BTCUSDT", leverage=3, margin_type="ISOLATED")
        (row,) = (await client.get("/fapi/v1/symbolConfig", symbol="BTCUSDT")).body
        assert (row["leverage"], row["marginType"]) == (3, "ISOLATED")
        await client.control("config", account="eon", hedge=True)
        assert (await client.get("/fapi/v1/positionSide/dual")).body == {"dualSidePosition": True}
        refused = await client.control("config", account="eon", multi_assets=True)
        assert (refused.status, refused.body["field"]) == (400, "multi_assets")


async def test_a_hedged_account_shows_both_legs():
    """Version 3 lists LONG and SHORT of a symbol that has either."""
    async with simulator_client(account="eon") as client:
        await client.control("config", account="eon", hedge=True)
        trade = {"account": "eon", "symbol": "BTCUSDT", "quantity": "0.1"}
        assert (await client.control("trade", **trade, side="BUY", position_side="LONG")).status == 200
        refused = await client.control("trade", **trade, side="BUY", position_side="SHORT")
        assert (refused.status, refused.body["field"]) == (400, "quantity")
        rows = (await client.get("/fapi/v3/positionRisk")).body
        assert isinstance(rows, list)
        assert [(row["positionSide"], row["positionAmt"]) for row in rows] == [("LONG", "0.100"), ("SHORT", "0.000")]


async def test_a_symbol_can_exist_without_being_listed():
    """A new symbol has prices and positions before exchangeInfo knows it."""
    async with simulator_client() as client:
        assert (await client.control("symbol", base="NEW", mark="2.5")).body == {"symbol": "NEWUSDT"}
        await client.control("trade", account="live", symbol="NEWUSDT", side="BUY", quantity="10")
        listed = (await client.get("/fapi/v1/exchangeInfo")).body
        assert isinstance(listed, dict)
        assert "NEWUSDT" not in {symbol["symbol"] for symbol in listed["symbols"]}
        (row,) = (await client.get("/fapi/v3/positionRisk", symbol="NEWUSDT")).body
        assert row["markPrice"] == "2.50000000"


async def test_requests_are_counted():
    """Calls and weight per endpoint, for tests of a client's thrift."""
    async with simulator_client() as client:
        for _ in range(3):
            await client.get("/fapi/v3/account")
        counted = (await client.control("requests", "GET")).body
        assert isinstance(counted, dict)
        assert counted["calls"] == {"GET /fapi/v3/account": 3}
        assert counted["weights"] == {"GET /fapi/v3/account": 15}
        assert counted["used_weight"] == {"127.0.0.1/fapi": 15}


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("price", {"symbol": "NOPE", "mark": 1}, "symbol"),
        ("price", {"symbol": "BTCUSDT"}, "mark"),
        ("price", {"symbol": "BTCUSDT", "mark": "NaN"}, "mark"),
        ("price", {"symbol": "BTCUSDT", "mark": 0}, "mark"),
        ("price", {"symbol": "BTCUSDT", "mark": 1, "lsat": 2}, "lsat"),
        ("transfer", {"account": "nobody", "amount": 1}, "account"),
        ("transfer", {"account": "live", "amount": 0}, "amount"),
        ("transfer", {"account": "live", "amount": 1, "event": "no"}, "event"),
        ("trade", {"account": "live", "symbol": "BTCUSDT", "side": "HOLD", "quantity": 1}, "side"),
        (
            "trade",
            {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": 1, "position_side": "LONG"},
            "position_side",
        ),
        ("order", {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": 1}, "price"),
        ("cancel", {"account": "live", "order_id": 1}, "order_id"),
        ("config", {"account": "live", "leverage": 5}, "symbol"),
        ("config", {"account": "live", "symbol": "BTCUSDT", "leverage": 500}, "leverage"),
        ("config", {"account": "live", "symbol": "BTCUSDT", "margin_type": "ISOLATED"}, "margin_type"),
        ("config", {"account": "live", "hedge": True}, "hedge"),
        ("fail", {"endpoint": "*", "status": 1}, "status"),
        ("fail", {"endpoint": "*", "headers": 1}, "headers"),
        ("fail", {"endpoint": "*", "times": 1.5}, "times"),
        ("stream", {"target": "live", "action": "explode"}, "action"),
        ("stream", {"target": "market", "action": "expire-key"}, "target"),
        ("stream", {"target": "all", "action": "cut", "form": "path"}, "action"),
        ("event", {"account": "nobody", "drop": 1}, "account"),
        ("key", {"account": "live", "permissions": {"enableFlying": True}}, "permissions.enableFlying"),
        ("key", {"account": "live", "permissions": []}, "permissions"),
        ("symbol", {"base": "BTC", "mark": 1}, "base"),
        ("clock", {"offset_seconds": "soon"}, "offset_seconds"),
        ("clock", {"offset_seconds": "1e400"}, "offset_seconds"),
        ("price", {"symbol": "BTCUSDT", "mark": "1e30"}, "mark"),
    ],
)
async def test_a_wrong_control_call_names_the_field(path: str, fields: dict[str, object], field: str):
    """A call that cannot be carried out is answered 400, says which field is wrong, and changes nothing."""
    async with simulator_client(interval=60) as client:
        before = await truth(client)
        reply = await client.control(path, **fields)
        assert isinstance(reply.body, dict)
        assert (reply.status, reply.body["field"]) == (400, field)
        assert str(reply.body["error"]).startswith(field)
        assert await truth(client) == before


async def test_settings_change_together_or_not_at_all():
    """Where one of several settings cannot be had, the others stay as they were and no event is sent."""
    async with simulator_client() as client, client.stream(f"/private/ws/{await client.open_key()}") as socket:
        reply = await client.control("config", account="live", symbol="BTCUSDT", leverage=7, hedge=True)
        assert (reply.status, reply.body["field"]) == (400, "hedge")
        (row,) = (await client.get("/fapi/v1/symbolConfig", symbol="BTCUSDT")).body
        assert row["leverage"] != 7
        assert await is_silent(socket)


@pytest.mark.parametrize("wrong", [{"repeet": 1}, {"reorder": -1}, {"stops_first": 1}])
async def test_a_wrong_fault_of_events_disturbs_nothing(wrong: dict[str, object]):
    """A call that is refused for one of its fields loses no event for the sake of another."""
    async with simulator_client() as client, client.stream(f"/private/ws/{await client.open_key()}") as socket:
        assert (await client.control("event", account="live", drop=1, order_first=True, **wrong)).status == 400
        assert client.simulator.world.accounts["live"].order_events_first is False
        await client.control("transfer", account="live", amount=1)
        assert (await next_message(socket))["a"]["m"] == "DEPOSIT"


async def test_a_body_that_is_no_json_object_is_refused():
    """Broken JSON and lists are refused by name."""
    async with simulator_client() as client:
        for body in ("{", "[]"):
            reply = await client.call("POST", "/sim/price", body=body)
            assert (reply.status, reply.body["field"]) == (400, "body")


async def test_an_unknown_control_call_lists_the_known_ones():
    """A mistyped path is answered with the table."""
    async with simulator_client() as client:
        reply = await client.control("prise")
        assert isinstance(reply.body, dict)
        assert reply.status == 404
        assert "POST /sim/price" in str(reply.body["error"])


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.0.2.1", False), (None, False)],
)
def test_control_is_for_this_machine_alone(address: str | None, allowed: bool):  # noqa: FBT001 - a test's parameter
    """Only loopback addresses, of either family, may use the control API."""
    refused = objection(address, "localhost", None, "127.0.0.1")
    assert (refused is None) is allowed
    assert refused is None or refused.status == 403


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:9715", None, None),
        ("localhost:9715", "http://localhost:9715", None),
        ("[::1]:9715", None, None),
        ("sim.example:9715", "http://SIM.example:9715", None),
        ("evil.example:9715", None, 421),
        ("127.0.0.1.evil.example", None, 421),
        ("", None, 421),
        ("[", None, 421),
        ("localhost:9715", "http://localhost:3000", 403),
        ("127.0.0.1:9715", "https://evil.example", 403),
        ("127.0.0.1:9715", "null", 403),
    ],
)
def test_control_is_not_for_pages_of_other_sites(host: str, origin: str | None, status: int | None):
    """A name that is neither this machine's nor the configured one is misdirected; an origin must be this server."""
    refused = objection("127.0.0.1", host, origin, "sim.example")
    assert (refused and refused.status) == status


async def test_the_server_turns_foreign_pages_away():
    """Over HTTP: 421 for a foreign Host, 403 for a foreign Origin, on unknown paths too, and nothing happens."""
    async with simulator_client() as client:
        for path in ("/sim/acts", "/sim/nonsense"):
            assert (await client.call("POST", path, {"Host": "evil.example"})).status == 421
            assert (await client.call("POST", path, {"Origin": "http://evil.example"})).status == 403
        own = client.simulator.url
        assert (await client.call("GET", "/sim/story", {"Origin": own})).status == 200


def test_a_boolean_is_no_number():
    """True is not 1 in a control call."""
    with pytest.raises(FieldError, match="mark: must be a number"):
        Fields.parse(World(), '{"mark": true}').decimal("mark")


def test_every_control_call_and_scenario_is_documented():
    """docs/simulator.md names every control call and every scenario."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "simulator.md").read_text()
    assert [path for path in ACTIONS if f"`{path[0]} {path[1]}`" not in text] == []
    assert [name for name in SCENARIOS if f"| `{name}` |" not in text] == []
