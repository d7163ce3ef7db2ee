"""Both programs' web servers under hostile clients: a scrape, the webhook and the gate are answered all the same."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web

from fake_desk import WEBHOOK
from hostile_clients import ALERTS, HEALTHY, Besieged, besieged, connected, first_answer, gone, soon
from patience import PATIENCE
from plimsoll.clock import SystemClock
from plimsoll.config.model import Listen
from plimsoll.web.body import read_body
from plimsoll.web.connections import WebLimits
from plimsoll.web.door import Door
from plimsoll.web.server import Handler, HttpServer, Route
from web_client import ask, exchange, parse

PROGRAMS = ["exporter", "enforcer"]
FEW = WebLimits(connections=12, silence_seconds=0.05)
"""So few that a test can take them all; a place is given away soon."""

MOST_TAKEN = 32 * 1024 * 1024
"""Bytes that a server may take from a client that reads nothing, in its own and the system's buffers."""


@pytest.fixture(params=PROGRAMS)
async def few(request: pytest.FixtureRequest) -> AsyncIterator[Besieged]:
    """A program that bears few connections."""
    async with besieged(request.param, FEW) as site:
        yield site


@pytest.fixture(params=PROGRAMS)
async def shipped(request: pytest.FixtureRequest) -> AsyncIterator[Besieged]:
    """A program with the limits that it is shipped with."""
    async with besieged(request.param) as site:
        yield site


@dataclass(frozen=True, kw_only=True)
class Small:
    """A server with one route, which answers everything."""

    server: HttpServer


@contextlib.asynccontextmanager
async def small_server(handler: Handler, limits: WebLimits) -> AsyncIterator[Small]:
    """Such a server on a free port."""
    server = HttpServer(
        listen=Listen(host="127.0.0.1", port=0),
        allowed_hosts=(),
        section="exporter",
        door=Door(None, clock=SystemClock()),
        find=lambda _: Route(handler=handler, door=False, methods=("GET", "POST"), body=True),
        limits=limits,
    )
    await server.start()
    try:
        yield Small(server=server)
    finally:
        await server.stop()


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", HEALTHY, HEALTHY + b"GET /", b"\x16\x03\x01"],
    ids=["silent", "half-a-header", "idle-after-an-answer", "half-of-the-next", "half-a-handshake"],
)
async def test_silent_clients_keep_nobody_out(few: Besieged, sent: bytes):
    """With every place taken by clients that ask for nothing more, what is vital is answered at once, and again."""
    pairs = await connected(few, FEW.connections, sent)

    assert await soon(few)
    assert await soon(few)
    await gone(pairs)


async def test_trickling_clients_keep_nobody_out(few: Besieged):
    """A byte now and then is no request: such clients give way like silent ones."""
    pairs = await connected(few, FEW.connections, b"GET / HTTP/1.1\r\n")

    async def trickle() -> None:
        while True:
            for _, writer in pairs:
                writer.write(b"X: y\r\n")
            await asyncio.sleep(0.01)

    trickling = asyncio.create_task(trickle())
    assert await soon(few)
    trickling.cancel()
    await gone(pairs)


async def test_slow_readers_keep_nobody_out(few: Besieged):
    """Clients that ask for long answers and read none of them give way too."""
    long = f"GET {few.large} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 200
    pairs = await connected(few, FEW.connections, long)

    assert await soon(few)
    await gone(pairs)


async def test_who_waits_for_an_answer_gives_way_to_nobody():
    """Only silent clients are closed: with every place taken by requests under way the next one is refused."""
    going, done = asyncio.Event(), asyncio.Event()

    async def slow(_: web.BaseRequest) -> web.Response:
        going.set()
        await done.wait()
        return web.Response(text="done")

    async with small_server(slow, WebLimits(connections=1, silence_seconds=0.0)) as server:
        waiting = asyncio.create_task(ask(server, "/"))
        await going.wait()
        refused = b""
        with contextlib.suppress(ConnectionError):
            refused = await exchange(server, HEALTHY)
        assert refused == b""
        done.set()
        assert (await waiting).status == 200


async def test_500_connections_are_borne_and_freed(shipped: Besieged):
    """With 500 clients at once what is vital is answered, and when they have gone nothing of them is left."""
    before = len(asyncio.all_tasks())
    pairs = await connected(shipped, 500, HEALTHY[:20])
    assert await soon(shipped)
    await gone(pairs)

    async with asyncio.timeout(PATIENCE):
        while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110 - tasks of the server's, which has no event for it
            await asyncio.sleep(0.02)
    assert await shipped.vital()


@pytest.mark.parametrize("path", ["/-/healthy", "/metrics"])
async def test_endless_requests_of_a_client_that_reads_nothing_end_in_its_own_buffers(shipped: Besieged, path: str):
    """Requests without end, none of whose answers is read, stop being taken: the memory they fill is bounded."""
    [(_, writer)] = await connected(shipped, 1)
    requests = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 20_000
    taken = 0
    with contextlib.suppress(TimeoutError, ConnectionError):
        while taken <= MOST_TAKEN:
            writer.write(requests)
            await asyncio.wait_for(writer.drain(), 1.0)
            taken += len(requests)

    assert taken <= MOST_TAKEN
    assert await shipped.vital()
    writer.transport.abort()


CHUNKED = (
    f"POST {ALERTS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {WEBHOOK}\r\nTransfer-Encoding: chunked\r\n"
).encode()
BROKEN_BODIES = {
    "no-size": CHUNKED + b"\r\nzz\r\n{}\r\n0\r\n\r\n",
    "negative": CHUNKED + b"\r\n-1\r\n{}\r\n0\r\n\r\n",
    "size-without-end": CHUNKED + b"\r\n" + b"f" * 100_000,
    "more-than-said": CHUNKED + b"\r\n1\r\n{}\r\n0\r\n\r\n",
    "two-lengths": CHUNKED + b"Content-Length: 2\r\n\r\n0\r\n\r\n",
    "two-codings": CHUNKED + b"Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
    "bare-line-feeds": CHUNKED.replace(b"\r\n", b"\n") + b"\n2\n{}\n0\n\n",
    "huge-size": CHUNKED + b"\r\nffffffffffffffff\r\n" + b"x" * (1 << 21),
}


@pytest.mark.parametrize("sent", BROKEN_BODIES.values(), ids=BROKEN_BODIES)
async def test_a_broken_body_is_no_message(shipped: Besieged, sent: bytes):
    """Chunks that are none, two lengths for one body, a body beyond the limit: refused and closed, nothing taken on."""
    assert await first_answer(shipped, sent) in {0, 400, 404, 405, 413, 421}
    assert await shipped.vital()


async def test_wrong_tokens_at_speed_keep_nobody_out():
    """Hundreds of wrong tokens, a dozen at a time, are all refused, and the right one goes in between."""
    async with besieged("enforcer") as site:
        statuses: list[int] = []

        async def guess(worker: int) -> None:
            for number in range(25):
                wrong = f"Bearer {WEBHOOK[: number % 9]}{worker}"
                statuses.append((await ask(site.site, ALERTS, method="POST", Authorization=wrong)).status)

        guessing = asyncio.gather(*(guess(worker) for worker in range(12)))
        assert await site.vital()
        await guessing
        assert statuses == [401] * 300


async def test_endless_body_without_a_token_is_not_read():
    """Whoever has no token is refused before his body, and his connection closed under it."""
    async with besieged("enforcer") as site:
        head = f"POST {ALERTS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n".encode()
        assert await first_answer(site, head + b"x" * 100_000) == 401


@pytest.mark.parametrize("host", ["", "Host: localhost\r\n"])
async def test_old_protocol_is_answered_and_closed(shipped: Besieged, host: str):
    """HTTP/1.0 gets its answer and the connection's end; without a host it is refused, as later versions are."""
    assert await first_answer(shipped, f"GET /-/healthy HTTP/1.0\r\n{host}\r\n".encode()) == (200 if host else 400)


async def test_a_body_that_comes_too_slowly_is_not_waited_for():
    """Half a body and then silence is 408 after the time that bodies have, and the connection ends."""

    async def take(request: web.BaseRequest) -> web.Response:
        content = await read_body(request, limit=100, seconds=0.05)
        return web.Response() if isinstance(content, bytes) else content

    async with small_server(take, WebLimits()) as small:
        raw = await exchange(small, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nhalf")
        assert parse(raw).status == 408
        assert (await ask(small, "/", method="POST", body=b"x" * 101)).status == 413
        assert (await ask(small, "/", method="POST", body=b"x" * 100)).status == 200
