"""Everything between the exchange and a phone, as real programs that a test can kill one by one.

The simulator and what stands in for the channels live in the test; exporter, Alertmanager and Prometheus are processes.
Two times are shortened unless a test is told to keep what is shipped, so that what they bridge is soon seen to hold
by itself: ``keep_firing_for`` of the rules, and how long an alert of Prometheus lasts without it (four times the
resend delay).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from alerting_files import alerting_config
from page_receivers import Call, Receivers, page_receivers
from patience import PATIENCE
from plimsoll.render.command import render
from plimsoll_simulator.server import Simulator
from programs import Running, answered, environment, free_port, running
from real_alertmanager import Alertmanager, real_alertmanager
from real_prometheus import Prometheus, real_prometheus
from stack_harness import Stack, overrides

BREACH = "DrawdownLimitBreached"
BREACH_LABELS = {
    "alertname": BREACH,
    "account": "eon",
    "rule": "tmad",
    "severity": "critical",
    "lane": "money",
    "enforce": "flatten",
}
SITE = {"PLIMSOLL_SITE": "home", "PLIMSOLL_REPLICA": "a"}
"""External labels of Prometheus: they must not reach an alert."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The times that may be shortened, in seconds.

    Attributes:
        keep: ``keep_firing_for`` of every rule; 120 as shipped.
        resend: ``--rules.alert.resend-delay``; 15 as shipped.
        blind: How long an account is blind at least.
    """

    keep: int
    resend: int
    blind: float

    @property
    def lapse(self) -> float:
        """How long an alert of Prometheus lasts without it."""
        return 4.0 * self.resend

    def rules(self, text: str) -> str:
        """A file of rules with this ``keep_firing_for``."""
        return text.replace("keep_firing_for: 2m\n", f"keep_firing_for: {self.keep}s\n")


AS_SHIPPED = Pace(keep=120, resend=15, blind=300)
SHORT = Pace(keep=4, resend=2, blind=0)


@dataclass
class FaultStage:
    """The running programs.

    Attributes:
        folder: Configuration, secrets and data of all of them.
        pace: Shortened times.
        simulator: The exchange.
        services: What the channels got.
        http: For the exporter's pages.
        ports: Of exporter, Alertmanager and Prometheus.
        tools: The programs Alertmanager and Prometheus.
        ends: Ends whatever still runs.
    """

    folder: Path
    pace: Pace
    simulator: Simulator
    services: Receivers
    http: aiohttp.ClientSession
    ports: tuple[int, int, int]
    tools: tuple[Path, Path]
    ends: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def exporter(self, **environ: str) -> Running:
        """Start the exporter, again with what it remembers; further settings come by the environment."""
        settings = {**overrides(self.simulator.url), "PLIMSOLL_EXPORTER__LISTEN": f"127.0.0.1:{self.ports[0]}"}
        command: list[str | Path] = ["plimsoll-exporter", "--config", self.folder / "plimsoll.yml"]
        log = self.folder / "exporter.log"
        process = self.ends.enter_context(running(command, log, environ=environment(**settings, **environ)))
        await self.until(lambda: answered(f"{self.page}/-/healthy") == 200, "the exporter answers", process)
        return process

    async def alertmanager(self) -> Alertmanager:
        """Start Alertmanager."""
        rendered = self.folder / "alertmanager" / "rendered"
        made = real_alertmanager(self.tools[0], rendered, self.folder, self.ports[1])
        return await asyncio.to_thread(self.ends.enter_context, made)

    async def prometheus(self) -> Prometheus:
        """Start Prometheus with external labels, again with what it remembers."""
        flags = (f"--rules.alert.resend-delay={self.pace.resend}s", "--web.cors.origin=^$")
        made = real_prometheus(self.tools[1], self.folder, self.ports[2], flags=flags, rules=self.pace.rules, **SITE)
        return await asyncio.to_thread(self.ends.enter_context, made)

    @property
    def page(self) -> str:
        """Base URL of the exporter."""
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def watched(self) -> Stack:
        """The running exporter's pages, and the simulator's switches."""
        return Stack(self.simulator, self.page, self.http)

    async def until(self, holds: Callable[[], bool], what: str, process: Running | None = None) -> None:
        """Wait until something holds; it is asked outside the event loop.

        Raises:
            AssertionError: It did not within ``PATIENCE``, or the process that it waits for has ended.
        """
        deadline = time.monotonic() + PATIENCE + 3 * self.pace.keep
        while not await asyncio.to_thread(holds):
            assert time.monotonic() < deadline, f"never: {what}: {self.services.texts()}"
            assert process is None or process.process.poll() is None, f"ended before {what}: {process.said()}"
            await asyncio.sleep(0.1)

    async def until_told(self, alertname: str, *, over: bool = False, count: int = 1) -> list[Call]:
        """Wait until Telegram has been told so often that an alert fires, or is no longer reported; gives the calls."""
        what = f"{alertname} {'over' if over else 'told'} {count} times"
        await self.until(lambda: len(self.told(alertname, over=over)) >= count, what)
        return self.told(alertname, over=over)

    def told(self, alertname: str, *, over: bool = False) -> list[Call]:
        """What Telegram was told of an alert: that it fires, or that it is no longer reported."""
        mark = "NO LONGER REPORTED" if over else "CRITICAL"
        head = f"<b>{mark}</b> {alertname}\n"
        return [call for call in self.services.accepted("telegram") if head in call.body["text"]]

    def paged(self, alertname: str) -> list[str]:
        """What PagerDuty was told to do about an alert: trigger, resolve."""
        calls = [call.body for call in self.services.accepted("pagerduty")]
        keys = {body["dedup_key"] for body in calls if body.get("payload", {}).get("class") == alertname}
        return [body["event_action"] for body in calls if body["dedup_key"] in keys]


def firing(rules: Prometheus, alertname: str) -> list[dict[str, Any]]:
    """The alerts of a name that fire in Prometheus."""
    return [one for one in rules.alerts() if one["labels"]["alertname"] == alertname and one["state"] == "firing"]


def held(pager: Alertmanager, alertname: str) -> list[dict[str, Any]]:
    """The alerts of a name that Alertmanager holds."""
    return [one for one in pager.alerts() if one["labels"]["alertname"] == alertname]


def seconds(text: str) -> float:
    """A time of an API as Unix seconds."""
    return datetime.fromisoformat(text).timestamp()


@asynccontextmanager
async def fault_stage(
    folder: Path, simulator: Simulator, tools: tuple[Path, Path], *, accounts: str, pace: Pace
) -> AsyncIterator[FaultStage]:
    """Configuration rendered, channels open, nothing started yet; whatever is started ends with the block.

    Args:
        folder: For everything.
        simulator: The exchange.
        tools: The fixtures ``alertmanager`` and ``prometheus``.
        accounts: The section ``accounts`` of the configuration, on one line.
        pace: Shortened times.
    """
    base = free_port(0, 1, 2)
    ports = base, base + 1, base + 2
    async with page_receivers() as services, aiohttp.ClientSession() as http, AsyncExitStack() as ends:
        config = alerting_config(
            folder,
            alertmanager=f"http://127.0.0.1:{ports[1]}",
            services=services.url,
            exporter=f"127.0.0.1:{ports[0]}",
            accounts=accounts,
        )
        render(config, folder, prometheus=f"127.0.0.1:{ports[2]}")
        yield FaultStage(folder, pace, simulator, services, http, ports, tools, ends)
