"""October's breach through the fast lane alone: the real exporter, stand-ins and the real Alertmanager."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from alerting_files import PASSWORD, USER, alerting_config
from lane_alertmanager import LaneAlertmanager, lane_alertmanager
from october_play import until_played
from page_receivers import Call, page_receivers
from plimsoll.render.command import render
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.scenarios.october_mirror import GAP_AT
from plimsoll_simulator.server import Simulator, running_simulator
from programs import free_port
from real_alertmanager import real_alertmanager
from real_prometheus import real_prometheus
from stack_harness import ROOT, Stack, watching

BREACH = "DrawdownLimitBreached"
LABELS = {
    "alertname": BREACH,
    "account": "eon",
    "rule": "tmad",
    "severity": "critical",
    "lane": "money",
    "enforce": "flatten",
}
NEVER_THERE = "http://127.0.0.1:1"


def configuration(folder: Path, *urls: str) -> Path:
    """The shipped configuration with these Alertmanagers; their password lies beside it."""
    password = folder / "web.password"
    password.touch(mode=0o600)
    password.write_text(PASSWORD)
    listed = ", ".join(f'{{url: "{url}", username: {USER}, password_file: {password}}}' for url in urls)
    path = folder / "lane.yml"
    path.write_text(f"{(ROOT / 'plimsoll.yml').read_text()}\nalertmanager: [{listed}]\n")
    return path


@asynccontextmanager
async def october() -> AsyncIterator[Simulator]:
    """The story at its beginning; it moves only when told to."""
    async with running_simulator(
        scenario="october-mirror", speed=100, interval=0.1, company=as_tasks(lambda _: None)
    ) as simulator:
        simulator.exchange.stage.until = 0
        yield simulator


@asynccontextmanager
async def exporter(simulator: Simulator, path: Path, **environ: str) -> AsyncIterator[Stack]:
    """The exporter with a configuration, eon live."""
    async with watching(simulator, configuration=path, environ=environ) as stack:
        await stack.until_up("eon")
        yield stack


async def breached(stack: Stack) -> float:
    """Play to the breach; gives the real time at which the exporter's page shows it."""
    await until_played(stack.simulator, GAP_AT)
    labels = frozenset({"account": "eon", "rule": "tmad", "on_breach": "flatten"}.items())
    await stack.until(lambda found: found.get(("binance_account_drawdown_breached", labels)) == 1, "the breach")
    return time.time()


def the_breach(posted: LaneAlertmanager) -> Mapping[str, Any]:
    """The last post of the breach."""
    return posted.of(BREACH)[-1]


def seconds(alert: Mapping[str, Any], name: str) -> float:
    """One of an alert's times."""
    return datetime.fromisoformat(alert[name]).timestamp()


async def test_a_breach_reaches_people_and_enforcer_without_prometheus(alertmanager: Path, tmp_path: Path):
    """The fast lane alone: the real Alertmanager takes it with the password and tells people and enforcer."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with page_receivers() as services, AsyncExitStack() as stack:
        render(alerting_config(tmp_path, alertmanager=url, services=services.url), tmp_path)
        rendered = tmp_path / "alertmanager" / "rendered"
        pager = stack.enter_context(real_alertmanager(alertmanager, rendered, tmp_path, port))
        simulator = await stack.enter_async_context(october())
        watched = await stack.enter_async_context(exporter(simulator, configuration(tmp_path, url)))
        await breached(watched)
        (told,) = await services.until("telegram", 1, _is_breach)
        (order,) = await services.until("enforcer", 1)
        held = pager.alerts()
        assert await watched.value("plimsoll_fast_lane_alerts_total", outcome="delivered") >= 1
    assert [one["labels"] for one in held if one["labels"]["alertname"] == BREACH] == [LABELS]
    for answer in ("Account eon", "rule tmad", "allows 10%", "DRY RUN: nothing will be closed", "press the red button"):
        assert answer in told.body["text"]
    annotations = order.body["alerts"][0]["annotations"]
    assert annotations["floor_usd"] == "45000.000000"
    assert annotations["reference_usd"] == "50000.000000"
    assert round(float(annotations["equity_usd"]), 2) == 44976.03
    assert annotations["limit_ratio"] == "0.10000000"
    assert int(annotations["samples"]) >= 2
    assert abs(float(annotations["sampled_at"]) - time.time()) < 60
    assert float(annotations["flows_until"]) > 0


def _is_breach(call: Call) -> bool:
    """Whether a message is about the breach."""
    return BREACH in call.body["text"]


async def test_both_lanes_of_one_exporter_merge(alertmanager: Path, prometheus: Path, tmp_path: Path):
    """Prometheus, its external labels set, and the exporter tell one breach: one alert, begun once, one message."""
    base = free_port(0, 1)
    url = f"http://127.0.0.1:{base}"
    async with page_receivers() as services, AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(october())
        watched = await stack.enter_async_context(exporter(simulator, configuration(tmp_path, url)))
        config = alerting_config(
            tmp_path, alertmanager=url, services=services.url, exporter=watched.url.removeprefix("http://")
        )
        render(config, tmp_path, prometheus=f"127.0.0.1:{base + 1}")
        rendered = tmp_path / "alertmanager" / "rendered"
        pager = stack.enter_context(real_alertmanager(alertmanager, rendered, tmp_path, base))
        site = {"PLIMSOLL_SITE": "home", "PLIMSOLL_REPLICA": "a"}
        rules = stack.enter_context(real_prometheus(prometheus, tmp_path, base + 1, **site))
        await breached(watched)
        await services.until("telegram", 1, _is_breach)
        deadline = time.monotonic() + 90
        while not any(one["labels"]["alertname"] == BREACH and one["state"] == "firing" for one in rules.alerts()):
            assert time.monotonic() < deadline, rules.alerts()
            await asyncio.sleep(0.2)
        await asyncio.sleep(3)
        held = [one for one in pager.alerts() if one["labels"]["alertname"] == BREACH]
        texts = [text for text in services.texts() if BREACH in text]
    assert [one["labels"] for one in held] == [LABELS]
    assert len(texts) == 1


async def test_an_alertmanager_that_comes_late_is_told_since_when(tmp_path: Path):
    """Away at the crossing and back later: it is told as soon as it answers, with the time of the crossing."""
    port = free_port()
    async with (
        october() as simulator,
        exporter(simulator, configuration(tmp_path, f"http://127.0.0.1:{port}")) as watched,
    ):
        at = await breached(watched)
        await watched.until(
            lambda found: found[("plimsoll_fast_lane_alerts_total", frozenset({("outcome", "unreachable")}))] >= 2,
            "two posts that failed",
        )
        async with lane_alertmanager(port) as late:
            back = time.time()
            await late.until(lambda: bool(late.of(BREACH)), "the breach is delivered")
            alert = the_breach(late)
    assert seconds(alert, "startsAt") <= at < back
    assert seconds(alert, "endsAt") - seconds(alert, "startsAt") > 60


async def test_a_slow_alertmanager_delays_neither_the_state_nor_the_other(tmp_path: Path):
    """One never answers: the page shows the breach all the same, and the other Alertmanager is told of it."""
    async with lane_alertmanager() as slow, lane_alertmanager() as quick, october() as simulator:
        slow.hold.clear()
        async with exporter(simulator, configuration(tmp_path, slow.url, NEVER_THERE, quick.url)) as watched:
            await breached(watched)
            await quick.until(lambda: bool(quick.of(BREACH)), "the breach is delivered to the quick one")
            await slow.until(lambda: bool(slow.of(BREACH)), "the slow one is asked")
            before = await watched.shown("binance_account_trusted_timestamp_seconds", account="eon")
            labels = frozenset({("account", "eon")})
            await watched.until(
                lambda found: found[("binance_account_trusted_timestamp_seconds", labels)] > before, "more samples"
            )
            assert len(slow.posts) == 1
    assert the_breach(quick)["labels"] == LABELS


async def test_a_restart_keeps_the_time_of_the_crossing(tmp_path: Path):
    """An exporter that is started again posts the breach that it remembers, begun when it did."""
    folder = {"PLIMSOLL_EXPORTER__DATA_DIR": str(tmp_path / "data")}
    async with lane_alertmanager() as posted, october() as simulator:
        path = configuration(tmp_path, posted.url)
        async with exporter(simulator, path, **folder) as watched:
            await breached(watched)
            await posted.until(lambda: bool(posted.of(BREACH)), "the breach is delivered")
        first = the_breach(posted)
        posted.posts.clear()
        async with exporter(simulator, path, **folder):
            await posted.until(lambda: bool(posted.of(BREACH)), "the breach is delivered again")
        again = the_breach(posted)
    assert again["startsAt"] == first["startsAt"]
    assert seconds(again, "endsAt") > seconds(first, "endsAt")


async def test_an_account_that_cannot_be_read_stays_breached(tmp_path: Path):
    """Never live since the start: the breach that is remembered is posted all the same, and says that it stays."""
    folder = {"PLIMSOLL_EXPORTER__DATA_DIR": str(tmp_path / "data")}
    async with lane_alertmanager() as posted, october() as simulator:
        path = configuration(tmp_path, posted.url)
        async with exporter(simulator, path, **folder) as watched:
            await breached(watched)
            await posted.until(lambda: bool(posted.of(BREACH)), "the breach is delivered")
            await watched.sim("stream", target="eon", action="refuse")
        posted.posts.clear()
        async with watching(simulator, configuration=path, environ=folder):
            await posted.until(lambda: bool(posted.of(BREACH)), "the breach is delivered again")
    alert = the_breach(posted)
    assert alert["labels"] == LABELS
    assert "The account cannot be read now, so this alert stays as it was." in alert["annotations"]["description"]
    assert alert["annotations"]["floor_usd"] == "45000.000000"
    assert alert["annotations"]["equity_usd"] == ""
