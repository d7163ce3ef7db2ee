"""The real Alertmanager with the rendered configuration: what reaches PagerDuty, Telegram, webhooks, the enforcer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from alerting_files import SECRETS, alerting_config, write_secret
from page_receivers import Receivers, page_receivers
from plimsoll.render.command import render
from programs import free_port
from real_alertmanager import Alertmanager, an_alert, real_alertmanager

RENDERED = Path("alertmanager", "rendered")
BREACH = {
    "alertname": "DrawdownLimitBreached",
    "account": "eon",
    "rule": "tmad",
    "severity": "critical",
    "lane": "money",
    "enforce": "flatten",
}
TEXT = {
    "summary": "An account has reached its drawdown limit.",
    "description": (
        "Account eon has lost 5012.40 USD, 10.02%, since its reference of 50000.00 USD; rule tmad allows 10%. "
        "Equity is 44987.60 USD; the floor of 45000.00 USD is 12.40 USD above it. DRY RUN: nothing will be closed. "
        "Decide now: close the positions by hand or press the red button."
    ),
    "runbook_url": "https://docs.example.org/runbook.md#drawdownlimitbreached",
    "dashboard_url": "http://127.0.0.1:3000/d/plimsoll-account?var-account=eon",
    "sampled_at": "1795262400.123",
    "data_time": "2026-11-21 12:00:00 UTC",
}


@asynccontextmanager
async def stage(
    alertmanager: Path, folder: Path, *, without: tuple[str, ...] = ()
) -> AsyncIterator[tuple[Alertmanager, Receivers]]:
    """Stand-ins and an Alertmanager that knows them."""
    port = free_port()
    async with page_receivers() as services:
        config = alerting_config(
            folder, alertmanager=f"http://127.0.0.1:{port}", services=services.url, without=without
        )
        render(config, folder)
        with real_alertmanager(alertmanager, folder / RENDERED, folder, port) as running:
            yield running, services


async def test_a_breach_reaches_every_channel_and_the_enforcer(alertmanager: Path, tmp_path: Path):
    """One breach: one page on PagerDuty, one on Telegram, one webhook, and the enforcer gets it with its token."""
    async with stage(alertmanager, tmp_path) as (running, services):
        running.post(an_alert(BREACH, TEXT))
        (telegram,) = await services.until("telegram", 1)
        (page,) = await services.until("pagerduty", 1)
        (hook,) = await services.until("webhook", 1)
        (order,) = await services.until("enforcer", 1)
    assert telegram.path == f"/bot{SECRETS['telegram.token']}/sendMessage"
    assert telegram.body["chat_id"] == SECRETS["telegram.chat"]
    text = re.sub(r"since \d\d:\d\d:\d\d", "since 12:00:00", telegram.body["text"])
    assert text == (
        "\N{LARGE RED CIRCLE} <b>CRITICAL</b> DrawdownLimitBreached\n"
        "Account <b>eon</b>, rule tmad\n"
        f"<i>since 12:00:00 UTC</i> {TEXT['description']}\n"
        '<a href="http://127.0.0.1:3000/d/plimsoll-account?var-account=eon">dashboard</a> '
        '<a href="https://docs.example.org/runbook.md#drawdownlimitbreached">runbook</a>'
    )
    assert page.body["routing_key"] == SECRETS["pagerduty.key"]
    assert page.body["event_action"] == "trigger"
    payload = page.body["payload"]
    assert payload["summary"] == "CRITICAL: DrawdownLimitBreached, account eon, rule tmad"
    assert (payload["severity"], payload["class"], payload["component"]) == ("critical", "DrawdownLimitBreached", "eon")
    assert TEXT["description"] in payload["custom_details"]["what"]
    assert page.body["client_url"] == TEXT["dashboard_url"]
    assert hook.body["alerts"][0]["labels"] == BREACH
    assert order.headers["Authorization"] == f"Bearer {SECRETS['webhook.token']}"
    assert order.body["alerts"][0]["annotations"]["sampled_at"] == TEXT["sampled_at"]


async def test_a_breach_that_is_over_is_never_called_well(alertmanager: Path, tmp_path: Path):
    """When a breach is no longer reported the message says so, how old the data are, and that it is no all-clear."""
    async with stage(alertmanager, tmp_path) as (running, services):
        started = datetime.now(UTC) - timedelta(minutes=5)
        running.post(an_alert(BREACH, TEXT, started=started))
        (first,) = await services.until("pagerduty", 1)
        await services.until("telegram", 1)
        running.post(an_alert(BREACH, TEXT, started=started, lasts=timedelta(seconds=-2)))
        _, text = [call.body["text"] for call in await services.until("telegram", 2)]
        _, last = await services.until("pagerduty", 2)
        _, order = await services.until("enforcer", 2)
    head, account, story, _ = text.split("\n")
    assert head == "\N{MEDIUM WHITE CIRCLE} <b>NO LONGER REPORTED</b> DrawdownLimitBreached"
    assert account == "Account <b>eon</b>, rule tmad"
    assert re.match(
        r"Not reported any more since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, \S+ ago; its last data are of "
        r"2026-11-21 12:00:00 UTC. This is no all-clear: look at the account. <i>Last report:</i> Account eon has lost",
        story,
    ), story
    assert not re.search(r"\bok\b|resolved|recovered", text, re.IGNORECASE)
    assert (last.body["event_action"], last.body["dedup_key"]) == ("resolve", first.body["dedup_key"])
    assert order.body["status"] == "resolved"


async def test_hostile_text_is_escaped_and_bounded(alertmanager: Path, tmp_path: Path):
    """Names and texts full of markup, and many alerts at once, still arrive, escaped and within Telegram's limit."""
    labels = {**BREACH, "account": '<b>&"x"</b>' + "<" * 500}
    bare = {**BREACH, "account": '<b>&"x"</b>'}
    local = {"runbook_url": "docs/runbook.md#x", "dashboard_url": "javascript:alert(1)"}
    floods = [
        an_alert({**labels, "rule": f"r{number}<i>"}, {"description": "<a href='x'>&+" * 400}) for number in range(30)
    ]
    async with stage(alertmanager, tmp_path) as (running, services):
        running.post(an_alert(bare, {"description": "<script>&" * 500, **local}))
        (single,) = await services.until("telegram", 1)
        running.post(*floods)
        await services.until("telegram", 1, lambda call: "30 alerts in all" in call.body["text"])
        texts = services.texts()
    assert "Account <b>&lt;b&gt;&amp;&#34;x&#34;&lt;/b&gt;</b>" in single.body["text"]
    assert "<script>" not in single.body["text"]
    assert "href" not in single.body["text"]
    assert single.body["text"].endswith("\ndocs/runbook.md#x")
    for text in texts:
        assert len(text) <= 4096
        assert "<i>" not in re.sub(r"<i>(since [\d:]+ UTC|Last report:)</i>", "", text)
        assert "DrawdownLimitBreached" in text


async def test_a_service_that_fails_is_tried_again(alertmanager: Path, tmp_path: Path):
    """Services that answer 500 at first get the page when they answer again, once."""
    async with stage(alertmanager, tmp_path) as (running, services):
        for service in ("pagerduty", "telegram", "webhook", "enforcer"):
            services.faults[service] = [500, 500]
        running.post(an_alert(BREACH, TEXT))
        for service in ("pagerduty", "telegram", "webhook", "enforcer"):
            await services.until(service, 1)
            assert [call.status for call in services.calls[service]][:2] == [500, 500]
        await asyncio.sleep(1)
        assert [len(services.accepted(name)) for name in ("pagerduty", "telegram", "webhook")] == [1, 1, 1]


async def test_nobody_posts_without_the_password(alertmanager: Path, tmp_path: Path):
    """An alert from another site's page, or with a wrong password, is answered 401 and goes nowhere."""
    async with stage(alertmanager, tmp_path) as (running, services):
        url = f"{running.url}/api/v2/alerts"
        alerts = [an_alert(BREACH, TEXT)]
        origin = {"Origin": "https://evil.example.org"}
        bare = await asyncio.to_thread(requests.post, url, json=alerts, headers=origin, timeout=30)
        wrong = await asyncio.to_thread(requests.post, url, json=alerts, auth=("plimsoll", "guess"), timeout=30)
        read = await asyncio.to_thread(requests.get, url, headers=origin, timeout=30)
        assert (bare.status_code, wrong.status_code, read.status_code) == (401, 401, 401)
        assert running.alerts() == []
    assert services.calls["enforcer"] == []


async def test_a_near_limit_is_hidden_by_its_breach_alone(alertmanager: Path, tmp_path: Path):
    """The breach hides the warning before it, of the same account and rule; another account's is told."""
    near = {**BREACH, "alertname": "DrawdownNearLimit"}
    near.pop("enforce")
    async with stage(alertmanager, tmp_path) as (running, services):
        running.post(an_alert(BREACH, TEXT))
        await services.until("webhook", 1)
        running.post(an_alert(near, TEXT), an_alert({**near, "account": "live"}, TEXT))
        told = await services.until("webhook", 1, lambda call: call.body["commonLabels"]["account"] == "live")
        await asyncio.sleep(1)
        common = [call.body["commonLabels"] for call in services.calls["webhook"]]
    names = [(one["alertname"], one["account"]) for one in common]
    assert len(told) == 1
    assert names == [("DrawdownLimitBreached", "eon"), ("DrawdownNearLimit", "live")]


async def test_a_channel_without_secret_is_silent_and_joins_after_render_and_reload(alertmanager: Path, tmp_path: Path):
    """Without its secret files Telegram is not called; with them, rendered again and reloaded, it is."""
    async with stage(alertmanager, tmp_path, without=("telegram",)) as (running, services):
        running.post(an_alert(BREACH, TEXT))
        await services.until("pagerduty", 1)
        assert services.calls["telegram"] == []
        for name in ("telegram.token", "telegram.chat"):
            write_secret(tmp_path / "secrets" / name, SECRETS[name])
        render(alerting_config(tmp_path, alertmanager=running.url, services=services.url), tmp_path)
        running.reload()
        running.running.until(
            lambda: (
                "telegram_configs"
                in requests.get(f"{running.url}/api/v2/status", auth=running.auth, timeout=30).json()["config"][
                    "original"
                ]
            ),
            "the new configuration is in force",
        )
        running.post(an_alert({**BREACH, "account": "live"}, TEXT))
        await services.until("telegram", 1, lambda call: "live" in call.body["text"])


async def test_the_watchdog_goes_to_the_outside_alone(alertmanager: Path, tmp_path: Path):
    """The heartbeat is sent, and nobody is woken by it; the probe of the chain reaches the enforcer alone."""
    watchdog = {"alertname": "PlimsollWatchdog", "severity": "none"}
    probe = {"alertname": "EnforcerChainProbe", "severity": "none", "enforce": "probe"}
    async with stage(alertmanager, tmp_path) as (running, services):
        running.post(an_alert(watchdog, TEXT), an_alert(probe, TEXT))
        await services.until("heartbeat", 1)
        (order,) = await services.until("enforcer", 1)
        await asyncio.sleep(0.5)
        assert order.body["commonLabels"]["alertname"] == "EnforcerChainProbe"
        assert [len(services.calls[name]) for name in ("pagerduty", "telegram", "webhook")] == [0, 0, 0]
