"""One of the watchers dies, or cannot see, while October's breach stands: the page stays, and nobody reads all clear.

Real programs; ``--faults-as-shipped`` runs them with the times that users have, and an account that is blind for five
minutes. Without it two times are shortened, see ``fault_stage``.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fault_stage import (
    AS_SHIPPED,
    BREACH,
    BREACH_LABELS,
    SHORT,
    FaultStage,
    Pace,
    fault_stage,
    firing,
    held,
    seconds,
)
from october_play import until_played
from patience import PATIENCE
from plimsoll_simulator.actors.company import as_tasks
from plimsoll_simulator.scenarios.october_mirror import GAP_AT
from plimsoll_simulator.server import running_simulator
from stack_faults import ALWAYS

EON = (
    "{eon: {limits: {drawdown: {tmad: {from: high-water, ratio: 0.10, high_water_usd: 50000, on_breach: flatten}}, "
    "leverage: 3}, enforcement: {mode: off}}}"
)
"""October's account; nobody has an enforcer here."""

LEVERAGE = "AccountLeverageAboveLimit"
"""Fires in October too, by its rule alone."""

ALL_CLEAR = re.compile(r"\bok\b|resolved|recovered|all.?clear|back to normal", re.IGNORECASE)


@pytest.fixture
def pace(pytestconfig: pytest.Config) -> Pace:
    """The times of these tests."""
    return AS_SHIPPED if pytestconfig.getoption("--faults-as-shipped", default=False) else SHORT


@pytest.fixture
async def october(alertmanager: Path, prometheus: Path, tmp_path: Path, pace: Pace) -> AsyncIterator[FaultStage]:
    """The story before its breach, nothing started but the exchange."""
    async with (
        running_simulator(
            scenario="october-mirror", speed=100, interval=0.1, company=as_tasks(lambda _: None)
        ) as simulator,
        fault_stage(tmp_path, simulator, (alertmanager, prometheus), accounts=EON, pace=pace) as stage,
    ):
        simulator.exchange.stage.until = 0
        yield stage


async def breach(stage: FaultStage) -> None:
    """Play on to the breach."""
    await stage.watched.until_up("eon")
    await until_played(stage.simulator, GAP_AT)


def hooks_over(stage: FaultStage) -> list[object]:
    """What told a webhook, or the enforcer, that the breach has ended."""
    return [
        alert
        for service in ("webhook", "enforcer")
        for call in stage.services.accepted(service)
        for alert in call.body["alerts"]
        if alert["labels"]["alertname"] == BREACH and alert["status"] == "resolved"
    ]


def assert_nobody_reads_all_clear(stage: FaultStage) -> None:
    """The breach is told once and not as over; a text about anything else that lapsed warns that it is no all-clear."""
    assert (len(stage.told(BREACH)), stage.told(BREACH, over=True)) == (1, [])
    assert stage.paged(BREACH) == ["trigger"]
    assert hooks_over(stage) == []
    pages = [call.body["payload"] for call in stage.services.accepted("pagerduty")]
    for text in (*stage.services.texts(), *(f"{one['summary']} {one['custom_details']['what']}" for one in pages)):
        assert ("NO LONGER REPORTED" in text) is ("This is no all-clear" in text), text
        assert not ALL_CLEAR.search(text.replace("This is no all-clear", "")), text


async def test_prometheus_is_killed(october: FaultStage):
    """Its own alerts lapse, in words that warn; the breach stays, because the fast lane goes on telling it.

    So it does to an Alertmanager that is restarted then, which knows who was paged and pages nobody twice.
    """
    pager, _, rules = await october.alertmanager(), await october.exporter(), await october.prometheus()
    await breach(october)
    await october.until_told(BREACH)
    await october.until_told(LEVERAGE)
    await october.until(lambda: bool(firing(rules, BREACH)), "both lanes tell the breach")
    rules.running.process.kill()
    killed = time.time()
    await october.until_told(LEVERAGE, over=True)
    await october.until(
        lambda: seconds(held(pager, BREACH)[0]["updatedAt"]) > killed + october.pace.lapse,
        "the fast lane tells it beyond what Prometheus has said",
    )
    (one,) = held(pager, BREACH)
    assert one["labels"] == BREACH_LABELS
    assert one["status"]["state"] == "active"
    assert_nobody_reads_all_clear(october)
    pager.running.process.terminate()
    await asyncio.to_thread(pager.running.process.wait, PATIENCE)
    pager = await october.alertmanager()
    back = time.time()
    await october.until(lambda: bool(held(pager, BREACH)), "the fast lane tells the restarted Alertmanager")
    assert seconds(held(pager, BREACH)[0]["updatedAt"]) - back <= 20
    await asyncio.sleep(1)
    assert_nobody_reads_all_clear(october)


async def test_the_exporter_is_killed_without_fast_lane(october: FaultStage):
    """The rules alone page the breach, hold it without exporter, tell of that, and go on when it is back."""
    alone = {"PLIMSOLL_ALERTMANAGER": "[]"}
    pager, process, rules = await october.alertmanager(), await october.exporter(**alone), await october.prometheus()
    await october.until(lambda: bool(rules.query("account:plimsoll_configured:max24h")), "the account is recorded")
    await breach(october)
    (told,) = await october.until_told(BREACH)
    assert "DRY RUN: nothing will be closed" in told.body["text"]
    (one,) = held(pager, BREACH)
    assert one["labels"] == BREACH_LABELS
    process.process.kill()
    killed = time.time()
    await october.until_told("ExporterDown")
    await october.until(lambda: time.time() > killed + 3 * october.pace.keep, "a time that nothing else bridges")
    (one,) = firing(rules, BREACH)
    assert "The account cannot be read now, so this alert stays as it was." in one["annotations"]["description"]
    assert [one["status"]["state"] for one in held(pager, BREACH)] == ["active"]
    await october.exporter(**alone)
    await october.until(lambda: not firing(rules, "ExporterDown"), "the exporter is back")
    assert len(firing(rules, BREACH)) == 1
    assert_nobody_reads_all_clear(october)


async def test_an_account_is_blind(october: FaultStage):
    """Streams and REST cut in a breach: AccountDataStale pages, and both lanes hold the breach meanwhile."""
    pager, _, rules = await october.alertmanager(), await october.exporter(), await october.prometheus()
    await breach(october)
    await october.until_told(BREACH)
    await october.until(lambda: bool(firing(rules, BREACH)), "both lanes tell the breach")
    await october.watched.sim("fail", endpoint="*", account="eon", times=ALWAYS, status=500)
    await october.watched.sim("stream", target="eon", action="refuse")
    await october.watched.sim("stream", target="eon", action="cut")
    await october.watched.until_up("eon", up=False)
    blind = time.time()
    (stale,) = await october.until_told("AccountDataStale")
    assert "the last trusted sample is" in stale.body["text"]
    enough = max(october.pace.blind, 3.0 * october.pace.keep)
    while time.time() < blind + enough:
        assert len(firing(rules, BREACH)) == 1
        await asyncio.sleep(1)
    (one,) = firing(rules, BREACH)
    assert "The account cannot be read now, so this alert stays as it was." in one["annotations"]["description"]
    await october.until(
        lambda: seconds(held(pager, BREACH)[0]["updatedAt"]) > blind + enough, "it is told to Alertmanager all along"
    )
    assert [one["status"]["state"] for one in held(pager, BREACH)] == ["active"]
    assert_nobody_reads_all_clear(october)
