"""The exporter's program and its web configuration: refused at the start, warned about, and in force over sockets."""

from __future__ import annotations

import logging
from pathlib import Path

import aiohttp
import pytest

from certificates import Authority
from config_text import TWO_ACCOUNTS, load_text
from plimsoll.clock import SystemClock
from plimsoll.config.keys import read_credentials
from plimsoll.errors import ConfigError, PlimsollError
from plimsoll_exporter.program import Program
from plimsoll_simulator.server import running_simulator
from stack_harness import watching
from web_files import PASSWORD, TLS, login, users, write

NOT_OURS = "192.0.2.1"
"""An address of the documentation's network, which no machine can listen on."""


def program(folder: Path, listen: str, web: str | None) -> Program:
    """The program with a web configuration, or with none."""
    if web is not None:
        write(folder, web)
    named = "" if web is None else ", web_config_file: web.yml"
    config = load_text(folder, f'{TWO_ACCOUNTS}exporter: {{listen: "{listen}"{named}}}\n')
    return Program(config, read_credentials(config, {}), clock=SystemClock())


async def test_unusable_web_configuration_ends_the_start(tmp_path: Path):
    """A fault in the web configuration is told before anything is opened."""
    with pytest.raises(ConfigError, match=r"web\.yml:1: tls: found an unknown key"):
        program(tmp_path, "127.0.0.1:0", "tls: {}")


@pytest.mark.parametrize(
    ("web", "warnings"),
    [(None, 2), ("{}", 2), (users(prometheus="1"), 1)],
    ids=["no configuration", "empty configuration", "passwords"],
)
async def test_open_door_is_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, web: str | None, warnings: int
):
    """Beyond loopback, the log says at the start what is exposed to whom."""
    with pytest.raises(PlimsollError, match="cannot listen"):
        await program(tmp_path, f"{NOT_OURS}:9713", web).run()

    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == warnings
    assert all(NOT_OURS in line and "exporter.web_config_file" in line for line in told)


async def test_exporter_serves_with_tls_and_passwords(tmp_path: Path):
    """The whole program answers a client with the authority and a password, and tells that its files are in force."""
    authority = Authority()
    authority.write_server(tmp_path)
    path = write(tmp_path, TLS + users(prometheus=PASSWORD))
    environ = {"PLIMSOLL_EXPORTER__WEB_CONFIG_FILE": str(path)}
    async with (
        running_simulator(scenario="calm", clock=SystemClock()) as simulator,
        watching(simulator, environ=environ) as running,
        aiohttp.ClientSession() as session,
    ):
        url = running.url.replace("http://", "https://", 1) + "/metrics"
        async with session.get(url, ssl=authority.trusting()) as refused:
            assert refused.status == 401
        known = {"Authorization": login("prometheus")}
        async with session.get(url, ssl=authority.trusting(), headers=known) as answer:
            text = await answer.text()

    assert "plimsoll_web_config_reload_success 1.0" in text
    assert 'plimsoll_web_refused_total{reason="credentials"} 1.0' in text
