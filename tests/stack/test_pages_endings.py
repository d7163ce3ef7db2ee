"""How pages end: a breach that is over is "no longer reported", a refused order is over when it is told.

By the fast lane alone, with the real exporter and Alertmanager. It never resolves an alert but lets it lapse, 60 s
after it was last posted; exporter and exchange live 40 s in the past here, so that Alertmanager sees it lapse after 20.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession

from october_play import until_played
from page_receivers import Receivers, page_receivers
from paging_stage import MONEY_TICK, plain, write_configuration
from patience import PATIENCE
from plimsoll.clock import SystemClock
from plimsoll.config.load import load
from plimsoll.render.command import render
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.scenarios.october_mirror import GAP_AT
from plimsoll_simulator.server import Simulator, running_simulator
from programs import free_port
from real_alertmanager import Alertmanager, real_alertmanager
from stack_harness import Stack, watching

BREACH, REFUSED = "DrawdownLimitBreached", "InsufficientMarginRejection"
BEHIND = 40.0


class LateClock(SystemClock):
    """The machine's clock, slow by ``BEHIND``."""

    def now(self) -> float:
        """Unix time of then."""
        return super().now() - BEHIND


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The running parts."""

    services: Receivers
    alertmanager: Alertmanager
    simulator: Simulator
    configuration: Path
    clock: LateClock

    @asynccontextmanager
    async def exporter(self) -> AsyncIterator[Stack]:
        """The exporter, eon live."""
        environ = {"PLIMSOLL_EXPORTER__DATA_DIR": str(self.configuration.parent / "data")}
        async with watching(
            self.simulator, configuration=self.configuration, environ=environ, clock=self.clock
        ) as watched:
            await watched.until_up("eon")
            yield watched

    def texts(self, service: str, name: str) -> list[str]:
        """What a service was told of an alert, in order."""
        return [text for text in map(plain, self.services.accepted(service)) if name in text]

    async def until_texts(self, service: str, name: str, count: int) -> list[str]:
        """The same, when there are so many messages."""
        deadline = time.monotonic() + PATIENCE
        while len(found := self.texts(service, name)) < count:
            assert time.monotonic() < deadline, f"{service}: {found}"
            await asyncio.sleep(0.05)
        return found

    def held(self, name: str) -> list[str]:
        """What Alertmanager holds of an alert: its description."""
        return [
            one["annotations"]["description"]
            for one in self.alertmanager.alerts()
            if one["labels"]["alertname"] == name
        ]


@asynccontextmanager
async def scene(alertmanager: Path, folder: Path) -> AsyncIterator[Scene]:
    """October shortly before its breach, Alertmanager and who it tells; no Prometheus."""
    port, clock = free_port(), LateClock()
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(page_receivers())
        path = write_configuration(folder, f"http://127.0.0.1:{port}", services.url)
        render(load(path, environ={}), folder)
        rendered = folder / "alertmanager" / "rendered"
        pager = stack.enter_context(real_alertmanager(alertmanager, rendered, folder, port))
        company = as_tasks(lambda _: None)
        simulator = await stack.enter_async_context(
            running_simulator(scenario="october-mirror", speed=100, interval=0.1, company=company, clock=clock)
        )
        simulator.exchange.stage.until = 0
        yield Scene(services=services, alertmanager=pager, simulator=simulator, configuration=path, clock=clock)


async def report(watched: Stack, scene: Scene, name: str) -> None:
    """Report a refused entry of eon, as a bot does."""
    body = {"report_id": name, "account": "eon", "code": -2019, "time": scene.clock.now(), "intent": "open"}
    token = {"Authorization": "Bearer made-up-report-token"}
    async with (
        ClientSession(headers=token) as session,
        session.post(f"{watched.url}/api/v1/rejections", json=body) as answer,
    ):
        assert answer.status == 202, await answer.text()


async def refuse_twice(watched: Stack, scene: Scene) -> None:
    """Two entries are refused, the second when the first has been paged; Alertmanager knows of both."""
    await report(watched, scene, "first")
    await scene.until_texts("telegram", REFUSED, 1)
    await report(watched, scene, "second")
    deadline = time.monotonic() + PATIENCE
    while not any("entries 2," in text for text in scene.held(REFUSED)):
        assert time.monotonic() < deadline, scene.held(REFUSED)
        await asyncio.sleep(0.2)


async def breach_and_recover(watched: Stack, scene: Scene) -> None:
    """Eon falls through its floor, is paged, and rises above it again."""
    breached = (
        "binance_account_drawdown_breached",
        frozenset({"account": "eon", "rule": "tmad", "on_breach": "flatten"}.items()),
    )
    await until_played(scene.simulator, GAP_AT)
    await scene.until_texts("telegram", BREACH, 1)
    for symbol, mark in (("BTCUSDT", "85000"), ("ETHUSDT", "3125")):
        await watched.sim("price", symbol=symbol, mark=mark, push=True)
    await watched.until(lambda found: found.get(breached) == 0, "the breach is over")


async def test_a_breach_lapses_into_no_longer_reported_and_a_refusal_into_nothing(alertmanager: Path, tmp_path: Path):
    """The end of a breach is told with the age of its data, never as good news; that of refused orders is not told."""
    async with scene(alertmanager, tmp_path) as told:
        async with told.exporter() as watched:
            await refuse_twice(watched, told)
            await breach_and_recover(watched, told)
        _, ended = await told.until_texts("telegram", BREACH, 2)
        await told.until_texts("pagerduty", BREACH, 2)
        first, last = [
            call.body for call in told.services.accepted("pagerduty") if BREACH in call.body["payload"]["summary"]
        ]
        deadline = time.monotonic() + PATIENCE
        while told.held(REFUSED):
            assert time.monotonic() < deadline, told.held(REFUSED)
            await asyncio.sleep(0.2)
        await asyncio.sleep(MONEY_TICK + 1)
        (refused,) = told.texts("telegram", REFUSED)
        pages = told.texts("pagerduty", REFUSED)
        assert told.texts("telegram", BREACH)[-1] == ended
    head, account, story, _ = ended.split("\n")
    assert head == "\N{MEDIUM WHITE CIRCLE} NO LONGER REPORTED DrawdownLimitBreached"
    assert account == "Account eon, rule tmad"
    assert re.match(
        r"Not reported any more since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, \S+ ago; its last data are of \d{4}-\d\d-\d\d"
        r" \d\d:\d\d:\d\d UTC\. This is no all-clear: look at the account\. Last report: Account eon has lost ",
        story,
    ), story
    assert not re.search(r"\b(ok|resolved|recovered|fine)\b", ended, re.IGNORECASE)
    assert (last["event_action"], last["dedup_key"]) == ("resolve", first["dedup_key"])
    assert "closes 0, entries 1, unknown 0." in refused
    assert len(pages) == 1
    assert pages[0].startswith("trigger CRITICAL: InsufficientMarginRejection, account eon\n")
