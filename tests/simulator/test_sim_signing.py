"""Keys, signatures, timestamps and unknown paths, refused as the exchange refuses them."""

from __future__ import annotations

import pytest

from simulator_client import Reply, SimulatorClient, simulator_client

ACCOUNT = "/fapi/v3/account"


def code(reply: Reply) -> tuple[int, object]:
    """HTTP status and error code."""
    assert isinstance(reply.body, dict)
    return reply.status, reply.body.get("code")


async def signed(client: SimulatorClient, query: str) -> Reply:
    """A read with this very query, signed."""
    return await client.call("GET", f"{ACCOUNT}?{query}&signature={client.sign(query)}", client.key())


async def test_the_signature_covers_query_and_body_without_a_separator():
    """Query and form body are signed as one text; where parameters stand is the client's choice."""
    async with simulator_client() as client:
        now = client.simulator.world.time_ms()
        query, body = "recvWindow=6000", f"timestamp={now}"
        path = f"{ACCOUNT}?{query}&signature={client.sign(query + body)}"
        reply = await client.call("GET", path, client.key(), body)
        assert reply.status == 200
        wrong = f"{ACCOUNT}?{query}&signature={client.sign(f'{query}&{body}')}"
        assert code(await client.call("GET", wrong, client.key(), body)) == (400, -1022)


async def test_the_signature_is_over_the_encoded_text():
    """Percent-encoding counts as sent: the same parameters encoded otherwise have another signature."""
    async with simulator_client() as client:
        now = client.simulator.world.time_ms()
        assert (await signed(client, f"note=a%2Db&timestamp={now}")).status == 200
        query = f"note=a%2Db&timestamp={now}"
        path = f"{ACCOUNT}?{query}&signature={client.sign(query.replace('%2D', '-'))}"
        assert code(await client.call("GET", path, client.key())) == (400, -1022)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("symbol=BTCUSDT", -1102),
        ("timestamp=", -1102),
        ("timestamp=yesterday", -1102),
        ("timestamp={late}", -1021),
        ("timestamp={early}", -1021),
        ("timestamp={late}&recvWindow=10000", None),
        ("timestamp={now}&recvWindow=60001", -1131),
    ],
)
async def test_the_timestamp_must_fit_the_window(query: str, wanted: int | None):
    """Absent, unreadable, too old by the receive window or a second ahead: each is refused by its code."""
    async with simulator_client() as client:
        now = client.simulator.world.time_ms()
        reply = await signed(client, query.format(now=now, late=now - 7000, early=now + 2000))
        assert code(reply) == ((200, None) if wanted is None else (400, wanted))


async def test_a_shifted_exchange_clock_refuses_an_honest_client():
    """When the exchange's clock is 10 s ahead, a client on its own time is outside the window."""
    async with simulator_client() as client:
        now = client.simulator.world.time_ms()
        await client.control("clock", offset_seconds=10)
        assert code(await signed(client, f"timestamp={now}")) == (400, -1021)
        assert (await client.get(ACCOUNT)).status == 200


async def test_a_call_without_or_with_an_unknown_key_is_refused():
    """No key or an impossible one is -2014, an unknown one -2015."""
    async with simulator_client() as client:
        assert code(await client.call("GET", ACCOUNT)) == (401, -2014)
        assert code(await client.call("GET", ACCOUNT, {"X-MBX-APIKEY": "no key!"})) == (401, -2014)
        assert code(await client.call("GET", ACCOUNT, {"X-MBX-APIKEY": "stranger"})) == (401, -2015)


async def test_a_call_without_signature_is_refused():
    """A signed endpoint wants a signature."""
    async with simulator_client() as client:
        path = f"{ACCOUNT}?timestamp={client.simulator.world.time_ms()}"
        assert code(await client.call("GET", path, client.key())) == (400, -1102)


async def test_a_revoked_key_is_refused_and_others_go_on():
    """A key that is taken away gives -2015 at once; another account's key works on."""
    async with simulator_client() as client:
        await client.control("key", account="live", revoked=True)
        assert code(await client.get(ACCOUNT)) == (401, -2015)
        client.account = "eon"
        assert (await client.get(ACCOUNT)).status == 200


async def test_permissions_of_the_key_are_told_and_heeded():
    """What the control API grants shows in apiRestrictions; without reading nothing is readable."""
    async with simulator_client() as client:
        await client.control("key", account="live", permissions={"enableWithdrawals": True})
        reply = await client.get("/sapi/v1/account/apiRestrictions")
        assert isinstance(reply.body, dict)
        assert (reply.body["enableWithdrawals"], reply.body["enableFutures"]) == (True, False)
        await client.control("key", account="live", permissions={"enableReading": False})
        assert code(await client.get(ACCOUNT)) == (401, -2015)


async def test_an_unknown_path_or_method_is_404():
    """What the exchange does not have it names, with the method."""
    async with simulator_client() as client:
        reply = await client.call("GET", "/fapi/v9/account")
        assert reply.status == 404
        assert reply.body == {"code": -5000, "msg": "Path /fapi/v9/account, Method GET is invalid"}
        assert (await client.call("PATCH", ACCOUNT)).status == 404


@pytest.mark.parametrize(
    ("path", "params", "wanted"),
    [
        ("/fapi/v1/premiumIndex", {"symbol": "NOPEUSDT"}, -1121),
        ("/fapi/v1/assetIndex", {"symbol": "NOPEUSD"}, -1121),
        ("/fapi/v1/userTrades", {}, -1102),
        ("/fapi/v1/order", {"symbol": "BTCUSDT"}, -1102),
        ("/fapi/v1/order", {"symbol": "BTCUSDT", "orderId": "7"}, -2013),
        ("/fapi/v1/openOrder", {"symbol": "BTCUSDT", "origClientOrderId": "x"}, -2013),
        ("/fapi/v1/algoOrder", {}, -1102),
        ("/fapi/v1/algoOrder", {"algoId": "7"}, -2013),
        ("/fapi/v1/algoOrder", {"algoId": "seven"}, -1102),
        ("/fapi/v1/income", {"startTime": "2", "endTime": "1"}, -1023),
        ("/fapi/v1/userTrades", {"symbol": "BTCUSDT", "startTime": "1", "endTime": "999999999"}, -1127),
    ],
)
async def test_a_wrong_parameter_is_refused_by_its_code(path: str, params: dict[str, str], wanted: int):
    """Each kind of wrong parameter has its own error code."""
    async with simulator_client() as client:
        assert code(await client.get(path, **params)) == (400, wanted)
