"""REST answers with a good status and odd content: fields too many, too few, no numbers, types that nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fair_clock import FairClock
from plimsoll_simulator.faults import RestFault
from plimsoll_simulator.server import running_simulator
from stack_faults import (
    ACCOUNT,
    ALGO_ORDERS,
    ALWAYS,
    ORDERS,
    POSITIONS,
    SPEED,
    STANDING,
    answer_of,
    bend,
    counted,
    fail,
    heal,
    reread,
    shows_nothing,
    until_counted,
    until_failed,
    until_logged,
)
from stack_harness import stack, watching
from stack_truth import Witness, shown, until_true

Change = Callable[[Any], object]


def _put(value: object, *path: str | int) -> Change:
    """A change that sets one field of an answer."""

    def change(answer: Any) -> None:  # noqa: ANN401 - JSON
        for step in path[:-1]:
            answer = answer[step]
        answer[path[-1]] = value

    return change


def _drop(*path: str | int) -> Change:
    """A change that takes one field out of an answer."""

    def change(answer: Any) -> None:  # noqa: ANN401 - JSON
        for step in path[:-1]:
            answer = answer[step]
        del answer[path[-1]]

    return change


# The endpoint, what is changed in its answer.
BROKEN: dict[str, tuple[str, Change]] = {
    "account-nan": (ACCOUNT, _put("NaN", "assets", 0, "walletBalance")),
    "account-infinity": (ACCOUNT, _put("-Infinity", "totalMarginBalance")),
    "account-empty-text": (ACCOUNT, _put("", "assets", 0, "crossWalletBalance")),
    "account-null": (ACCOUNT, _put(None, "assets", 0, "walletBalance")),
    "account-words": (ACCOUNT, _put("a lot", "availableBalance")),
    "account-boolean": (ACCOUNT, _put(True, "assets", 0, "walletBalance")),  # noqa: FBT003 - JSON's true
    "account-huge": (ACCOUNT, _put("1e400", "assets", 0, "walletBalance")),
    "account-without-balance": (ACCOUNT, _drop("assets", 0, "walletBalance")),
    "account-without-assets": (ACCOUNT, _drop("assets")),
    "account-assets-no-list": (ACCOUNT, _put({}, "assets")),
    "position-nan": (POSITIONS, _put("nan", 0, "positionAmt")),
    "position-without-amount": (POSITIONS, _drop(0, "positionAmt")),
    "position-without-entry": (POSITIONS, _drop(0, "entryPrice")),
    "position-entry-zero": (POSITIONS, _put("0", 0, "entryPrice")),
    "position-unknown-side": (POSITIONS, _put("NORTH", 0, "positionSide")),
    "position-without-time": (POSITIONS, _drop(0, "updateTime")),
    "position-twice": (POSITIONS, lambda answer: [*answer, answer[0]]),
    "position-no-object": (POSITIONS, lambda answer: [*answer, 7]),
}


@pytest.mark.parametrize(("endpoint", "change"), BROKEN.values(), ids=BROKEN.keys())
async def test_an_answer_with_a_broken_field_is_not_used_in_part(
    endpoint: str, change: Change, caplog: pytest.LogCaptureFixture
):
    """Half a picture of an account is a wrong picture: nothing is shown until a whole one comes."""
    name = endpoint.rpartition("/")[2]
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED) as witness:
        await bend(running, endpoint, "live", change)
        await reread(running, "live")
        await until_failed(running, name, "malformed")
        await until_logged(caplog, "live", endpoint)
        assert await shows_nothing(running, "live")
        await heal(running)
        await until_true(running, "live")
    assert witness.shown["eon"] == witness.pages


def _more(answer: Any) -> object:  # noqa: ANN401 - JSON
    """The same with additional fields at every level."""
    if isinstance(answer, dict):
        return {**{name: _more(value) for name, value in answer.items()}, "newIn2027": {"deep": [1]}}
    return [_more(value) for value in answer] if isinstance(answer, list) else answer


@pytest.mark.parametrize("endpoint", [ACCOUNT, POSITIONS, ORDERS, ALGO_ORDERS, "GET /fapi/v1/symbolConfig"])
async def test_fields_that_we_do_not_know_are_passed_over(endpoint: str):
    """Additional fields at every level change nothing."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await bend(running, endpoint, "live", _more)
        await reread(running, "live")
        await until_counted(running, "binance_stream_reconnects_total", stream="live")
        await until_true(running, "live")
        assert await counted(running, "binance_api_failures_total", endpoint="account", kind="malformed") == 0


async def test_one_odd_symbol_of_the_exchange_blinds_nobody():
    """Broken rows of symbols that nobody holds are left out; whoever does not hold them is right."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        rows = answer_of(running, "GET /fapi/v1/premiumIndex")
        odd = [{"symbol": "ODDUSDT", "markPrice": "NaN", "time": 1}, {"symbol": None}, *rows]
        await fail(running, "GET /fapi/v1/premiumIndex", status=200, body=odd)
        tables = answer_of(running, "GET /fapi/v1/leverageBracket", "live")
        await fail(running, "GET /fapi/v1/leverageBracket", status=200, body=[{"symbol": "ODDUSDT"}, *tables])
        await running.sim("stream", target="market", action="cut")
        await reread(running, "live")
        await until_counted(running, "binance_stream_reconnects_total", stream="market")
        await until_true(running, "live")


@pytest.mark.parametrize("endpoint", [ORDERS, ALGO_ORDERS], ids=["plain", "algo"])
async def test_an_order_list_that_is_broken_makes_the_orders_unknown(endpoint: str, caplog: pytest.LogCaptureFixture):
    """A list of orders with a broken row shows no orders at all, never fewer; everything else stays shown."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        order = {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01", "price": "60000"}
        await running.sim("order", **order)
        await until_true(running, "live")
        await bend(running, endpoint, "live", lambda answer: [{**answer[0], "side": "SIDEWAYS"}, *answer[1:]])
        await reread(running, "live")
        await until_failed(running, endpoint.rpartition("/")[2], "malformed")
        await until_logged(caplog, "live", endpoint)
        page = await running.until(lambda metrics: "equity" in shown(metrics, "live"), "the account is shown")
        figures = shown(page, "live")
        assert not any(name.startswith("orders ") for name in figures)
        await heal(running)
        await until_true(running, "live")


async def test_an_order_of_an_unknown_type_in_the_list_counts_as_an_entry():
    """An order of a type that nobody knows is counted as one that may open a position, in the list as in the event."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        order = {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01", "price": "60000"}
        await running.sim("order", **order)
        await until_true(running, "live")
        for each in running.simulator.world.accounts["live"].orders.values():
            each.type = "HOLOGRAPHIC"
        await reread(running, "live")
        await until_counted(running, "binance_stream_reconnects_total", stream="live")
        await until_true(running, "live")


async def test_the_rules_of_the_exchange_cannot_be_read_at_the_start(caplog: pytest.LogCaptureFixture):
    """Without exchangeInfo nobody is live, since which assets count is unknown; it is tried until it works."""
    clock = FairClock(SPEED)
    async with running_simulator(scenario=STANDING, clock=clock, interval=1 / SPEED) as simulator:
        simulator.exchange.rest_faults.add(
            RestFault(endpoint="GET /fapi/v1/exchangeInfo", times=ALWAYS, status=200, body='{"symbols": []}')
        )
        async with watching(simulator, clock=clock) as running:
            await until_logged(caplog, "GET /fapi/v1/exchangeInfo")
            assert await shows_nothing(running, "live")
            await heal(running)
            await until_true(running, "live")
