"""The web server behind TLS: who is served, who is closed on, what a new certificate changes, and what the log says."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from pathlib import Path

import pytest

from certificates import Authority
from exporter_state import Scene, two_accounts
from patience import PATIENCE
from plimsoll.clock import SystemClock
from plimsoll.web.connections import WebLimits
from plimsoll.web.protection import Protection
from web_client import Served, ask, exchange, served
from web_files import MUTUAL, TLS, write

HEALTHY = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n"
LAST = b"Connection: close\r\n\r\n"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority whose certificate the server has."""
    authority = Authority()
    authority.write_server(tmp_path)
    authority.write_ca(tmp_path / "ca.crt")
    return authority


def protection(folder: Path, text: str = TLS) -> Protection:
    """The configuration in a folder, looked at only when a test says so."""
    return Protection(write(folder, text), clock=SystemClock())


def refused(site: Served, reason: str) -> float | None:
    """How many were refused for a reason."""
    return site.scene.value("plimsoll_web_refused_total", reason=reason)


async def attempt(site: Served, tls: ssl.SSLContext | None, sent: bytes = HEALTHY + LAST) -> bytes:
    """What a client gets, nothing where it is closed on or turns away itself."""
    try:
        return await exchange(site, sent, tls=tls)
    except OSError:  # ssl's errors are such, too
        return b""


async def test_metrics_are_served_with_tls(tmp_path: Path, authority: Authority):
    """A client that trusts the authority gets the same page as without TLS."""
    async with served(Scene(two_accounts()), protection=protection(tmp_path)) as site:
        answer = await ask(site, "/metrics", tls=authority.trusting())

    assert answer.status == 200
    assert "binance_account_equity_usd" in answer.text
    assert "Strict-Transport-Security" not in answer.headers


async def test_many_requests_on_one_connection(tmp_path: Path, authority: Authority):
    """Requests may come with the end of the handshake, one after the other."""
    async with served(Scene(two_accounts()), protection=protection(tmp_path)) as site:
        raw = await exchange(site, (HEALTHY + b"\r\n") * 5 + HEALTHY + LAST, tls=authority.trusting())

    assert raw.count(b"HTTP/1.1 200 OK") == 6


async def test_large_page_arrives_whole(tmp_path: Path, authority: Authority):
    """A page of many TLS records arrives as long as it says."""
    async with served(Scene(two_accounts()), protection=protection(tmp_path)) as site:
        answer = await ask(site, "/metrics", tls=authority.trusting())

    assert len(answer.body) == int(answer.headers["Content-Length"]) > 16_384


async def test_client_that_trusts_another_authority_turns_away(tmp_path: Path, authority: Authority):
    """A client checks our certificate; when it turns away, nothing is left behind and others are served."""
    async with served(
        Scene(two_accounts()), protection=protection(tmp_path), limits=WebLimits(connections=1, silence_seconds=60.0)
    ) as site:
        with pytest.raises(ssl.SSLCertVerificationError):
            await exchange(site, HEALTHY + LAST, tls=Authority().trusting())
        assert b"200 OK" in await eventually(site, authority.trusting())
        assert refused(site, "handshake") == 1


async def eventually(site: Served, tls: ssl.SSLContext) -> bytes:
    """The first answer, once the server has noticed that an earlier client is gone."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if answer := await attempt(site, tls):
                return answer


@pytest.mark.parametrize(
    "sent",
    [HEALTHY + LAST, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + b"\0" * 508, b"\0", b"SSH-2.0-OpenSSH_9.2\r\n"],
    ids=["http", "half-a-hello", "zero", "ssh"],
)
async def test_anything_but_tls_is_closed_quietly(
    tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture, sent: bytes
):
    """Plain HTTP or rubbish on the TLS port is closed without a word in the log, and counted."""
    caplog.set_level(logging.DEBUG)
    limits = WebLimits(first_request_seconds=0.1)
    async with served(Scene(two_accounts()), protection=protection(tmp_path), limits=limits) as site:
        raw = await attempt(site, None, sent)
        assert b"HTTP" not in raw
        assert refused(site, "handshake") == 1
        assert (await ask(site, "/-/healthy", tls=authority.trusting())).status == 200

    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []
    assert not any(record.exc_info for record in caplog.records)


async def test_tls_on_the_plain_port_is_closed_quietly(authority: Authority, caplog: pytest.LogCaptureFixture):
    """A client that speaks TLS to plain HTTP fails, and the log stays empty."""
    async with served(Scene(two_accounts())) as site:
        assert await attempt(site, authority.trusting()) == b""
        assert (await ask(site, "/-/healthy")).status == 200

    assert caplog.records == []


async def test_silent_clients_are_cut_and_counted(tmp_path: Path, authority: Authority):
    """Clients that never begin their handshake hold a connection of the limit, and only for the time allowed."""
    limits = WebLimits(connections=2, first_request_seconds=0.2, silence_seconds=60.0)
    async with served(Scene(two_accounts()), protection=protection(tmp_path), limits=limits) as site:
        silent = [await asyncio.open_connection("127.0.0.1", site.server.port) for _ in range(4)]
        for reader, writer in silent:
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
            writer.close()
        assert b"200 OK" in await eventually(site, authority.trusting())
        assert refused(site, "handshake") == 2


async def test_client_that_leaves_in_the_middle_is_forgotten(tmp_path: Path, authority: Authority):
    """A client that hangs up during the handshake frees its place."""
    async with served(
        Scene(two_accounts()), protection=protection(tmp_path), limits=WebLimits(connections=1, silence_seconds=60.0)
    ) as site:
        for _ in range(5):
            with contextlib.suppress(ConnectionError):
                _, writer = await asyncio.open_connection("127.0.0.1", site.server.port)
                writer.write(b"\x16\x03\x01")
                writer.transport.abort()
            assert b"200 OK" in await eventually(site, authority.trusting())


async def test_stop_does_not_wait_for_handshakes(tmp_path: Path, authority: Authority):
    """Stopping closes clients in and after their handshake."""
    async with served(Scene(two_accounts()), protection=protection(tmp_path)) as site:
        half, half_writer = await asyncio.open_connection("127.0.0.1", site.server.port)
        whole, writer = await asyncio.open_connection(
            "127.0.0.1", site.server.port, ssl=authority.trusting(), server_hostname="localhost"
        )
        writer.write(HEALTHY + b"\r\n")
        await asyncio.wait_for(whole.readuntil(b"\r\n"), PATIENCE)
        await asyncio.wait_for(site.server.stop(), PATIENCE)
        for reader, its in ((half, half_writer), (whole, writer)):
            with contextlib.suppress(OSError):
                await asyncio.wait_for(reader.read(), PATIENCE)
            its.close()


async def test_least_version_is_held(tmp_path: Path, authority: Authority):
    """A client that speaks less than the least version gets no connection."""
    text = TLS.replace("}", ", min_version: TLS13}")
    old = authority.trusting()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with served(Scene(two_accounts()), protection=protection(tmp_path, text)) as site:
        assert await attempt(site, old) == b""
        assert b"200 OK" in await attempt(site, authority.trusting())


async def test_new_certificate_serves_the_next_client(tmp_path: Path, authority: Authority):
    """After a change new clients see the new certificate, while a connection that is open goes on."""
    guarded = protection(tmp_path)
    async with served(Scene(two_accounts()), protection=guarded) as site:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", site.server.port, ssl=authority.trusting(), server_hostname="localhost"
        )
        other = Authority()
        other.write_server(tmp_path)
        guarded.refresh()

        assert await attempt(site, authority.trusting()) == b""
        assert b"200 OK" in await attempt(site, other.trusting())
        writer.write(HEALTHY + LAST)
        assert b"200 OK" in await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()


async def test_broken_certificate_leaves_the_old_one(tmp_path: Path, authority: Authority):
    """With a certificate that cannot be used the old one goes on serving."""
    guarded = protection(tmp_path)
    async with served(Scene(two_accounts()), protection=guarded) as site:
        (tmp_path / "server.crt").write_text("no certificate")
        guarded.refresh()

        assert b"200 OK" in await attempt(site, authority.trusting())


async def test_client_certificate_is_required(tmp_path: Path, authority: Authority):
    """Without a certificate, or with one of another authority, there is no connection; with the right one there is."""
    stranger = Authority().with_certificate(tmp_path, "stranger", trusts=authority)
    async with served(Scene(two_accounts()), protection=protection(tmp_path, MUTUAL)) as site:
        assert await attempt(site, authority.trusting()) == b""
        assert await attempt(site, stranger) == b""
        assert b"200 OK" in await attempt(site, authority.with_certificate(tmp_path, "prometheus"))
        assert refused(site, "handshake") == 2


async def test_client_certificate_if_given(tmp_path: Path, authority: Authority):
    """Where a certificate is verified only if given, none is fine and a wrong one is not."""
    text = MUTUAL.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven")
    stranger = Authority().with_certificate(tmp_path, "stranger", trusts=authority)
    async with served(Scene(two_accounts()), protection=protection(tmp_path, text)) as site:
        assert b"200 OK" in await attempt(site, authority.trusting())
        assert await attempt(site, stranger) == b""


@pytest.mark.parametrize("name", ["prometheus", "10.0.0.7", "ops@example.org"])
async def test_client_must_bear_an_allowed_name(tmp_path: Path, authority: Authority, name: str):
    """Of the certificates of the right authority only those with an allowed name are served, and that is counted."""
    text = MUTUAL + f"  client_allowed_sans: [{name}]\n"
    async with served(Scene(two_accounts()), protection=protection(tmp_path, text)) as site:
        assert await attempt(site, authority.with_certificate(tmp_path, "grafana")) == b""
        assert refused(site, "client_certificate") == 1
        assert b"200 OK" in await attempt(site, authority.with_certificate(tmp_path, name))


async def test_authority_that_is_gone_is_not_trusted(tmp_path: Path, authority: Authority):
    """After the authority for clients has changed, certificates of the old one are refused at once."""
    guarded = protection(tmp_path, MUTUAL)
    client = authority.with_certificate(tmp_path, "prometheus")
    async with served(Scene(two_accounts()), protection=guarded) as site:
        assert b"200 OK" in await attempt(site, client)
        Authority().write_ca(tmp_path / "ca.crt")
        guarded.refresh()
        assert await attempt(site, client) == b""
