"""A story paged for real: simulator, exporter, Prometheus and Alertmanager, and stand-ins of PagerDuty and Telegram.

The configuration is the shipped one with its channels on. The story is played by the test, from second to second, and
stands still while it waits for a page: so no page depends on how fast the machine is, and no ``for`` is cut short.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alerting_files import alerting_sections, write_secret, write_secrets
from october_play import until_played
from page_receivers import Call, Receivers, page_receivers
from patience import PATIENCE
from plimsoll.config.load import load
from plimsoll.config.model import Mode
from plimsoll.render.command import render
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.actors.telling import Target, Telling
from plimsoll_simulator.server import Simulator, running_simulator
from programs import free_port
from real_alertmanager import Alertmanager, real_alertmanager
from real_prometheus import Prometheus, real_prometheus
from stack_harness import ROOT, Stack, watching

MESSAGES = ROOT / "tests" / "golden" / "messages"
ACCOUNTS = ("source", "eon", "live")
MONEY_TICK = 10.0
"""The ``group_interval`` of the money lane, in seconds: what was added to a group is told by then."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One alert as a webhook told it.

    Attributes:
        alert: Its name.
        account: Its account.
        part: Its drawdown rule or symbol; empty where it is of the account as a whole.
        severity: Its severity.
        starts_at: Since when it fires, Unix seconds.
        firing: Whether it is reported still.
    """

    alert: str
    account: str
    part: str
    severity: str
    starts_at: float
    firing: bool

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What tests list: alert, account, rule or symbol, severity."""
        return self.alert, self.account, self.part, self.severity


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The running programs, and what the stand-ins were told."""

    services: Receivers
    alertmanager: Alertmanager
    prometheus: Prometheus
    watched: Stack

    @property
    def simulator(self) -> Simulator:
        """The simulated exchange."""
        return self.watched.simulator

    async def play(self, second: int) -> None:
        """Play the story to the end of a second, and halt it there."""
        await until_played(self.simulator, second)

    def messages(self, service: str) -> list[str]:
        """What a service was told about accounts, in order, without markup."""
        return [text for text in map(plain, self.services.accepted(service)) if _is_of_account(text)]

    def others(self, service: str) -> list[str]:
        """What it was told beside that: of Prometheus and Alertmanager themselves."""
        return [text for text in map(plain, self.services.accepted(service)) if not _is_of_account(text)]

    async def page(self, service: str, what: str) -> str:
        """The first message that has all the words, whatever their case, as soon as it is there.

        Raises:
            AssertionError: It did not come within ``PATIENCE``.
        """
        words, deadline = what.lower().split(), time.monotonic() + PATIENCE
        while True:
            for text in self.messages(service):
                if all(word in text.lower() for word in words):
                    return text
            assert time.monotonic() < deadline, f"{service} was never told {what!r}: {self.messages(service)}"
            await asyncio.sleep(0.05)

    async def until_told(self, *names: str) -> None:
        """Wait until Telegram and the webhook tell each of these: an alert's name, with its part or its severity."""
        for name in names:
            for service in ("webhook", "telegram"):
                await self.page(service, name)

    async def settle(self) -> None:
        """Wait until whatever the money lane would tell again has been told."""
        await asyncio.sleep(MONEY_TICK + 1)

    def told(self) -> list[list[Told]]:
        """Every message of the webhook about accounts, in order: the alerts that it lists."""
        return [
            [_told(alert) for alert in call.body["alerts"]]
            for call in self.services.accepted("webhook")
            if "account" in call.body["commonLabels"]
        ]


def _told(alert: dict[str, Any]) -> Told:
    labels = alert["labels"]
    return Told(
        alert=labels["alertname"],
        account=labels["account"],
        part=labels.get("rule") or labels.get("symbol") or "",
        severity=labels["severity"],
        starts_at=datetime.fromisoformat(alert["startsAt"]).timestamp(),
        firing=alert["status"] == "firing",
    )


def _is_of_account(text: str) -> bool:
    return re.search(r"\b[Aa]ccount \S", text) is not None


def plain(call: Call) -> str:
    """A message as a person reads it."""
    if "payload" in call.body:
        payload = call.body["payload"]
        return f"{call.body['event_action']} {payload['summary']}\n{payload['custom_details']['what']}"
    if "alerts" in call.body:
        return "\n".join(
            " ".join([*alert["labels"].values(), "account", alert["annotations"].get("description", "")])
            for alert in call.body["alerts"]
        )
    return re.sub("<[^>]*>", "", str(call.body.get("text", "")))


def write_configuration(folder: Path, alertmanager: str, services: str) -> Path:
    """The shipped configuration with every channel on and no enforcer, and all secrets beside it."""
    write_secrets(folder, services)
    write_secret(folder / "secrets" / "report.token", "made-up-report-token")
    for path in (folder / "secrets").iterdir():
        path.chmod(0o600)
    more = alerting_sections(alertmanager=alertmanager, enforcer=f"{services}/enforce", services=services)
    shipped = (ROOT / "plimsoll.yml").read_text(encoding="utf-8").replace("mode: dry-run", "mode: 'off'")
    for account in ("source", "live"):
        shipped = shipped.replace(f"\n  {account}:\n", f"\n  {account}:\n    enforcement: {{mode: 'off'}}\n")
    path = folder / "plimsoll.yml"
    path.write_text(shipped + more, encoding="utf-8")
    return path


@asynccontextmanager
async def paging_stage(scenario: str, folder: Path, alertmanager: Path, prometheus: Path) -> AsyncIterator[Stage]:
    """Everything running, every account live and known to Prometheus; the story is at its beginning.

    Args:
        scenario: The simulator's.
        folder: Where configuration, secrets and data go.
        alertmanager: The fixture of that name.
        prometheus: The fixture of that name.
    """
    base, tellers = free_port(0, 1), list[Telling]()
    url = f"http://127.0.0.1:{base}"
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(page_receivers())
        path = write_configuration(folder, url, services.url)
        company = as_tasks(lambda order: tellers[0](order))  # noqa: PLW0108 - made when the exporter listens
        simulator = await stack.enter_async_context(
            running_simulator(scenario=scenario, speed=100, interval=0.2, company=company)
        )
        simulator.exchange.stage.until = 0
        environ = {"PLIMSOLL_EXPORTER__DATA_DIR": str(folder / "data")}
        watched = await stack.enter_async_context(watching(simulator, configuration=path, environ=environ))
        tellers.append(
            Telling(Target(url=watched.url, token_file=folder / "secrets" / "report.token", spool=folder / "spool"))
        )
        stack.callback(tellers[0].close)
        config = load(path, environ={"PLIMSOLL_EXPORTER__LISTEN": watched.url.removeprefix("http://")})
        assert {one.enforcement.mode for one in config.accounts.values()} == {Mode.OFF}
        render(config, folder, prometheus=f"127.0.0.1:{base + 1}")
        rendered = folder / "alertmanager" / "rendered"
        # In threads: the exporter lives in this process, and has to go on while they start.
        pager = await asyncio.to_thread(stack.enter_context, real_alertmanager(alertmanager, rendered, folder, base))
        rules = await asyncio.to_thread(stack.enter_context, real_prometheus(prometheus, folder, base + 1))
        for account in ACCOUNTS:
            await watched.until_up(account)
        await _until_seen(rules)
        yield Stage(services=services, alertmanager=pager, prometheus=rules, watched=watched)


async def _until_seen(rules: Prometheus) -> None:
    """Wait until Prometheus has every account live."""
    deadline = time.monotonic() + PATIENCE
    while len(await asyncio.to_thread(rules.query, "binance_account_up == 1")) < len(ACCOUNTS):
        assert time.monotonic() < deadline, "Prometheus has never seen the accounts live"
        await asyncio.sleep(0.1)


def news(told: Sequence[Sequence[Told]]) -> list[list[Told]]:
    """What each message told for the first time; nothing, where it told again what was known."""
    seen: set[tuple[str, str, str, str]] = set()
    found: list[list[Told]] = []
    for message in told:
        new = [one for one in message if one.name not in seen]
        seen.update(one.name for one in new)
        found.append(sorted(new, key=lambda one: (one.starts_at, one.name)))
    return found


def says(text: str, name: str) -> bool:
    """Whether a message is that of ``tests/golden/messages``, where ``...`` is up to twenty characters of a line."""
    expected = (MESSAGES / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")
    return re.fullmatch("[^\n]{0,20}".join(map(re.escape, expected.split("..."))), text) is not None
