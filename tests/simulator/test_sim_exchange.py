"""What the exchange does by itself, and how it pages its histories."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll_simulator import events, outside
from plimsoll_simulator.account import AlgoOrder
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.world import SteppedClock, World
from simulator_client import SimulatorClient, simulator_client

EIGHT_HOURS = 8 * 3600


def test_funding_is_settled_when_its_time_comes():
    """Every eight hours of the world every position pays or receives, once."""
    clock = SteppedClock(now=1_795_161_600.0)  # 2026-11-20 08:00 UTC
    world = World(clock=clock)
    exchange = Exchange(world)
    account = world.add_account("a", {"USDT": Decimal(1000)})
    outside.trade(world, account, "BTCUSDT", "BUY", Decimal("0.01"))
    for _ in range(3):
        exchange.each_second(1)
    assert [row.type for row in account.income] == ["COMMISSION"]
    clock.advance(EIGHT_HOURS)
    for _ in range(3):
        exchange.each_second(1)
    assert [row.type for row in account.income] == ["COMMISSION", "FUNDING_FEE"]


@pytest.mark.parametrize("hour", [0, 7.9999, 8, 23.5])
def test_funding_does_not_depend_on_the_hour(hour: float):
    """Wherever the day stands when a world begins: first after eight hours, and announced no further away than that."""
    clock = SteppedClock(now=1_795_132_800.0 + hour * 3600)
    world = World(clock=clock)
    exchange = Exchange(world)
    account = world.add_account("a", {"USDT": Decimal(1000)})
    outside.trade(world, account, "BTCUSDT", "BUY", Decimal("0.01"), event=False)
    began = world.time_ms()
    for minute in range(481):
        exchange.each_second(1)
        assert world.funding_time == began + EIGHT_HOURS * 1000 * (1 + minute // 480)
        assert len(account.income) == (2 if minute == 480 else 1)
        clock.advance(60)


def test_a_clock_that_is_set_back_brings_funding_back():
    """What the exchange announces after its clock was shifted is what it settles."""
    clock = SteppedClock()
    world = World(clock=clock)
    exchange = Exchange(world)
    world.clock_offset = -9 * 3600
    exchange.each_second(1)
    assert world.funding_time - world.time_ms() <= EIGHT_HOURS * 1000
    clock.advance(EIGHT_HOURS)
    exchange.each_second(2)
    assert len(world.tape.fundings) == len(world.market.symbols)


async def history(client: SimulatorClient, clock: SteppedClock) -> list[int]:
    """Three transfers, a day apart each; their times."""
    times = []
    for amount in (1, 2, 3):
        times.append(client.simulator.world.time_ms())
        await client.control("transfer", account="live", amount=amount)
        clock.advance(24 * 3600)
    return times


async def amounts(client: SimulatorClient, **params: int) -> list[str]:
    """The whole units of the income rows that a read gives."""
    rows = (await client.get("/fapi/v1/income", **params)).body
    assert isinstance(rows, list)
    return [row["income"].partition(".")[0] for row in rows]


async def test_a_history_is_paged_by_time():
    """From a start it goes on upwards, without one it gives the newest; it is oldest first in any case."""
    clock = SteppedClock()
    async with simulator_client(clock=clock) as client:
        times = await history(client, clock)
        assert await amounts(client) == ["1", "2", "3"]
        assert await amounts(client, limit=2) == ["2", "3"]
        assert await amounts(client, startTime=times[0], limit=2) == ["1", "2"]
        assert await amounts(client, startTime=times[1]) == ["2", "3"]
        assert await amounts(client, endTime=times[1]) == ["1", "2"]
        assert await amounts(client, startTime=times[1], endTime=times[1]) == ["2"]


@pytest.mark.parametrize("path", ["income", "allOrders", "userTrades", "forceOrders", "allAlgoOrders"])
@pytest.mark.parametrize("limit", [0, -1])
async def test_a_history_of_no_rows_is_refused(path: str, limit: int):
    """A limit below 1 is no limit (-1130)."""
    async with simulator_client() as client:
        reply = await client.get(f"/fapi/v1/{path}", symbol="BTCUSDT", limit=limit)
        assert (reply.status, reply.body["code"]) == (400, -1130)


async def test_without_times_a_history_is_seven_days_long():
    """Older rows need a start time."""
    clock = SteppedClock()
    async with simulator_client(clock=clock) as client:
        times = await history(client, clock)
        clock.advance(5.5 * 24 * 3600)
        assert await amounts(client) == ["3"]
        assert await amounts(client, startTime=times[0]) == ["1", "2", "3"]


async def test_an_open_order_is_found_until_it_ends():
    """OpenOrder answers while the order works, -2013 after; order goes on answering."""
    async with simulator_client() as client:
        fields = {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01", "price": 90000}
        number = (await client.control("order", **fields, client_id="mine")).body["orderId"]
        found = (await client.get("/fapi/v1/openOrder", symbol="BTCUSDT", origClientOrderId="mine")).body
        assert isinstance(found, dict)
        assert found["orderId"] == number
        await client.control("cancel", account="live", order_id=number, event=False)
        assert (await client.get("/fapi/v1/openOrder", symbol="BTCUSDT", orderId=number)).status == 400
        ended = (await client.get("/fapi/v1/order", symbol="BTCUSDT", orderId=number)).body
        assert isinstance(ended, dict)
        assert ended["status"] == "CANCELED"


@pytest.mark.parametrize(
    ("kind", "actual", "reason", "wanted"),
    [
        ("STOP_MARKET", 7, None, ("7", "MARKET")),
        ("STOP", 7, None, ("7", "LIMIT")),
        ("STOP_MARKET", None, "Margin is insufficient.", ("", "0")),
    ],
)
def test_a_triggered_order_tells_what_became_of_it(
    kind: str, actual: int | None, reason: str | None, wanted: tuple[str, str]
):
    """After its trigger an ALGO_UPDATE names the order in the engine and its type, or why it was refused."""
    order = AlgoOrder(
        algo_id=1, client_id="a", symbol="BTCUSDT", side="SELL", type=kind, quantity=Decimal(1), triggered=5
    )
    order.actual_order_id, order.reject_reason = actual, reason
    body = events.algo_update(World(clock=SteppedClock()), order)["o"]
    assert isinstance(body, dict)
    assert (body["ai"], body["act"]) == wanted
    assert body.get("rm") == reason


def test_a_market_of_two_currencies_keeps_their_money_apart():
    """A position on a USDC symbol is margined by USDC and leaves the USDT totals alone."""
    world = World(clock=SteppedClock())
    account = world.add_account("a", {"USDT": Decimal(1000), "USDC": Decimal(500)})
    outside.trade(world, account, "BTCUSDC", "BUY", Decimal("0.01"))
    assert account.wallets["USDT"] == 1000
    assert account.wallets["USDC"] == 500 - Decimal("0.01") * Decimal(92010) * Decimal("0.0005")
