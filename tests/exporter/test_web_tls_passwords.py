"""The web server with users: every path asks, nothing is told to strangers, and guessing disturbs nobody."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from certificates import Authority
from exporter_state import Scene, two_accounts
from manual_clock import ManualClock
from patience import PATIENCE
from plimsoll.clock import SystemClock
from plimsoll.web.passwords import Passwords
from plimsoll.web.protection import Protection
from web_client import Served, ask, exchange, parse, served
from web_files import TLS, login, users, write


def protection(folder: Path, text: str) -> Protection:
    """The configuration in a folder, looked at only when a test says so."""
    return Protection(write(folder, text), clock=SystemClock())


def refused(site: Served, reason: str) -> float | None:
    """How many were refused for a reason."""
    return site.scene.value("plimsoll_web_refused_total", reason=reason)


PATHS = (
    "/",
    "/assets/status.js",
    "/metrics",
    "/-/healthy",
    "/-/ready",
    "/api/v1/accounts",
    "/api/v1/accounts/live",
    "/api/v1/accounts/live/report",
    "/api/v1/alerts",
    "/api/v1/stream",
    "/nope",
)


@pytest.mark.parametrize("path", PATHS)
async def test_every_path_asks_for_a_password(tmp_path: Path, path: str):
    """Without a login every path, known or not, gives the same 401 and the challenge."""
    async with served(Scene(two_accounts()), protection=protection(tmp_path, users(prometheus="1"))) as site:
        answer = await ask(site, path)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Plimsoll", charset="UTF-8"'
    assert answer.headers["Server"] == "plimsoll"
    assert answer.text == "unauthorized\n"


async def test_users_are_served(tmp_path: Path):
    """With a right login everything is as without one, health checks included."""
    async with served(Scene(two_accounts()), protection=protection(tmp_path, users(prometheus="1"))) as site:
        for path in ("/metrics", "/-/healthy", "/", "/api/v1/accounts"):
            assert (await ask(site, path, Authorization=login("prometheus", "1"))).status == 200
        assert (await ask(site, "/nope", Authorization=login("prometheus", "1"))).status == 404
        assert refused(site, "credentials") == 0


async def test_passwords_work_over_tls(tmp_path: Path):
    """TLS and passwords together."""
    authority = Authority()
    authority.write_server(tmp_path)
    async with served(Scene(two_accounts()), protection=protection(tmp_path, TLS + users(prometheus="1"))) as site:
        assert (await ask(site, "/metrics", tls=authority.trusting())).status == 401
        answer = await ask(site, "/metrics", tls=authority.trusting(), Authorization=login("prometheus", "1"))

    assert answer.status == 200


@pytest.mark.parametrize(
    "header",
    [
        b"Basic",
        b"Basic ====",
        b"Basic " + b"A" * 4000,
        b"Basic \xff\xfe",
        b"Bearer cHJvbWV0aGV1czox",
        b'Digest username="prometheus"',
        b"Basic " + login("prometheus", "2").encode()[6:],
        b"Basic " + login("prometheus\0", "1").encode()[6:],
        b"Basic " + login("prometheus", "1\0").encode()[6:],
        b"Basic " + login("PROMETHEUS", "1").encode()[6:],
        b"Basic " + login("prometheus", "").encode()[6:],
        login("prometheus", "1").encode() + b"\r\nAuthorization: " + login("prometheus", "1").encode(),
    ],
)
async def test_hostile_header_is_refused(tmp_path: Path, header: bytes, caplog: pytest.LogCaptureFixture):
    """Whatever stands in the header, there is a plain refusal, nothing of the state and nothing in the log."""
    sent = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: " + header + b"\r\n\r\n"
    async with served(Scene(two_accounts()), protection=protection(tmp_path, users(prometheus="1"))) as site:
        raw = await exchange(site, sent)

    assert parse(raw).status in {400, 401}
    assert b"binance" not in raw
    assert caplog.records == []


async def test_foreign_host_is_told_before_the_password(tmp_path: Path):
    """A foreign name gets 421 whatever else it sends, so that no page can try passwords."""
    async with served(Scene(two_accounts()), protection=protection(tmp_path, users(prometheus="1"))) as site:
        answer = await ask(site, "/metrics", host="evil.example", Authorization=login("prometheus", "1"))

    assert answer.status == 421
    assert "WWW-Authenticate" not in answer.headers


async def test_refused_request_with_a_body_is_closed(tmp_path: Path):
    """What a stranger sends as a body is not read as the next request."""
    inner = (
        b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
        + login("prometheus", "1").encode()
        + b"\r\n\r\n"
    )
    sent = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n" + inner
    async with served(Scene(two_accounts()), protection=protection(tmp_path, users(prometheus="1"))) as site:
        raw = await exchange(site, sent)

    assert parse(raw).status == 401
    assert raw.count(b"HTTP/1.1") == 1


async def test_users_are_read_again(tmp_path: Path):
    """A removed user is refused by the very connection that served them; a new one is served."""
    guarded = protection(tmp_path, users(old="1"))
    async with served(Scene(two_accounts()), protection=guarded) as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.server.port)
        request = f"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nAuthorization: {login('old', '1')}\r\n\r\n".encode()
        writer.write(request)
        assert b"200" in await asyncio.wait_for(reader.readuntil(b"healthy\n"), PATIENCE)
        write(tmp_path, users(new="2"))
        guarded.refresh()
        writer.write(request)
        assert b"401" in await asyncio.wait_for(reader.readuntil(b"unauthorized\n"), PATIENCE)
        writer.close()
        assert (await ask(site, "/metrics", Authorization=login("new", "2"))).status == 200


async def test_guessing_does_not_hold_up_those_known(tmp_path: Path):
    """While a guess is being judged, a user who was accepted before is served."""
    judging, done = threading.Event(), threading.Event()

    def slow(password: bytes, _: bytes) -> bool:
        if password == b"guess":
            judging.set()
            done.wait(PATIENCE)
        return password == b"1"

    guarded = protection(tmp_path, users(prometheus="1"))
    async with served(Scene(two_accounts()), protection=guarded, passwords=Passwords(verify=slow)) as site:
        assert (await ask(site, "/metrics", Authorization=login("prometheus", "1"))).status == 200
        guess = asyncio.create_task(ask(site, "/metrics", Authorization=login("prometheus", "guess")))
        assert await asyncio.to_thread(judging.wait, PATIENCE)
        assert (await ask(site, "/metrics", Authorization=login("prometheus", "1"))).status == 200
        done.set()
        assert (await guess).status == 401


async def test_requests_are_limited(tmp_path: Path):
    """Beyond the burst a request gets 429 until time has refilled the bucket; both refusals are counted."""
    clock = ManualClock()
    guarded = protection(tmp_path, users(prometheus="1") + "rate_limit: {interval: 10s, burst: 2}\n")
    async with served(Scene(two_accounts()), protection=guarded, clock=clock) as site:
        known = {"Authorization": login("prometheus", "1")}
        statuses = [(await ask(site, "/-/healthy", **headers)).status for headers in ({}, known, known, {})]
        clock.advance(10)
        statuses.append((await ask(site, "/-/healthy", **known)).status)

        assert statuses == [401, 200, 429, 429, 200]
        assert refused(site, "rate_limit") == 2
        assert refused(site, "credentials") == 1


async def test_headers_are_added_to_every_answer(tmp_path: Path):
    """Configured headers stand on pages and refusals, once each, and replace the page's own."""
    text = users(prometheus="1") + (
        "http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n    Strict-Transport-Security: max-age=600\n"
        '    Content-Security-Policy: ""\n'
    )
    async with served(Scene(two_accounts()), protection=protection(tmp_path, text)) as site:
        page = await ask(site, "/", Authorization=login("prometheus", "1"))
        refusal = await ask(site, "/")

    for answer in (page, refusal):
        assert answer.headers["X-Frame-Options"] == "sameorigin"
        assert answer.headers["Strict-Transport-Security"] == "max-age=600"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
