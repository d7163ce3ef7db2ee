"""Reports out of what the real programs left: Prometheus, state database and journal together, nothing recorded.

One stack each: November with a variant, asked at once and again when Prometheus and the programs are gone.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from plimsoll.report.build import build
from plimsoll.report.model import Certainty, Report, SourceName
from plimsoll_simulator.scenarios.november_variants import CHANGE_AT
from report_scenes import Scene, scene

SLIPPED = (
    "BNBUSDT's stop at 914.74 filled at 921.00, 0.68 % worse than its trigger, which cost 13.58 USD more than planned."
)
WORKED = (
    "No stop failed: price never reached BTCUSDT's or SOLUSDT's trigger, and BNBUSDT's filled, 0.68 % worse than its "
    "trigger."
)
DOT = "DOTUSDT had no stop; its only closing order was a take-profit."

SOON = {"PLIMSOLL_ACCOUNTS__LIVE__LIMITS__STOP_GRACE": "5s"}
"""So that a position without stop counts before half a minute has passed."""


async def until_found(one: Scene, sentence: str) -> Report:
    """The report, as soon as it says something: its sources are asked again and again."""
    found: list[Report] = []

    def says() -> bool:
        report = build(one.material())
        found.append(report)
        return sentence in [finding.sentence for finding in report.findings]

    await one.stage.until(says, sentence)
    return found[-1]


async def test_november_is_reported_from_running_programs(alertmanager: Path, prometheus: Path, tmp_path: Path):
    """``gap``: exactly what happened, while everything runs; without Prometheus what is left, and why it is less."""
    tools = (alertmanager, prometheus)
    async with scene("november-stops:gap", "live", tmp_path, tools, **SOON) as one:
        await one.stage.play(CHANGE_AT)
        await until_found(one, DOT)
        await until_found(one, SLIPPED)
        report = await until_found(one, WORKED)
        alone = build(await asyncio.to_thread(one.material, prometheus="http://127.0.0.1:1"))
    told = {finding.sentence for finding in report.findings if finding.rule != "blind"}  # on a machine that stalls
    assert told == {DOT, SLIPPED, WORKED}
    assert all(source.present for source in report.sources)
    assert [row.symbol for row in report.tables.executed] == ["BNBUSDT"]
    missing = [source for source in alone.sources if not source.present]
    assert [(source.name, source.detail) for source in missing] == [
        (SourceName.PROMETHEUS, "http://127.0.0.1:1: it cannot be reached")
    ]
    assert {finding.rule for finding in alone.findings if finding.certainty is Certainty.ESTABLISHED} <= {
        "stop-slipped",
        "stops-not-reached",
    }
    assert {finding.sentence for finding in alone.findings} >= {SLIPPED}
