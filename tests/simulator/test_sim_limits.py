"""Request weights, 429 and 418, and how they are told."""

from __future__ import annotations

import pytest

from plimsoll_simulator.rest.limits import WeightLimits
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.world import SteppedClock
from simulator_client import SimulatorClient, simulator_client

USED = "X-MBX-USED-WEIGHT-1M"


async def weight(client: SimulatorClient, path: str, address: str, **params: str) -> int:
    """What a read costs a fresh address."""
    query = "&".join(f"{name}={value}" for name, value in params.items())
    query = f"{query}&timestamp={client.simulator.world.time_ms()}".lstrip("&")
    headers = {**client.key(), "X-Simulated-IP": address}
    reply = await client.call("GET", f"{path}?{query}&signature={client.sign(query)}", headers)
    assert reply.status == 200, reply.body
    return int(reply.headers[USED])


@pytest.mark.parametrize(
    ("path", "one", "everything"),
    [
        ("/fapi/v1/openOrders", 1, 40),
        ("/fapi/v1/openAlgoOrders", 1, 40),
        ("/fapi/v1/premiumIndex", 1, 10),
        ("/fapi/v1/ticker/bookTicker", 2, 5),
        ("/fapi/v1/forceOrders", 20, 50),
        ("/fapi/v3/account", 5, 5),
        ("/fapi/v3/positionRisk", 5, 5),
        ("/fapi/v1/income", 30, 30),
        ("/fapi/v1/positionSide/dual", 30, 30),
        ("/fapi/v1/exchangeInfo", 1, 1),
    ],
)
async def test_each_read_weighs_what_the_exchange_says(path: str, one: int, everything: int):
    """The header tells the weight, with a symbol and without."""
    async with simulator_client(clock=SteppedClock()) as client:
        assert await weight(client, path, "10.0.0.1", symbol="BTCUSDT") == one
        assert await weight(client, path, "10.0.0.2") == everything


async def test_weights_add_up_per_address_and_prefix():
    """Two addresses have two budgets, and sapi has its own."""
    async with simulator_client(clock=SteppedClock()) as client:
        assert await weight(client, "/fapi/v3/account", "10.0.0.1") == 5
        assert await weight(client, "/fapi/v3/balance", "10.0.0.1") == 10
        assert await weight(client, "/fapi/v3/balance", "10.0.0.2") == 5
        reply = await client.get("/sapi/v1/account/apiRestrictions")
        assert reply.headers["X-SAPI-USED-IP-WEIGHT-1M"] == "1"


async def test_over_the_limit_the_answer_is_429_with_the_time_to_wait():
    """Beyond the limit of a minute a call is refused, with Retry-After and the weight used."""
    async with simulator_client(clock=SteppedClock()) as client:
        await client.control("limit", weight=6)
        assert (await client.get("/fapi/v3/account")).status == 200
        reply = await client.get("/fapi/v3/account")
        assert isinstance(reply.body, dict)
        assert (reply.status, reply.body["code"]) == (429, -1003)
        assert 1 <= int(reply.headers["Retry-After"]) <= 60
        assert int(reply.headers[USED]) >= 10


def charge(limits: WeightLimits, weight: int) -> int:
    """The HTTP status of a call of that weight."""
    try:
        limits.charge("10.0.0.1", "fapi", weight)
    except Refused as refused:
        return refused.status
    return 200


def test_ignoring_429_is_punished_by_a_ban_that_ends():
    """Ten more calls are told 429, then the address is banned, first for two minutes, longer the next time."""
    clock = SteppedClock()
    limits = WeightLimits(clock=clock, limit=10)
    assert charge(limits, 10) == 200
    assert [charge(limits, 1) for _ in range(12)] == [429] * 10 + [418] * 2
    clock.advance(119)
    assert charge(limits, 1) == 418
    clock.advance(2)
    assert charge(limits, 1) == 200
    assert [charge(limits, 10) for _ in range(11)][-1] == 418
    clock.advance(121)
    assert charge(limits, 1) == 418


def test_a_new_minute_is_a_new_budget():
    """Weight is counted per minute of the clock."""
    clock = SteppedClock()
    limits = WeightLimits(clock=clock, limit=10)
    assert [charge(limits, 8), charge(limits, 8)] == [200, 429]
    clock.advance(60)
    assert charge(limits, 8) == 200
    assert limits.used("10.0.0.1", "fapi") == 8
