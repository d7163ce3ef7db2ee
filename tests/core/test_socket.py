"""One connection: opening, messages, control messages, endings; and the paces and pauses around it."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal

import aiohttp
import pytest

from fair_loop import LoopClock
from fake_stream_server import FAST, FakeStreamServer, eventually, nothing, refusal
from manual_clock import ManualClock
from plimsoll.exchange.pacing import Backoff, ConnectPacer, StreamTimings
from plimsoll.exchange.socket import MAX_MESSAGE, Remarks, RequestRefused, Socket, SocketLost, open_socket


@pytest.fixture
async def server():
    """A running stream server."""
    async with FakeStreamServer() as running:
        yield running


@pytest.fixture
async def session():
    """A client session that is closed after the test."""
    async with aiohttp.ClientSession() as running:
        yield running


async def connect(session: aiohttp.ClientSession, url: str, timings: StreamTimings = FAST) -> Socket:
    """Open a socket with a fresh set of remarks."""
    return await open_socket(session, url, clock=LoopClock(), timings=timings, remarks=Remarks("desk"))


async def read_to_the_end(socket: Socket) -> None:
    """Read until the socket ends."""
    while True:
        await socket.receive()


async def loss_of(socket: Socket) -> str:
    """Why the socket ends."""
    with pytest.raises(SocketLost) as lost:
        await read_to_the_end(socket)
    await socket.close()
    return str(lost.value)


async def opening_loss(session: aiohttp.ClientSession, url: str, timings: StreamTimings = FAST) -> SocketLost:
    """Why the socket cannot be opened."""
    with pytest.raises(SocketLost) as lost:
        await connect(session, url, timings)
    return lost.value


async def test_messages_come_in_order_and_rubbish_is_passed_over_once_logged(
    server: FakeStreamServer, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
):
    """Objects and lists are given on; binary, non-JSON, scalars and stray answers are logged once a kind."""
    socket = await connect(session, server.url)
    await eventually(lambda: server.peers)
    for _ in range(3):
        await server.last.socket.send_bytes(b"\x00\x01")
        await server.last.send(
            "{broken", "[" * 100_000, "17", "[NaN]", {"result": None, "id": 9}, {"error": {"code": 2}}
        )
    await server.last.send({"e": "x"}, "[1.10]")
    assert [await socket.receive(), await socket.receive()] == [{"e": "x"}, [Decimal("1.10")]]
    await socket.close()
    logged = [record.getMessage().split(";")[0] for record in caplog.records if record.levelno == logging.WARNING]
    assert logged == [
        "stream desk: binary frame",
        "stream desk: text that is not JSON",
        "stream desk: JSON that is no object",
        "stream desk: answer to no question",
        "stream desk: error frame",
    ]


def test_remarks_are_bounded(caplog: pytest.LogCaptureFixture):
    """A kind is logged once with the detail of its first case, and kinds without end are cut off."""
    remarks = Remarks("desk")
    remarks.once("odd", "first")
    remarks.once("odd", "second")
    for number in range(200):
        remarks.once(f"kind {number}")
    assert caplog.messages[0] == "stream desk: odd (first); further ones of this kind are not logged"
    assert len(caplog.messages) == 100


async def test_request_is_confirmed_by_its_answer(server: FakeStreamServer, session: aiohttp.ClientSession):
    """A control message has an integer id, and its answer ends the wait without reaching the reader."""
    socket = await connect(session, server.url)
    reading = asyncio.create_task(socket.receive())
    await socket.request("SUBSCRIBE", ["币安人生usdt@markPrice@1s"])
    await socket.request("SUBSCRIBE", ["b"])
    assert server.last.received == [
        {"method": "SUBSCRIBE", "params": ["币安人生usdt@markPrice@1s"], "id": 1},
        {"method": "SUBSCRIBE", "params": ["b"], "id": 2},
    ]
    await socket.close()
    with pytest.raises(SocketLost):
        await reading


async def test_request_refused(server: FakeStreamServer, session: aiohttp.ClientSession):
    """An error answer fails the request with its code and without the params."""
    server.answer = refusal
    socket = await connect(session, server.url)
    reading = asyncio.create_task(socket.receive())
    with pytest.raises(RequestRefused, match=r"^refused: error code 2$"):
        await socket.request("SUBSCRIBE", ["secret-key"])
    server.answer = lambda message: [{"error": "no", "id": message["id"]}]
    with pytest.raises(RequestRefused, match="error without a code"):
        await socket.request("SUBSCRIBE", ["secret-key"])
    reading.cancel()
    await socket.close()


async def test_request_without_answer(server: FakeStreamServer, session: aiohttp.ClientSession):
    """No answer in time is a timeout; the connection stays usable."""
    server.answer = nothing
    socket = await connect(session, server.url)
    reading = asyncio.create_task(socket.receive())
    with pytest.raises(TimeoutError):
        await socket.request("SUBSCRIBE", ["x"])
    await server.last.send({"e": "still here"})
    assert await reading == {"e": "still here"}
    await socket.close()


async def test_request_fails_with_the_connection(server: FakeStreamServer, session: aiohttp.ClientSession):
    """A request that waits when the connection ends is told so."""
    server.answer = nothing
    socket = await connect(session, server.url)
    reading = asyncio.create_task(socket.receive())
    request = asyncio.create_task(socket.request("SUBSCRIBE", ["x"]))
    await eventually(lambda: server.peers and server.last.received)
    server.last.cut()
    results = await asyncio.gather(reading, request, return_exceptions=True)
    assert all(isinstance(result, SocketLost) for result in results)
    with pytest.raises(SocketLost, match="cannot send"):
        await socket.request("SUBSCRIBE", ["x"])
    await socket.close()


async def test_control_messages_are_paced(server: FakeStreamServer, session: aiohttp.ClientSession):
    """Control messages keep their distance, since the exchange cuts those who send too many."""
    clock = ManualClock()
    socket = await open_socket(session, server.url, clock=clock, timings=FAST, remarks=Remarks("desk"))
    reading = asyncio.create_task(socket.receive())
    await socket.request("SUBSCRIBE", ["a"])
    second = asyncio.create_task(socket.request("SUBSCRIBE", ["b"]))
    await eventually(lambda: clock.sleepers == 1)
    clock.advance(FAST.control_interval)
    await second
    assert server.last.streams == ["a", "b"]
    reading.cancel()
    await socket.close()


async def test_endings_have_reasons(server: FakeStreamServer, session: aiohttp.ClientSession):
    """A close by the server, a cut and a message beyond the limit each end the socket with a reason for people."""
    socket = await connect(session, server.url)
    await eventually(lambda: server.peers)
    await server.last.socket.close(code=1008)
    assert await loss_of(socket) == "closed by the server with code 1008"

    socket = await connect(session, server.url)
    await eventually(lambda: len(server.peers) == 2)
    server.last.cut()
    assert (await loss_of(socket)).startswith(("connection broken: ", "closed by the server with code 1006"))

    socket = await connect(session, server.url)
    await eventually(lambda: len(server.peers) == 3)
    await server.last.send('"' + "x" * MAX_MESSAGE + '"')
    assert await loss_of(socket) == "message larger than 4 MiB"


async def test_protocol_violation_ends_the_socket(server: FakeStreamServer, session: aiohttp.ClientSession):
    """A frame that is no web-socket frame ends the connection with a reason."""
    socket = await connect(session, server.url)
    await eventually(lambda: server.peers)
    server.last.request.transport.write(b"\xff\xff\xff\xff")
    assert await loss_of(socket) == "frame against the protocol"


async def test_dead_connection_is_noticed_by_missing_pongs(server: FakeStreamServer, session: aiohttp.ClientSession):
    """A server that no longer answers pings is given up after heartbeat and a half."""
    server.pong = False
    timings = StreamTimings(heartbeat=0.05, close_timeout=0.05)
    socket = await connect(session, server.url, timings)
    assert await loss_of(socket) == "no pong: the connection is dead"


async def test_opening_can_fail_in_many_ways(server: FakeStreamServer, session: aiohttp.ClientSession):
    """Refusals, silence and unreachable hosts are told apart; only refusals of the URL speak against its form."""
    server.refuse = lambda _: 404
    assert str(await opening_loss(session, server.url)) == "handshake refused with status 404"
    assert (await opening_loss(session, server.url)).form_failed
    server.refuse = lambda _: 429
    assert not (await opening_loss(session, server.url)).form_failed
    server.refuse = lambda _: 503
    assert not (await opening_loss(session, server.url)).form_failed
    server.hang = True
    assert str(await opening_loss(session, server.url)) == "no connection in time"
    assert str(await opening_loss(session, "ws://127.0.0.1:1")) == "cannot connect: ClientConnectorError"


async def test_url_never_shows_in_a_reason(server: FakeStreamServer, session: aiohttp.ClientSession):
    """The URL holds the listen key: no reason quotes it."""
    server.refuse = lambda _: 400
    for url in (f"{server.url}/private/ws?listenKey=hush", "ws://[bad/?listenKey=hush", "nonsense://x/?listenKey=hush"):
        assert "hush" not in str(await opening_loss(session, url))


async def test_age_is_measured_on_the_clock_passed_in(server: FakeStreamServer, session: aiohttp.ClientSession):
    """A socket knows how old it is."""
    clock = ManualClock()
    socket = await open_socket(session, server.url, clock=clock, timings=FAST, remarks=Remarks("desk"))
    clock.advance(90.0)
    assert socket.age == 90.0
    await socket.close()


async def test_connect_pacer_lets_a_burst_through_and_then_one_a_second():
    """Twenty connections open at once, the next ones a second apart; a quiet minute earns no second burst."""
    clock = ManualClock()
    pacer = ConnectPacer(clock)
    for _ in range(20):
        await pacer.turn()
    passed: list[float] = []

    async def next_one() -> None:
        await pacer.turn()
        passed.append(clock.monotonic())

    start = clock.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(next_one())
        await clock.elapse(3.0)
    assert [moment - start for moment in passed] == [1.0, 2.0, 3.0]
    clock.advance(3600.0)
    for _ in range(20):
        await pacer.turn()
    last = asyncio.create_task(pacer.turn())
    await clock.elapse(1.0)
    await last


def test_backoff_doubles_to_its_limit_and_starts_anew():
    """Pauses double from the start to the limit, and a success starts them anew."""
    backoff = Backoff(0.2, chance=lambda: 1.0)
    assert [round(backoff.pause(1.0), 3) for _ in range(5)] == [0.2, 0.4, 0.8, 1.0, 1.0]
    assert backoff.attempts == 5
    backoff.reset()
    assert backoff.pause(1.0) == 0.2
    assert Backoff(0.2, chance=lambda: 0.0).pause(1.0) == 0.1


def test_backoff_survives_years_of_failures():
    """However many attempts failed, the pause stays finite."""
    backoff = Backoff(0.2)
    assert all(backoff.pause(30.0) <= 30.0 for _ in range(5000))
