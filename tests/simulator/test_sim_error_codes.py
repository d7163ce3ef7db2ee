"""Every error code of the exchange is produced by the request that leads to it there, or listed with the reason.

``error_codes.txt`` holds the codes, ``tests/support/error_code_plays.py`` the requests, ``docs/simulator.md`` the rest.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from error_code_plays import PLAYS
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.world import SteppedClock
from simulator_client import Reply, SimulatorClient, simulator_client
from trading_desk import Desk

LIST = Path(__file__).with_name("error_codes.txt")
DOCS = Path(__file__).parents[2] / "docs" / "simulator.md"
CODES = [int(each) for line in LIST.read_text().splitlines() if not line.startswith("#") for each in line.split()]
READ = "/fapi/v1/allOrders"


@pytest_asyncio.fixture
async def client() -> AsyncIterator[SimulatorClient]:
    """A client of the account ``live``; time stands still, so that no window of a limit ends between two calls."""
    async with simulator_client(clock=SteppedClock()) as client:
        yield client


def listed() -> dict[int, str]:
    """The codes that the documentation says nothing leads to, with the reason."""
    text = DOCS.read_text(encoding="utf-8").partition("### Error codes that nothing leads to")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (-\d{4}(?:, -\d{4})*) \| (.+) \|$", text, re.MULTILINE)
    return {int(code): reason for codes, reason in rows for code in codes.split(", ")}


async def read(client: SimulatorClient, text: str = "", *, shift: int = 0, key: str | None = None) -> Reply:
    """A signed read with a text before its time stamp."""
    query = f"{text}&timestamp={client.simulator.world.time_ms() + shift}".removeprefix("&")
    header = client.key() if key is None else {"X-MBX-APIKEY": key}
    return await client.call("GET", f"{READ}?{query}&signature={client.sign(query)}", header)


async def order(client: SimulatorClient, **params: object) -> Reply:
    """A signed order with the trading key."""
    query = urlencode({**params, "timestamp": client.simulator.world.time_ms()})
    signature = client.sign(query, trading=True)
    return await client.call("POST", f"/fapi/v1/order?{query}&signature={signature}", client.key(trading=True))


async def too_many_calls(client: SimulatorClient) -> Reply:
    """The second call where one weighs all that an address has."""
    await client.control("limit", weight=1)
    return await read(client, "symbol=BTCUSDT")


async def too_many_orders(client: SimulatorClient) -> Reply:
    """The order after 300 in ten seconds."""
    for _ in range(301):
        reply = await order(client)
        if reply.status == 429:
            break
    return reply


async def wrong_signature(client: SimulatorClient) -> Reply:
    """A signature over other parameters."""
    query = f"symbol=BTCUSDT&timestamp={client.simulator.world.time_ms()}"
    return await client.call("GET", f"{READ}?{query}&signature={client.sign('symbol=ETHUSDT')}", client.key())


async def closed_key(client: SimulatorClient) -> Reply:
    """Keeping a listen key alive that was never opened."""
    return await client.listen_key("PUT")


HTTP_PLAYS: Mapping[int, Callable[[SimulatorClient], Awaitable[Reply]]] = {
    -1003: too_many_calls,
    -1015: too_many_orders,
    -1021: lambda client: read(client, "symbol=BTCUSDT", shift=-60_000),
    -1022: wrong_signature,
    -1101: lambda client: read(client, "symbol=BTCUSDT&symbol=ETHUSDT"),
    -1105: lambda client: read(client, "symbol=BTCUSDT&limit="),
    -1118: lambda client: order(client, symbol="BTCUSDT", side="BUY", newClientOrderId=""),
    -1119: lambda client: read(client, "symbol=BTCUSDT&origClientOrderId="),
    -1125: closed_key,
    -1131: lambda client: read(client, "symbol=BTCUSDT&recvWindow=60001"),
    -2014: lambda client: read(client, "symbol=BTCUSDT", key="no key!"),
    -2015: lambda client: read(client, "symbol=BTCUSDT", key="unknown"),
}


def test_every_code_is_produced_or_listed():
    """No code of the exchange is forgotten, none is both produced and called unreachable, none is invented."""
    produced = {*PLAYS, *HTTP_PLAYS}
    assert len(set(CODES)) == len(CODES)
    assert produced | set(listed()) == set(CODES)
    assert produced & set(listed()) == set()


@pytest.mark.parametrize("code", sorted(PLAYS, reverse=True))
def test_the_request_that_leads_to_a_code(code: int):
    """The request meets the code that the exchange gives for it, and nothing has changed by it."""
    assert PLAYS[code](Desk()) == code


@pytest.mark.parametrize("code", sorted(HTTP_PLAYS, reverse=True))
async def test_the_call_that_leads_to_a_code(client: SimulatorClient, code: int):
    """What is wrong with key, signature, time, weight or the presence of parameters has its code over HTTP."""
    reply = await HTTP_PLAYS[code](client)
    assert isinstance(reply.body, dict)
    assert (reply.body["code"], bool(reply.body["msg"])) == (code, True)


async def test_every_code_can_be_had_on_command(client: SimulatorClient):
    """``/sim/fail`` with a code answers that refusal once, those included that nothing leads to."""
    for code in CODES:
        assert (await client.control("fail", endpoint=READ, code=code)).status == 200
        reply = await read(client, "symbol=BTCUSDT")
        assert isinstance(reply.body, dict)
        assert reply.body["code"] == code
        assert 400 <= reply.status <= 503
        if code in listed():
            assert reply.body["msg"] != "The request is refused."
    assert (await read(client, "symbol=BTCUSDT")).status == 200


async def test_a_code_on_command_may_have_words_and_status_of_its_own(client: SimulatorClient):
    """``msg`` and ``status`` replace the usual ones; what is no error code is refused."""
    await client.control("fail", endpoint=READ, code=-2019, msg="Not today.", status=418)
    reply = await read(client, "symbol=BTCUSDT")
    assert (reply.status, reply.body) == (418, {"code": -2019, "msg": "Not today."})

    for wrong in (0, 200, -1.5, -10000):
        assert (await client.control("fail", endpoint=READ, code=wrong)).status == 400


def test_continuous_candles_are_those_of_the_perpetual_contract():
    """A pair's candles are those of its symbol; a pair, a type and a known pair are needed."""
    desk = Desk()
    asked = {"pair": "BTCUSDT", "contractType": "PERPETUAL", "interval": "1m"}
    rows = desk.call("GET", "continuousKlines", **asked)
    assert rows == desk.call("GET", "klines", symbol="BTCUSDT", interval="1m")
    for changes, code in (({"pair": None}, -1102), ({"contractType": None}, -1102), ({"pair": "NO"}, -1121)):
        assert desk.code("GET", "continuousKlines", **{**asked, **changes}) == code


def test_no_market_orders_leaves_limit_orders_free():
    """-4139 meets market orders alone, those that reduce too."""
    desk = Desk()
    desk.order("BUY", "0.02")
    desk.world.restrictions[None, "BTCUSDT"] = -4139
    assert desk.refused("SELL", "0.01", reduceOnly="true") == -4139
    assert desk.order("SELL", "0.01", "93000")["status"] == "NEW"


def test_a_leverage_restriction_leaves_orders_and_small_settings_free():
    """-4202 and its like meet settings above 20 alone."""
    desk = Desk()
    desk.world.restrictions["desk", "BTCUSDT"] = -4202
    assert desk.order("BUY", "0.01")["status"] == "FILLED"
    assert desk.call("POST", "leverage", symbol="BTCUSDT", leverage="19")["leverage"] == 19
    with pytest.raises(Refused) as caught:
        desk.call("POST", "leverage", symbol="BTCUSDT", leverage="21")
    assert caught.value.text == "Leverage above 20 needs a verified identity."


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"side": "BUY", "triggerPrice": "93000", "price": "97600"}, "NEW"),
        ({"side": "BUY", "triggerPrice": "93000", "price": "88600"}, "NEW"),
        ({"side": "SELL", "triggerPrice": "90000", "price": "85500"}, "NEW"),
        ({"side": "SELL", "triggerPrice": "90000", "price": "94700"}, "NEW"),
    ],
)
def test_within_five_per_cent_of_its_trigger_a_price_passes(changes: dict[str, str], status: str):
    """The distance that -4183, -4184, -4210 and -4211 limit is the width of PERCENT_PRICE."""
    asked = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "type": "STOP", "quantity": "0.01"}
    assert Desk().call("POST", "algoOrder", **asked, **changes)["algoStatus"] == status
