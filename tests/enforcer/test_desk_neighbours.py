"""What the enforcer asks of its neighbours: silenced alerts, and the exporter's figures; neither is needed."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp import web

import breach_scene
from manual_clock import ManualClock
from plimsoll.clock import SystemClock
from plimsoll.config.model import AlertmanagerConfig, ExporterConfig, Listen
from plimsoll_enforcer.decide.claim import TORN, claim_of
from plimsoll_enforcer.decide.told import live_only
from plimsoll_enforcer.desk import Alert
from plimsoll_enforcer.steady import steadily
from plimsoll_enforcer.watching.exporter import HttpExporter, read_account
from plimsoll_enforcer.watching.suppressed import Suppressed, read_alerts
from plimsoll_enforcer.watching.taking import before_rebase, better, firing, without_figures

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
PATIENCE = 30.0

ROW = {
    "labels": {"alertname": "DrawdownLimitBreached", "account": "eon", "rule": "tmad", "enforce": "flatten"},
    "annotations": {"reference_usd": "10000.000000"},
    "startsAt": "2026-11-21T12:00:00.000Z",
    "fingerprint": "abc",
    "status": {"state": "suppressed", "silencedBy": ["x"], "inhibitedBy": []},
}


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server that answers everything by one handler."""
    server = web.Server(handler)
    runner = web.ServerRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_silenced_alerts_are_read_with_the_login(tmp_path: Path) -> None:
    """Active, silenced and inhibited ones that close are asked for, with user and password, and handed on."""
    password = tmp_path / "password"
    password.write_text("secret-of-the-web")
    password.chmod(0o600)
    asked: list[web.BaseRequest] = []
    taken: list[Alert] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        asked.append(request)
        return web.json_response([ROW, {"labels": 3}, 7])

    async def take(alerts: tuple[Alert, ...]) -> None:
        taken.extend(alerts)

    async with serving(answer) as url:
        config = AlertmanagerConfig(url=f"{url}/", username="plimsoll", password_file=password)
        reader = Suppressed(config, armed=lambda: True, take=take, clock=SystemClock())
        task = asyncio.create_task(reader.run())
        await until(lambda: bool(taken))
        task.cancel()
        await asyncio.wait((task,))
    (found,) = taken[:1]
    assert (found.labels["account"], found.annotations["reference_usd"]) == ("eon", "10000.000000")
    assert (found.status, found.starts_at, found.fingerprint) == ("firing", 1_795_262_400.0, "abc")
    assert asked[0].path == "/api/v2/alerts"
    assert dict(asked[0].query) == {
        "active": "true",
        "silenced": "true",
        "inhibited": "true",
        "filter": 'enforce="flatten"',
    }
    login = b64encode(b"plimsoll:secret-of-the-web").decode()
    assert asked[0].headers["Authorization"] == f"Basic {login}"
    assert not reader.failing


async def test_an_alertmanager_that_fails_is_told_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Refusal, nonsense, nobody there, no password file: told once, without the secret, and over when it answers."""
    answers = [web.Response(status=401), web.Response(text="no JSON"), web.Response(text="{}")]
    clock = ManualClock()

    async def answer(_: web.BaseRequest) -> web.Response:
        return answers.pop(0) if answers else web.json_response([])

    async def take(_: tuple[Alert, ...]) -> None:
        raise AssertionError

    async with serving(answer) as url:
        reader = Suppressed(AlertmanagerConfig(url=url), armed=lambda: True, take=take, clock=clock)
        task = asyncio.create_task(reader.run())
        for count in (2, 1, 0):
            await until(lambda count=count: len(answers) == count and bool(reader.failing) and clock.sleepers == 1)
            clock.advance(6)
        await until(lambda: not reader.failing)
        task.cancel()
        await asyncio.wait((task,))
    assert sum("cannot be read" in record.message for record in caplog.records) == 1
    absent = AlertmanagerConfig(url="http://127.0.0.1:1", password_file=tmp_path / "absent")
    other = Suppressed(absent, armed=lambda: True, take=take, clock=clock)
    task = asyncio.create_task(other.run())
    await until(lambda: bool(other.failing))
    task.cancel()
    await asyncio.wait((task,))


async def test_nobody_armed_means_nobody_asks() -> None:
    """Without an armed account no Alertmanager is bothered."""
    clock = ManualClock()

    async def take(_: tuple[Alert, ...]) -> None:
        raise AssertionError

    reader = Suppressed(AlertmanagerConfig(url="http://127.0.0.1:1"), armed=lambda: False, take=take, clock=clock)
    task = asyncio.create_task(reader.run())
    await clock.elapse(30)
    task.cancel()
    await asyncio.wait((task,))
    assert not reader.failing


@pytest.mark.parametrize("starts_at", ["", "nonsense", 3, None])
def test_a_beginning_that_is_none_is_unknown(starts_at: object) -> None:
    """An alert without a sound beginning is taken all the same."""
    (found,) = read_alerts(json.dumps([{**ROW, "startsAt": starts_at}]).encode(), now=1.0)
    assert found.starts_at is None


ACCOUNT = {
    "status": "live",
    "figures": {"equity": "8900.5"},
    "unexplained_since_timestamp": None,
    "drawdown": {
        "flows_until_timestamp": 1_795_164_000.123,
        "rules": {
            "tmad": {"reference_usd": "10000", "reference_timestamp": 1_795_163_000.5, "breached": True},
            "daily": {"reference_usd": None},
        },
    },
}


async def test_the_exporter_is_read() -> None:
    """Equity, references, flows and breaches of a live account."""

    async def answer(request: web.BaseRequest) -> web.Response:
        assert request.path == "/api/v1/accounts/eon"
        return web.json_response(ACCOUNT)

    async with serving(answer) as url:
        port = int(url.rsplit(":", 1)[1])
        exporter = HttpExporter(ExporterConfig(listen=Listen(host="0.0.0.0", port=port), data_dir=Path()))  # noqa: S104 - where to call
        found = await exporter.told("eon")
        await exporter.close()
        await exporter.close()
    assert found["tmad"].equity_usd == Decimal("8900.5")
    assert (found["tmad"].reference_usd, found["tmad"].breached) == (Decimal(10_000), True)
    assert (found["daily"].reference_usd, found["daily"].breached) == (None, False)
    assert found["tmad"].flows_until == 1_795_164_000.123
    assert not found["tmad"].unexplained


async def test_an_exporter_that_does_not_answer_tells_nothing() -> None:
    """Nobody there, a login wanted, nonsense: all of it is no answer, and none of it is an error."""
    bodies = [web.Response(status=401), web.Response(text="no JSON"), web.Response(text="[" * 100_000)]

    async def answer(_: web.BaseRequest) -> web.Response:
        return bodies.pop(0)

    async with serving(answer) as url:
        port = int(url.rsplit(":", 1)[1])
        exporter = HttpExporter(ExporterConfig(listen=Listen(host="127.0.0.1", port=port), data_dir=Path()))
        for _ in range(3):
            assert not await exporter.told("eon")
        await exporter.close()
    nobody = HttpExporter(ExporterConfig(listen=Listen(host="::1", port=1), data_dir=Path()))
    assert not await nobody.told("eon")
    await nobody.close()


@pytest.mark.parametrize("status", ["stale", None])
def test_an_account_that_is_not_live_tells_what_it_remembers(status: str | None) -> None:
    """A state that may be old is not compared with; a reference, and since when it is one, stay true."""
    found = read_account(json.dumps({**ACCOUNT, "status": status, "unexplained_since_timestamp": 5}).encode())
    assert not live_only(found)
    told = found["tmad"]
    assert (told.equity_usd, told.breached, told.unexplained) == (None, False, False)
    assert (told.reference_usd, told.reference_at) == (Decimal(10_000), 1_795_163_000.5)


@pytest.mark.parametrize("changed", [{"drawdown": None}, {"drawdown": {"rules": 3}}])
def test_an_account_without_rules_tells_nothing(changed: dict[str, object]) -> None:
    """What has no rules, or nonsense in their place, is not compared with."""
    assert not read_account(json.dumps({**ACCOUNT, **changed}).encode())


def test_numbers_that_are_none_are_unknown() -> None:
    """Infinity, words and JSON numbers are not decimals of ours."""
    for equity in ("Infinity", "much", 8900.5, None):
        found = read_account(json.dumps({**ACCOUNT, "figures": {"equity": equity}}).encode())
        assert found["tmad"].equity_usd is None
    waiting = read_account(json.dumps({**ACCOUNT, "unexplained_since_timestamp": 5}).encode())
    assert waiting["tmad"].unexplained


def test_the_better_of_two_alerts_is_kept() -> None:
    """A newer one wins, an older or incomplete one does not; whether it fires is always the newest word."""
    old, new = breach_scene.alert(at=breach_scene.NOW), breach_scene.alert(at=breach_scene.NOW + 10)
    bare = without_figures(new)
    assert better(None, bare) is bare
    assert better(old, new) is new
    assert better(new, old) == new
    assert better(old, bare) == old
    assert better(bare, new) is new
    resolved = replace(bare, status="resolved")
    assert better(old, resolved) == replace(old, status="resolved")
    assert not firing({"tmad": resolved})
    assert firing({"tmad": resolved, "daily": old})


def test_figures_from_before_a_rebase_are_known_as_such() -> None:
    """What was sampled before the rules began anew is about another reference."""
    alert = breach_scene.alert()
    assert before_rebase(alert, breach_scene.NOW)
    assert not before_rebase(alert, None)
    assert not before_rebase(alert, breach_scene.NOW - 60)
    sampled_at = claim_of(alert).sampled_at
    assert sampled_at is not None
    assert before_rebase(alert, sampled_at - TORN)  # its reference may be of the scrape before
    assert not before_rebase(alert, sampled_at - TORN - 0.001)
    bare = without_figures(alert)
    assert bare.starts_at is not None
    assert before_rebase(bare, bare.starts_at)  # when its figures were made is unknown
    assert not before_rebase(bare, bare.starts_at - TORN - 1)
    assert before_rebase(replace(bare, starts_at=None), 0.0)
    assert not before_rebase(bare, None)


async def test_work_that_fails_is_begun_anew(caplog: pytest.LogCaptureFixture) -> None:
    """A fault of ours is told, and the work goes on a second later."""
    clock, tries = ManualClock(), list[int]()

    async def work() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError("a fault of ours")
        await asyncio.Event().wait()

    task = asyncio.create_task(steadily("the work", work, clock))
    await clock.elapse(5)
    assert len(tries) == 3
    assert "the work failed" in caplog.text
    task.cancel()
    await asyncio.wait((task,))
