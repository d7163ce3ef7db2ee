"""Handing the lockout over, to the enforcer's own web server over a desk that remembers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from certificates import Authority
from fake_desk import OPERATOR, EnforcerSite, FakeDesk, enforcer_site
from plimsoll.clock import SystemClock
from plimsoll.config.load import load
from plimsoll.config.model import Config, EnforcerConfig, Listen
from plimsoll.errors import EnforcerRefused
from plimsoll.web.protection import Protection
from plimsoll_enforcer.button.handover import hand_over
from stack_harness import ROOT
from web_files import TLS


def configured(enforcer: EnforcerConfig) -> Config:
    """The shipped configuration with this enforcer."""
    return replace(load(ROOT / "plimsoll.yml", environ={}), enforcer=enforcer)


def at(port: int, folder: Path, token: str = OPERATOR, **more: object) -> EnforcerConfig:
    """An enforcer on a port of this machine, and the operator's token in a file."""
    file = folder / "operator.token"
    file.write_text(token)
    file.chmod(0o640)
    listen = Listen(host=str(more.pop("host", "127.0.0.1")), port=port)
    return EnforcerConfig(listen=listen, data_dir=folder, operator_token_file=file, **more)


async def test_the_lockout_is_taken_over(doors: EnforcerSite, tmp_path: Path):
    """The desk hears account, reason and who asked; what cannot stand in one line is made fit for it."""
    config = configured(at(doors.server.port, tmp_path, host="0.0.0.0"))  # noqa: S104 - as a server is told to listen
    handed = await hand_over(config, "eon", reason=" two\nlines ")
    assert handed.done
    assert handed.said == "The enforcer holds the lockout now (run a1b2c3d4)"
    assert doors.desk.asked == [("flatten", "eon", "two\\nlines", "red-button")]
    assert (await hand_over(config, "eon", reason="x" * 900)).done
    assert (await hand_over(config, "eon", reason=" ")).done
    assert doors.desk.asked[-1] == ("flatten", "eon", "red-button", "red-button")


@pytest.mark.parametrize(
    ("account", "token", "said"),
    [
        ("eon", "somebody-elses-token", "the enforcer does not take our operator token (HTTP 401)"),
        ("nobody", OPERATOR, "the enforcer refused (HTTP 404): no such account"),
        ("eon", OPERATOR, "the enforcer refused (HTTP 409): account eon is in dry run"),
        ("eon", "", "operator.token"),
    ],
)
async def test_a_refusal_is_told_in_words(doors: EnforcerSite, tmp_path: Path, account: str, token: str, said: str):
    """A wrong token, an account that it does not know, one in dry run, a token file that is empty."""
    doors.desk.refusal = EnforcerRefused("account eon is in dry run")
    handed = await hand_over(configured(at(doors.server.port, tmp_path, token)), account, reason="out")
    assert not handed.done
    assert said in handed.said


async def test_without_a_token_or_an_enforcer_it_says_so(tmp_path: Path):
    """Nothing is configured; nothing listens; what listens speaks another language."""
    unset = EnforcerConfig(listen=Listen(host="::", port=9), data_dir=tmp_path)
    handed = await hand_over(configured(unset), "eon", reason="out")
    assert handed.said == "no enforcer.operator_token_file is configured"
    handed = await hand_over(configured(at(9, tmp_path, host="::1")), "eon", reason="out")
    assert handed.said.startswith("no enforcer answers (ClientConnector")
    async with _stranger() as port:
        handed = await hand_over(configured(at(port, tmp_path)), "eon", reason="out")
    assert (handed.done, handed.said) == (False, "the enforcer refused (HTTP 200): it does not say why")


async def test_tls_is_met_with_the_certificate_of_the_configuration(tmp_path: Path):
    """Its own certificate is known, whoever signed it; another one gets no token, and a faulty file is told."""
    web = tmp_path / "web.yml"
    web.write_text(TLS)
    Authority().write_server(tmp_path, "risk.example.com")
    desk = FakeDesk()
    async with enforcer_site(desk, protection=Protection(web, clock=SystemClock())) as site:
        config = configured(at(site.server.port, tmp_path, web_config_file=web))
        assert (await hand_over(config, "eon", reason="out")).done
        Authority().write_server(tmp_path)
        handed = await hand_over(config, "eon", reason="out")
        assert handed.said == "no enforcer whose certificate we know answers (ServerFingerprintMismatch)"
        (tmp_path / "server.crt").unlink()
        handed = await hand_over(config, "eon", reason="out")
        assert handed.said.startswith("no enforcer whose certificate we know answers (ClientConnectorCertificateError")
        web.write_text("tls: {}")
        handed = await hand_over(config, "eon", reason="out")
        assert "web.yml" in handed.said
        web.write_text("http_server_config: {http2: false}\n")
        handed = await hand_over(config, "eon", reason="out")
        assert "no enforcer answers" in handed.said
    assert len(desk.asked) == 1


@asynccontextmanager
async def _stranger() -> AsyncIterator[int]:
    """Something else that listens on the enforcer's port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
