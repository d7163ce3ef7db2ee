"""Faults on demand: of REST answers, streams and user events."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientConnectionError, WSMsgType, WSServerHandshakeError

from patience import PATIENCE
from plimsoll_simulator.streams.hub import QUEUE_LIMIT, Subscriber
from plimsoll_simulator.streams.routes import Plan
from simulator_client import SimulatorClient, is_silent, next_event, next_message, simulator_client

ACCOUNT = "/fapi/v3/account"
MARKS = "/market/ws/btcusdt@markPrice@1s"


async def move(client: SimulatorClient, amount: int = 1) -> None:
    """Let a user event happen."""
    assert (await client.control("transfer", account="live", amount=amount)).status == 200


async def moved(socket, count: int) -> list[str]:  # noqa: ANN001 - whatever the session's stream is
    """The amounts of the next user events."""
    return [(await next_event(socket, "ACCOUNT_UPDATE"))["a"]["B"][0]["bc"] for _ in range(count)]


async def test_an_endpoint_fails_as_told_and_recovers():
    """Status, body, headers and number of times are the caller's; the call after them succeeds."""
    async with simulator_client() as client:
        body = {"code": -1008, "msg": "Request throttled by system-level protection."}
        await client.control("fail", endpoint=ACCOUNT, status=503, body=body, headers={"X-Why": "test"}, times=2)
        for _ in range(2):
            reply = await client.get(ACCOUNT)
            assert (reply.status, reply.body, reply.headers["X-Why"]) == (503, body, "test")
        assert (await client.get(ACCOUNT)).status == 200


async def test_a_web_page_may_come_instead_of_json():
    """A body that is HTML is served as such."""
    async with simulator_client() as client:
        await client.control("fail", endpoint=f"GET {ACCOUNT}", status=403, body="<html>blocked</html>")
        reply = await client.get(ACCOUNT)
        assert (reply.status, reply.body) == (403, "<html>blocked</html>")
        assert reply.headers["Content-Type"].startswith("text/html")


async def test_a_fault_can_hit_one_account_alone():
    """The other accounts' calls of the endpoint go on."""
    async with simulator_client() as client:
        await client.control("fail", endpoint="*", status=500, times=9, account="live")
        assert (await client.get(ACCOUNT)).status == 500
        client.account = "eon"
        assert (await client.get(ACCOUNT)).status == 200


async def test_a_connection_can_be_dropped():
    """A reset gives the client no answer at all."""
    async with simulator_client() as client:
        # The client's library sends a read once more when a kept connection breaks: hence more than one.
        await client.control("fail", endpoint=ACCOUNT, reset=True, times=5)
        with pytest.raises(ClientConnectionError):
            await client.get(ACCOUNT)
        await client.control("fail", method="DELETE")
        assert (await client.get(ACCOUNT)).status == 200


async def test_an_answer_can_be_late():
    """With a delay alone, the right answer comes later; latency delays every answer."""
    async with simulator_client() as client:
        loop = asyncio.get_running_loop()
        await client.control("fail", endpoint=ACCOUNT, delay=0.1)
        await client.control("latency", seconds=0.1)
        begun = loop.time()
        assert (await client.get(ACCOUNT)).status == 200
        assert loop.time() - begun >= 0.2
        await client.control("fail", method="DELETE")
        assert client.simulator.exchange.rest_faults.latency == 0


async def test_faults_can_be_ended():
    """DELETE ends what is left of every fault."""
    async with simulator_client() as client:
        await client.control("fail", endpoint="*", status=500, times=100)
        await client.control("fail", method="DELETE")
        assert (await client.get(ACCOUNT)).status == 200


async def test_a_stream_can_be_cut():
    """Cutting breaks the target's connections off, without a close frame, and no others."""
    async with (
        simulator_client() as client,
        client.stream(f"/private/ws/{await client.open_key()}") as private,
        client.stream(MARKS) as market,
    ):
        assert (await client.control("stream", target="live", action="cut")).body == {"connections": 1}
        frame = await private.receive(timeout=PATIENCE)
        assert frame.type in {WSMsgType.CLOSED, WSMsgType.ERROR}
        assert private.close_code in {None, 1006}
        assert await next_message(market)


@pytest.mark.parametrize("target", ["market", "all"])
async def test_the_market_streams_can_be_silenced_and_resumed(target: str):
    """A silent stream stays open, and speaks again on resume."""
    async with simulator_client() as client, client.stream(MARKS) as socket:
        await next_message(socket)
        await client.control("stream", target=target, action="silence")
        while not await is_silent(socket):
            pass
        assert not socket.closed
        await client.control("stream", target=target, action="resume")
        assert await next_message(socket)


async def test_silence_can_end_by_itself():
    """With a number of seconds the silence is over after them."""
    async with simulator_client() as client, client.stream(MARKS) as socket:
        await client.control("stream", target="market", action="silence", seconds=0.05)
        assert await next_message(socket)


async def test_one_account_can_be_silenced_alone():
    """Events of one account are lost; the other's arrive."""
    async with simulator_client() as client:
        live = await client.open_key()
        client.account = "eon"
        eon = await client.open_key()
        async with client.stream(f"/private/stream?listenKey={live}&listenKey={eon}") as socket:
            await client.control("stream", target="live", action="silence")
            await client.control("transfer", account="live", amount=1)
            await client.control("transfer", account="eon", amount=1)
            assert (await next_message(socket))["stream"] == eon


async def test_events_can_be_late():
    """A delayed event arrives later, with the time at which it happened."""
    async with simulator_client() as client, client.stream(f"/private/ws/{await client.open_key()}") as socket:
        await client.control("stream", target="live", action="delay", seconds=0.15)
        await move(client)
        happened = client.simulator.world.time_ms()
        event = await next_event(socket, "ACCOUNT_UPDATE")
        assert event["E"] <= happened <= client.simulator.world.time_ms() - 100


async def test_new_connections_can_be_refused():
    """A refused handshake gets 503; resume lets it through."""
    async with simulator_client() as client:
        await client.control("stream", target="market", action="refuse")
        with pytest.raises(WSServerHandshakeError) as refused:
            async with client.stream(MARKS):
                pass
        assert refused.value.status == 503
        await client.control("stream", target="market", action="resume")
        async with client.stream(MARKS) as socket:
            assert await next_message(socket)


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ("path", "/private/ws/{key}"),
        ("query", "/private/ws?listenKey={key}"),
        ("events", "/private/ws?listenKey={key}&events=ACCOUNT_UPDATE"),
    ],
)
async def test_a_form_of_the_private_url_can_be_dead(form: str, path: str):
    """A dead form shakes hands and delivers nothing, as reported from production; the others deliver."""
    async with simulator_client() as client:
        key = await client.open_key()
        await client.control("stream", target="all", action="silence", form=form)
        async with client.stream(path.format(key=key)) as dead, client.stream("/private/stream") as alive:
            await alive.send_json({"method": "SUBSCRIBE", "params": [key], "id": 1})
            await next_message(alive)
            await move(client)
            await next_event(alive, "ACCOUNT_UPDATE")
            assert await is_silent(dead)
            await client.control("stream", target="all", action="resume", form=form)
            await move(client)
            await next_event(dead, "ACCOUNT_UPDATE")


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [
        ({"drop": 2}, ["3", "4"]),
        ({"repeat": 1}, ["1", "1", "2", "3", "4"]),
        ({"reorder": 3}, ["3", "2", "1", "4"]),
    ],
)
async def test_user_events_can_be_lost_doubled_and_turned_round(fault: dict[str, int], arrives: list[str]):
    """The next events are hit as told, those after them come as they should."""
    async with simulator_client() as client, client.stream(f"/private/ws/{await client.open_key()}") as socket:
        await client.control("event", account="live", **fault)
        for amount in range(1, 5):
            await move(client, amount)
        assert await moved(socket, len(arrives)) == arrives


async def test_any_event_can_be_sent_as_it_is():
    """A raw event reaches every form, whatever events it asked for; a raw text may be no JSON at all."""
    async with simulator_client() as client:
        path = f"/private/ws?listenKey={await client.open_key()}&events=ACCOUNT_UPDATE"
        async with client.stream(path) as socket:
            await client.control("event", account="live", raw={"e": "NEWS", "E": 1})
            assert await next_message(socket) == {"e": "NEWS", "E": 1}
            await client.control("event", account="live", raw="{broken")
            assert (await socket.receive(timeout=PATIENCE)).data == "{broken"


async def test_any_text_can_be_sent_on_the_market_streams():
    """A market connection can be sent a price that is no number."""
    async with simulator_client(interval=60) as client, client.stream(MARKS) as socket:
        await client.control("event", account="market", raw={"e": "markPriceUpdate", "s": "BTCUSDT", "p": "NaN"})
        assert (await next_message(socket))["p"] == "NaN"


async def test_a_subscriber_that_falls_too_far_behind_is_cut_off():
    """A full queue ends the connection instead of growing without end."""
    subscriber = Subscriber(Plan(group="market", wrapped=False))
    for _ in range(QUEUE_LIMIT):
        subscriber.offer("x")
    assert not subscriber.cut.is_set()
    subscriber.offer("x")
    assert subscriber.cut.is_set()
