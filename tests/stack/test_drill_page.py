"""``plimsoll drill page`` against the real Alertmanager: a test through every channel, marked as such."""

from __future__ import annotations

import asyncio
import io
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from alerting_files import PASSWORD, SECRETS, alerting_config, write_secret
from page_receivers import Receivers, page_receivers
from plimsoll.cli import main
from plimsoll.render.command import render
from programs import free_port, run
from real_alertmanager import FLAGS, real_alertmanager

RENDERED = Path("alertmanager", "rendered")
Ended = subprocess.CompletedProcess


pytestmark = pytest.mark.usefixtures("logging_as_before")


@asynccontextmanager
async def stage(alertmanager: Path, folder: Path, *without: str) -> AsyncIterator[Receivers]:
    """Stand-ins and an Alertmanager that knows them; the configuration lies in ``folder``."""
    port = free_port()
    async with page_receivers() as services:
        url = f"http://127.0.0.1:{port}"
        render(alerting_config(folder, alertmanager=url, services=services.url, without=without), folder)
        with real_alertmanager(alertmanager, folder / RENDERED, folder, port):
            yield services


async def drill(folder: Path, *more: str) -> Ended:
    """The command, while the stand-ins go on answering."""
    out, err = io.StringIO(), io.StringIO()
    arguments = ["drill", "page", "--config", str(folder / "plimsoll.yml"), *more]
    with redirect_stdout(out), redirect_stderr(err):
        code = await asyncio.to_thread(main, arguments, environ={})
    return Ended(args=arguments, returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


def states(ended: Ended) -> dict[str, str]:
    """The state of each channel in the table."""
    rows = [line.split()[:2] for line in ended.stdout.partition("\n\n")[0].splitlines()[1:]]
    return {row[0]: row[1] for row in rows}


async def test_every_channel_gets_a_test_marked_as_such(alertmanager: Path, tmp_path: Path):
    """All four channels get exactly one test that says so, the enforcer gets none, and no secret is printed."""
    async with stage(alertmanager, tmp_path) as services:
        ended = await drill(tmp_path)
        assert states(ended) == dict.fromkeys(("pagerduty", "telegram", "webhook", "heartbeat"), "delivered"), ended
        assert ended.returncode == 0
        assert {name: len(calls) for name, calls in services.calls.items()} == {
            "pagerduty": 1,
            "telegram": 1,
            "webhook": 1,
            "heartbeat": 1,
            "enforcer": 0,
        }
        (text,) = services.texts()
        assert "<b>TEST</b> PlimsollDrill" in text
        assert "This is a test of the channel telegram" in text
        assert services.calls["pagerduty"][0].body["payload"]["summary"].startswith("TEST: PlimsollDrill")
    for secret in (*SECRETS.values(), "made-up-secret-path"):
        assert secret not in ended.stdout + ended.stderr


async def test_one_channel_alone(alertmanager: Path, tmp_path: Path):
    """``--channel`` leaves the others in peace; a second drill is sent at once, too."""
    async with stage(alertmanager, tmp_path) as services:
        for count in (1, 2):
            ended = await drill(tmp_path, "--channel", "telegram")
            assert (ended.returncode, states(ended)) == (0, {"telegram": "delivered"})
            assert len(services.calls["telegram"]) == count
        assert [len(services.calls[name]) for name in ("pagerduty", "webhook", "heartbeat")] == [0, 0, 0]


async def test_a_channel_that_fails_is_told(alertmanager: Path, tmp_path: Path):
    """A service that refuses makes the drill fail with 1, for that channel only; one that is off is no failure."""
    async with stage(alertmanager, tmp_path, "heartbeat") as services:
        services.faults["telegram"] = [500] * 100
        ended = await drill(tmp_path, "--wait", "3")
        assert ended.returncode == 1
        assert states(ended) == {
            "pagerduty": "delivered",
            "telegram": "FAILED",
            "webhook": "delivered",
            "heartbeat": "off",
        }
        assert "calls failed; Alertmanager's log says why" in ended.stdout
        wanted = await drill(tmp_path, "--channel", "heartbeat")
        assert wanted.returncode == 1
        assert "run plimsoll render, make Alertmanager reload" in wanted.stdout


async def test_nothing_on_is_a_failure(alertmanager: Path, tmp_path: Path):
    """A drill that can send nothing says so and exits with 1."""
    async with stage(alertmanager, tmp_path, "pagerduty", "telegram", "webhook", "heartbeat"):
        ended = await drill(tmp_path)
        assert ended.returncode == 1
        assert "NOTHING WAS SENT: no channel is on." in ended.stdout


async def test_an_alertmanager_that_counts_nothing_is_told(alertmanager: Path, tmp_path: Path):
    """Started without the flag that lets it count by receiver, it delivers, and the command says why it cannot tell."""
    port = free_port()
    async with page_receivers() as services:
        url = f"http://127.0.0.1:{port}"
        render(alerting_config(tmp_path, alertmanager=url, services=services.url), tmp_path)
        with real_alertmanager(alertmanager, tmp_path / RENDERED, tmp_path, port, flags=FLAGS[:2]):
            ended = await drill(tmp_path, "--channel", "webhook", "--wait", "2")
            await services.until("webhook", 1)
    assert ended.returncode == 1
    assert "start Alertmanager with --enable-feature=receiver-name-in-metrics" in ended.stdout


async def test_a_wrong_password_is_told(alertmanager: Path, tmp_path: Path):
    """When the password was changed and not rendered, the command says what to do and shows neither."""
    async with stage(alertmanager, tmp_path):
        write_secret(tmp_path / "secrets" / "web.password", "changed-made-up-password")
        ended = await drill(tmp_path)
        assert ended.returncode == 1
        assert "refuses the password; run plimsoll render, then make Alertmanager reload" in ended.stderr
        assert PASSWORD not in ended.stderr
        assert "changed-made-up" not in ended.stderr


async def test_no_alertmanager_is_told(tmp_path: Path):
    """Where nothing listens the command says so and exits with 1; unusable arguments exit with 2."""
    alerting_config(tmp_path, alertmanager=f"http://127.0.0.1:{free_port()}")
    ended = await drill(tmp_path)
    assert ended.returncode == 1
    assert "is Alertmanager running there?" in ended.stderr
    command = ("plimsoll", "drill", "page", "--config", tmp_path / "plimsoll.yml")
    assert run(*command, "--channel", "pigeon").returncode == 2
    assert run(*command, "--wait", "0").returncode == 2
    assert run(*command).returncode == 1
