"""What the web server bears: foreign hosts, broken requests, slow clients, many scrapes, and being stopped."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from exporter_state import Scene, two_accounts
from plimsoll.web.connections import WebLimits
from web_client import Served, ask, exchange, parse, served


@pytest.mark.parametrize("path", ["/", "/metrics", "/-/healthy", "/api/v1/accounts", "/nope"])
async def test_foreign_host_is_misdirected(site: Served, path: str):
    """A page that rebinds its own name to this machine gets nothing, on no path."""
    answer = await ask(site, path, host="evil.example:9713")

    assert answer.status == 421
    assert "allowed_hosts" in answer.text


async def test_allowed_host_is_answered():
    """A configured name is answered."""
    async with served(Scene(two_accounts()), allowed=["exporter"]) as site:
        assert (await ask(site, "/metrics", host="exporter:9713")).status == 200
        assert (await ask(site, "/metrics", host="[::1]:9713")).status == 200


@pytest.mark.parametrize(
    "hosts", [b"", b"Host: localhost\r\nHost: evil.example\r\n", b"Host: localhost\r\nHost: localhost\r\n"]
)
async def test_anything_but_one_host_is_refused(site: Served, hosts: bytes):
    """Without a host, or with two, a request is malformed."""
    raw = await exchange(site, b"GET /metrics HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")

    assert parse(raw).status == 400
    assert b"binance" not in raw


async def test_old_protocol_without_a_host_is_refused(site: Served):
    """HTTP/1.0 allows a request without a host; we do not."""
    assert parse(await exchange(site, b"GET /metrics HTTP/1.0\r\n\r\n")).status == 400


async def test_absolute_target_does_not_replace_the_host(site: Served):
    """A request line that names a host does not get round the Host header."""
    raw = await exchange(site, b"GET http://localhost/metrics HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n")

    assert parse(raw).status == 421


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 5000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(100)) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    ],
    ids=["tls", "words", "version", "long-line", "long-header", "many-headers", "bad-length"],
)
async def test_broken_request_is_answered_and_closed(site: Served, sent: bytes):
    """What is no proper request gets a short 400 that tells nothing of the software, and the server goes on."""
    answer = parse(await exchange(site, sent))

    assert answer.status == 400
    assert answer.headers["Server"] == "plimsoll"
    assert b"aiohttp" not in answer.body
    assert (await ask(site, "/-/healthy")).status == 200


async def test_request_with_a_body_is_refused(site: Served):
    """No page reads a body, so one that comes is refused and the connection closed, however long it says it is."""
    raw = await exchange(site, b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nx")

    assert parse(raw).status == 413


async def test_connection_is_kept_for_the_next_request(site: Served):
    """Two requests travel over one connection."""
    one = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n"
    raw = await exchange(site, one + b"\r\n" + one + b"Connection: close\r\n\r\n")

    assert raw.count(b"HTTP/1.1 200 OK") == 2


async def test_client_that_never_asks_is_cut():
    """A connection without a complete request ends after the time allowed, even while bytes trickle in."""
    async with served(Scene(two_accounts()), limits=WebLimits(first_request_seconds=0.05)) as site:
        assert await exchange(site, b"") == b""
        with contextlib.suppress(ConnectionError):
            assert await exchange(site, b"GET / HTTP/1.1\r\nHost: loc") == b""


async def test_idle_client_is_cut():
    """After an answer the next request must come in time."""
    async with served(Scene(two_accounts()), limits=WebLimits(request_seconds=0.1)) as site:
        raw = await exchange(site, b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert parse(raw).status == 200


async def test_connections_are_limited():
    """Beyond the limit a connection is closed as it comes; when one ends there is room again."""
    async with served(Scene(two_accounts()), limits=WebLimits(connections=1, silence_seconds=60.0)) as site:
        _, writer = await asyncio.open_connection("127.0.0.1", site.server.port)
        await answered_nothing(site)
        writer.close()
        await writer.wait_closed()
        answer = b""
        while not answer:
            answer = await refused_or_answer(site)

    assert parse(answer).status == 200


async def answered_nothing(site: Served) -> None:
    """Wait until the server refuses a connection."""
    while await refused_or_answer(site):
        continue


async def refused_or_answer(site: Served) -> bytes:
    """The answer to a health check, nothing when the connection was refused."""
    try:
        return await exchange(site, b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    except ConnectionError:
        return b""
