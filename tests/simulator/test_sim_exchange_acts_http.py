"""The exchange's own acts as clients and control calls see them, and the reads of what the market did."""

from __future__ import annotations

import hashlib
import hmac
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from plimsoll_simulator.tape import MINUTE_MS, Tape
from plimsoll_simulator.world import SteppedClock
from simulator_client import Reply, SimulatorClient, next_event, simulator_client


async def post(client: SimulatorClient, path: str, **params: object) -> Reply:
    """A signed write with the account's trading key."""
    query = urlencode({**params, "timestamp": client.simulator.world.time_ms()})
    secret = f"simulator-trade-secret-{client.account}"
    signature = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
    header = {"X-MBX-APIKEY": f"simulator-trade-key-{client.account}"}
    return await client.call("POST", f"{path}?{query}&signature={signature}", header)


async def rows(client: SimulatorClient, path: str, **params: object) -> list:
    """A public read that gives a list."""
    body = (await client.call("GET", f"{path}?{urlencode(params)}")).body
    assert isinstance(body, list), body
    return body


async def test_fees_in_bnb_are_switched_by_the_account():
    """The switch is read, set, and told by the account endpoint; anything else than true and false is refused."""
    async with simulator_client() as client:
        assert (await client.get("/fapi/v1/feeBurn")).body == {"feeBurn": False}
        assert (await post(client, "/fapi/v1/feeBurn", feeBurn="true")).body == {"code": 200, "msg": "success"}
        assert (await client.get("/fapi/v1/feeBurn")).body == {"feeBurn": True}
        account = (await client.get("/fapi/v2/account")).body
        assert isinstance(account, dict)
        assert account["feeBurn"] is True
        refused = await post(client, "/fapi/v1/feeBurn", feeBurn="maybe")
        assert isinstance(refused.body, dict)
        assert refused.body["code"] == -1102


async def test_a_liquidation_is_seen_from_outside():
    """A price alone brings the margin call and the end; forceOrders has the row, by type."""
    async with simulator_client("flash-crash", "eon") as client:
        listen_key = await client.open_key()
        async with client.stream(f"/private/ws/{listen_key}") as socket:
            await client.control("price", symbol="BTCUSDT", mark=84100)
            assert (await next_event(socket, "MARGIN_CALL"))["p"][0]["s"] == "BTCUSDT"
            for _ in range(2):
                await client.control("price", symbol="BTCUSDT", mark=83900)
            while (order := (await next_event(socket, "ORDER_TRADE_UPDATE"))["o"])["x"] != "CALCULATED":
                assert order["o"] == "LIQUIDATION"
        listed = (await client.get("/fapi/v1/forceOrders")).body
        assert isinstance(listed, list)
        assert [(row["clientOrderId"], row["type"], row["status"]) for row in listed] == [
            (order["c"], "LIMIT", "FILLED")
        ]
        assert (await client.get("/fapi/v1/forceOrders", autoCloseType="LIQUIDATION")).body == listed
        assert (await client.get("/fapi/v1/forceOrders", autoCloseType="ADL")).body == []
        assert (await client.get("/fapi/v1/forceOrders", symbol="ETHUSDT")).body == []
        assert (await client.get("/fapi/v1/forceOrders", autoCloseType="ALL")).status == 400


async def test_deleveraging_and_settlement_on_command():
    """``/sim/adl`` takes a part, ``/sim/symbol`` with a status the rest; both are to be seen in the account."""
    async with simulator_client() as client:
        done = await client.control("adl", account="live", symbol="DOTUSDT", quantity=100, price="2.7")
        assert done.body == {"orderId": done.body["orderId"], "quantity": "100", "price": "2.7"}  # type: ignore[index] # an object
        listed = (await client.get("/fapi/v1/forceOrders", autoCloseType="ADL")).body
        assert isinstance(listed, list)
        assert listed[0]["clientOrderId"] == "adl_autoclose"
        await client.control("symbol", symbol="DOTUSDT", status="SETTLING")
        live = client.simulator.world.accounts["live"]
        assert not live.position("DOTUSDT").amount
        assert live.open_algo_orders("DOTUSDT") == []
        assert (await client.control("adl", account="live", symbol="DOTUSDT")).status == 400
        assert live.income[-1].type == "DELIVERED_SETTELMENT"


async def test_the_exchange_can_be_told_to_look_away():
    """``/sim/acts`` switches triggers and the watch on margins; without fields it tells how they stand."""
    async with simulator_client() as client:
        assert (await client.control("acts")).body == {"margin": True, "triggers": True}
        await client.control("acts", margin=False, triggers=False)
        await client.control("price", symbol="BTCUSDT", mark=600000)
        assert len(client.simulator.world.accounts["live"].open_positions()) == 4
        assert client.simulator.world.accounts["live"].open_algo_orders("BTCUSDT")


async def test_transfers_of_a_kind_over_control():
    """``kind`` and ``rejected`` reach the income history; an unknown kind is refused."""
    async with simulator_client() as client:
        await client.control("transfer", account="live", amount=10, kind="WELCOME_BONUS")
        await client.control("transfer", account="live", amount=10, rejected=True)
        listed = (await client.get("/fapi/v1/income")).body
        assert isinstance(listed, list)
        found = [(row["incomeType"], row["income"].partition(".")[0]) for row in listed]
        assert found == [("WELCOME_BONUS", "10"), ("TRANSFER", "-10"), ("TRANSFER", "10")]
        assert (await client.control("transfer", account="live", amount=10, kind="GIFT")).status == 400


async def test_the_ticker_of_the_day_knows_high_and_low():
    """Of one symbol or all; the extremes are those that prices reached."""
    async with simulator_client() as client:
        for mark in ("93000", "91000", "92000"):
            await client.control("price", symbol="BTCUSDT", mark=mark)
        one = (await client.call("GET", "/fapi/v1/ticker/24hr?symbol=BTCUSDT")).body
        assert isinstance(one, dict)
        assert (one["highPrice"], one["lowPrice"], one["lastPrice"]) == ("93000.00", "91000.00", "92000.00")
        assert len(await rows(client, "/fapi/v1/ticker/24hr")) == len(client.simulator.world.market.symbols)


async def test_candles_are_drawn_from_what_happened():
    """A minute has its open, high, low and close; before the world began the price stood."""
    clock = SteppedClock()
    async with simulator_client(clock=clock) as client:
        for mark in ("92100", "93000", "91000", "92000"):
            await client.control("price", symbol="BTCUSDT", mark=mark)
        clock.advance(60)
        await client.control("price", symbol="BTCUSDT", mark="92500")
        found = await rows(client, "/fapi/v1/klines", symbol="BTCUSDT", interval="1m", limit=3)
        opened = client.simulator.world.market.quotes["BTCUSDT"].opened_at
        assert [[Decimal(price) for price in row[1:5]] for row in found] == [
            [opened] * 4,
            [92100, 93000, 91000, 92000],
            [92500] * 4,
        ]
        assert {len(row) for row in found} == {12}
        assert [row[0] % MINUTE_MS for row in found] == [0, 0, 0]
        hour = await rows(client, "/fapi/v1/klines", symbol="BTCUSDT", interval="1h", limit=1)
        assert [Decimal(price) for price in hour[0][2:4]] == [93000, 91000]
        later = await rows(client, "/fapi/v1/klines", symbol="BTCUSDT", interval="1m", startTime=found[1][0], limit=1)
        assert later == [found[1]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("klines?interval=1m", -1102),
        ("klines?symbol=BTCUSDT", -1102),
        ("klines?symbol=BTCUSDT&interval=7m", -1120),
        ("depth?symbol=BTCUSDT&limit=7", -4021),
        ("depth", -1102),
    ],
)
async def test_wrong_questions_about_the_market(query: str, code: int):
    """Each is refused with its code."""
    async with simulator_client() as client:
        reply = await client.call("GET", f"/fapi/v1/{query}")
        assert isinstance(reply.body, dict)
        assert (reply.status, reply.body["code"]) == (400, code)


async def test_the_book_is_the_one_that_orders_meet():
    """Both sides, best first, as many levels as asked for."""
    async with simulator_client() as client:
        book = (await client.call("GET", "/fapi/v1/depth?symbol=BNBUSDT&limit=5")).body
        assert isinstance(book, dict)
        bids, asks = ([Decimal(price) for price, _ in book[side]] for side in ("bids", "asks"))
        assert (len(bids), len(asks)) == (5, 5)
        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)
        assert bids[0] < asks[0]


@pytest.mark.parametrize(
    ("path", "limit", "weight"),
    [
        ("depth", "5", 2),
        ("depth", "100", 5),
        ("depth", None, 10),
        ("depth", "1000", 20),
        ("klines", "1", 1),
        ("klines", None, 5),
        ("klines", "1500", 10),
        ("klines", "many", 5),
    ],
)
async def test_longer_answers_weigh_more(path: str, limit: str | None, weight: int):
    """What a read of the book or of candles costs depends on its limit."""
    query = {"symbol": "BNBUSDT", "interval": "1m"} | ({} if limit is None else {"limit": limit})
    async with simulator_client() as client:
        reply = await client.call("GET", f"/fapi/v1/{path}?{urlencode(query)}")
        assert reply.headers["X-MBX-USED-WEIGHT-1M"] == str(weight)


async def test_settled_funding_is_public():
    """Every settlement is a row with rate and mark; the terms of a symbol are listed."""
    async with simulator_client() as client:
        for rate in ("0.0001", "0.0003"):
            await client.control("funding", symbol="BTCUSDT", rate=rate)
        await client.control("funding", symbol="ETHUSDT")
        found = await rows(client, "/fapi/v1/fundingRate", symbol="BTCUSDT")
        assert [row["fundingRate"] for row in found] == ["0.00010000", "0.00030000"]
        assert len(await rows(client, "/fapi/v1/fundingRate", limit=1)) == 1
        terms = await rows(client, "/fapi/v1/fundingInfo")
        assert {row["fundingIntervalHours"] for row in terms} == {8}


def test_a_tape_forgets_what_is_old():
    """Minutes are kept up to a number; the oldest fall off."""
    tape = Tape()
    for minute in range(2000):
        tape.record("X", Decimal(minute), minute * MINUTE_MS)
    kept = list(tape.minutes("X"))
    assert (len(kept), kept[0].time) == (1500, 500 * MINUTE_MS)
