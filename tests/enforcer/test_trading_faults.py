"""What a write means when the exchange, the network or the clock misbehaves: told apart, and never sent twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from fake_rest_server import QUICK, FakeRest
from plimsoll.errors import (
    Banned,
    ClockRefused,
    ExchangeError,
    KeyRefused,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unavailable,
)
from plimsoll_enforcer.trading.endpoints import WRITES
from plimsoll_enforcer.trading.rest import RestTrader
from rest_plays import Play, answer, refuse, reset, silence, truncate
from trader_scene import TraderScene, close_order, trader_scene

ORDER = "/fapi/v1/order"
UNKNOWN = "Unknown error, please check your request or try again later."
THROTTLED = (
    "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again."
)
INTERNAL = "Internal error; unable to process your request. Please try again."

FAULTS: list[tuple[Play, type[ExchangeError], int | None]] = [
    (refuse(503, 0, UNKNOWN), OutcomeUnknown, 0),
    (answer(503, UNKNOWN), OutcomeUnknown, None),
    (refuse(503, -1000, UNKNOWN), OutcomeUnknown, -1000),
    (refuse(500, -1000, "Request occur unknown error."), OutcomeUnknown, -1000),
    (answer(504, "<html>Gateway time-out</html>"), OutcomeUnknown, None),
    (answer(408, ""), OutcomeUnknown, None),
    (refuse(408, -1007, "Timeout waiting for response from backend server."), OutcomeUnknown, -1007),
    (refuse(400, -1006, "An unexpected response was received from the message bus."), OutcomeUnknown, -1006),
    (silence, OutcomeUnknown, None),
    (truncate, OutcomeUnknown, None),
    (reset, OutcomeUnknown, None),
    (refuse(503, 0, "Service Unavailable."), Unavailable, 0),
    (answer(503, "Service Unavailable."), Unavailable, None),
    (refuse(503, -1001, INTERNAL), Unavailable, -1001),
    (refuse(500, 0, INTERNAL), Unavailable, 0),
    (refuse(503, -1008, THROTTLED), Unavailable, -1008),
    (refuse(429, -1003, "Too many requests."), Throttled, -1003),
    (refuse(418, -1003, "Way too many requests; IP banned until 1795164300000."), Banned, -1003),
    (refuse(429, -1015, "Too many new orders."), Throttled, -1015),
    (refuse(400, -1015, "Too many new orders."), Throttled, -1015),
    (answer(403, "<html>Forbidden</html>"), Throttled, None),
    (refuse(401, -2015, "Invalid API-key, IP, or permissions for action."), KeyRefused, -2015),
    (answer(200, "<html>maintenance</html>"), OutcomeUnknown, None),
]
REFUSALS = (-2022, -4118, -4131, -4164, -4016, -4024, -2023, -4105, -4106, -4107, -4189, -4400, -2019, -2013, -4116,
            -4003, -4004, -4005, -1111, -1106, -4061, -2020, -1112, -4140, -4141, -4192)  # fmt: skip
"""Codes that closing meets; each is told as a refusal with its code."""

CALLS: dict[str, Callable[[RestTrader], Awaitable[object]]] = {
    ORDER: lambda trader: trader.place(close_order()),
    "/fapi/v1/allOpenOrders": lambda trader: trader.cancel_plain("BTCUSDT"),
    "/fapi/v1/algoOpenOrders": lambda trader: trader.cancel_algos("BTCUSDT"),
    "/fapi/v1/algoOrder": lambda trader: trader.cancel_algo(1),
    "/fapi/v1/leverage": lambda trader: trader.set_leverage("BTCUSDT", 1),
}


async def fails(scene: TraderScene, path: str, fault: Play) -> ExchangeError:
    """The error that a write meets when this is played."""
    scene.server.play(path, fault)
    with pytest.raises(ExchangeError) as caught:
        await CALLS[path](scene.trader)
    return caught.value


def asked(server: FakeRest, path: str) -> int:
    """How often a path was asked for."""
    return server.paths().count(path)


@pytest.mark.parametrize(("fault", "kind", "code"), FAULTS)
async def test_an_order_is_sent_once_whatever_happens(fault: Play, kind: type[ExchangeError], code: int | None):
    """Each way to fail has its own meaning, and none makes the adapter send the order again."""
    async with trader_scene(timeouts=QUICK) as scene:
        failure = await fails(scene, ORDER, fault)
        assert type(failure) is kind
        assert failure.code == code
        assert scene.server.paths() == [ORDER]


@pytest.mark.parametrize("code", REFUSALS)
async def test_a_refusal_is_told_with_its_code(code: int):
    """What the exchange refuses is certain, and the code decides what follows."""
    async with trader_scene() as scene:
        failure = await fails(scene, ORDER, refuse(400, code, "No."))
        assert type(failure) is Refused
        assert failure.code == code
        assert scene.server.paths() == [ORDER]


@pytest.mark.parametrize("path", list(CALLS))
@pytest.mark.parametrize("fault", [refuse(503, 0, UNKNOWN), answer(503, "Service Unavailable."), silence])
async def test_no_write_is_repeated(path: str, fault: Play):
    """Cancels and settings are sent once as well: whoever asked decides."""
    async with trader_scene(timeouts=QUICK) as scene:
        await fails(scene, path, fault)
        assert asked(scene.server, path) == 1


def test_no_write_repeats():
    """Nothing that changes an account is ever repeated by the caller."""
    assert [endpoint.repeats for endpoint in WRITES] == [0] * len(WRITES)


async def test_a_refused_timestamp_is_sent_once_more():
    """A refused timestamp was certainly not carried out: the clock is measured and the order goes again, once."""
    async with trader_scene() as scene:
        scene.server.skew = 30.0
        assert await scene.trader.place(close_order())
        assert scene.server.paths() == [ORDER, "/fapi/v1/time", ORDER]
    async with trader_scene() as scene:
        refusal = refuse(400, -1021, "Timestamp for this request is outside of the recvWindow.")
        scene.server.play(ORDER, refusal, refusal)
        with pytest.raises(ClockRefused):
            await scene.trader.place(close_order())
        assert asked(scene.server, ORDER) == 2


async def test_a_refused_timestamp_stands_where_the_time_cannot_be_read():
    """That the time cannot be read says nothing about the order, which was certainly not carried out."""
    async with trader_scene() as scene:
        scene.server.play(ORDER, refuse(400, -1021, "Timestamp."))
        scene.server.play("/fapi/v1/time", *[refuse(503, 0, UNKNOWN)] * 3)
        with pytest.raises(ClockRefused):
            await scene.trader.place(close_order())
        assert asked(scene.server, ORDER) == 1


async def test_a_refused_timestamp_and_then_silence():
    """The second sending can fail in its own way; there is no third."""
    async with trader_scene(timeouts=QUICK) as scene:
        scene.server.play(ORDER, refuse(400, -1021, "Timestamp."), silence)
        with pytest.raises(OutcomeUnknown):
            await scene.trader.place(close_order())
        assert asked(scene.server, ORDER) == 2


async def test_an_order_over_a_connection_that_closes_is_not_sent_twice():
    """Aiohttp repeats reads and cancels over a kept connection that closes under it, but never an order."""
    async with trader_scene() as scene:
        await scene.trader.wallet()
        assert isinstance(await fails(scene, ORDER, reset), OutcomeUnknown)
        assert asked(scene.server, ORDER) == 1
        scene.server.answers["/fapi/v1/allOpenOrders"] = {"code": 200, "msg": "done"}
        await scene.trader.wallet()
        scene.server.play("/fapi/v1/allOpenOrders", reset)
        await scene.trader.cancel_plain("BTCUSDT")
        assert asked(scene.server, "/fapi/v1/allOpenOrders") == 2


async def test_too_many_orders_holds_the_next_back():
    """After -1015 the next order waits for the window; reads do not."""
    async with trader_scene() as scene:
        await fails(scene, ORDER, refuse(429, -1015, "Too many new orders."))
        before = scene.clock.monotonic()
        await scene.trader.wallet()
        assert scene.clock.monotonic() == before
        assert await scene.trader.place(close_order())
        assert 0 < scene.clock.monotonic() - before <= 10.5


async def test_a_long_silence_is_told_at_once():
    """Where the exchange wants a silence that a flatten must know of, every call says for how long; none hangs."""
    async with trader_scene() as scene:
        await fails(scene, ORDER, refuse(429, -1003, "Too many requests.", {"Retry-After": "30"}))
        for call in (scene.trader.wallet, lambda: scene.trader.place(close_order())):
            with pytest.raises(Throttled) as held:
                await call()
            assert held.value.retry_after == pytest.approx(30)
        assert scene.server.paths() == [ORDER]
        scene.clock.advance(27)
        assert await scene.trader.place(close_order())
        assert asked(scene.server, ORDER) == 2


async def test_after_the_end_nothing_is_sent():
    """A closed gateway sends no order, not even one that waits for the end of a silence."""
    async with trader_scene() as scene:
        await fails(scene, ORDER, refuse(429, -1003, "Too many requests.", {"Retry-After": "2"}))
        await scene.gateway.close()
        with pytest.raises(Unavailable, match="closed"):
            await scene.trader.place(close_order())
        assert scene.server.paths() == [ORDER]


async def test_no_error_tells_a_secret():
    """What is logged or shown of a failed order holds neither key nor signature nor client id's neighbours."""
    async with trader_scene() as scene:
        scene.server.play(ORDER, refuse(400, -2022, f"ReduceOnly Order is rejected. {'ab12' * 16}"))
        with pytest.raises(Refused) as caught:
            await scene.trader.place(close_order())
        assert "ab12" not in str(caught.value)
        assert "simulator" not in f"{caught.value!r}{scene.trader!r}{scene.gateway!r}"
