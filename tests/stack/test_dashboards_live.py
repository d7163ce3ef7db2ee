"""Every query of every dashboard, asked of a real Prometheus while the two incidents are played.

Simulator, exporter, enforcer, Alertmanager and Prometheus run as they are shipped. A query gives something or stands in
``dashboards_empty.yml`` with the reason; one that stands there and gives something is wrong, too.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from dashboard_stage import DashboardStage, dashboard_stage
from plimsoll_simulator.scenarios.october_mirror import GAP_AT, SELL_AT

BEFORE = GAP_AT - 2
"""The second of the story after which the breach is near: all orders are refused that will be, nothing is closed."""

REFUSED = 'sum(binance_order_rejections_total{account="eon"}) == 9'


NOVEMBER = {
    ("account", "Verdict"): [{"value": "UNPROTECTED"}],
    ("account", "Unprotected"): [{"value": "$808.22"}],
    ("account", "Covered"): [{"value": "81.3%"}],
    ("account", "Enforcer"): [{"value": "dry run: closes nothing"}],
    ("account", "Equity and result"): [
        {"name": "equity", "value": "$4,971.34"},
        {"name": "unrealised", "value": "-$28.66"},
    ],
    ("account", "Exposure and what is available"): [{"name": "gross exposure", "value": "$4,311.90"}],
    ("account", "Loss at stops"): [{"value": "$69.39"}],
    ("stops", "For how long"): [{"name": "PAST GRACE"}],
    ("stops", "Price past a stop?"): [{"value": "no"}],
    ("account", "Positions, unprotected ones first"): [
        {
            "Symbol": "DOTUSDT",
            "Side": "long",
            "Stops": "UNPROTECTED",
            "Covered": "0%",
            "Notional": "$808.22",
            "Result": "$5.72",
            "Entry": "2.675",
            "Mark": "2.6941",
            "Stop": "none known",
            "To stop": "-",
            "Loss at stop": "not bounded",
        },
        {
            "Symbol": "BNBUSDT",
            "Side": "short",
            "Stops": "covered",
            "Covered": "100%",
            "Notional": "$1,966.73",
            "Result": "-$20.67",
            "Entry": "896.8",
            "Mark": "906.3253",
            "Stop": "914.74",
            "To stop": "0.93%",
            "Loss at stop": "$38.93",
        },
        {
            "Symbol": "BTCUSDT",
            "Side": "short",
            "Stops": "covered",
            "Covered": "100%",
            "Notional": "$1,201.41",
            "Result": "-$11.79",
            "Entry": "91,508.9",
            "Mark": "92,415.8231",
            "Stop": "93,339.1",
            "To stop": "1.00%",
            "Loss at stop": "$23.79",
        },
        {
            "Symbol": "SOLUSDT",
            "Side": "short",
            "Stops": "covered",
            "Covered": "100%",
            "Notional": "$335.54",
            "Result": "-$1.92",
            "Entry": "139.01",
            "Mark": "139.81",
            "Stop": "141.79",
            "To stop": "1.42%",
            "Loss at stop": "$6.67",
        },
    ],
    ("fleet", "Unprotected"): [{"value": "$808.22"}],
    ("fleet", "Accounts, worst first"): [
        {
            "Account": "live",
            "Verdict": "UNPROTECTED",
            "Unprotected": "$808.22",
            "Leverage": "0.87 x",
            "Refused, 1 h": "0",
        },
        {"Account": "eon", "Verdict": "fine", "Unprotected": "$0.00", "Refused, 1 h": "0"},
    ],
}
"""The record of November as Fleet and Account print it: prices to the digits that they show, all else to the cent."""

OCTOBER = {
    ("account", "Refused, no margin, 1 h"): [{"name": "closes", "value": "2"}, {"name": "entries", "value": "7"}],
    ("account", "Verdict"): [{"value": "BREACHED"}],
    ("account", "Enforcer"): [{"value": "LOCKED OUT"}],
    ("fleet", "Accounts, worst first"): [
        {
            "Account": "eon",
            "Verdict": "BREACHED",
            "Unprotected": "$0.00",
            "No margin, 1 h": "9",
            "Enforcer": "ARMED",
            "Locked": "LOCKED OUT",
        },
    ],
}
"""What is left of October once eon has been closed: who it was, what was refused, and that nothing is held."""

BLIND = {
    ("pipeline", "Accounts"): [{"value": "NOT ALL LIVE"}],
    ("pipeline", "Programs"): [{"value": "ONE IS DOWN"}],
    ("enforcement", "Enforcer"): [{"value": "DOWN"}],
    ("enforcement", "Armed"): [{"value": "not known"}],
    ("enforcement", "Not flat in time"): [{"value": "not known"}],
    ("enforcement", "Modes, lockouts, and what is left"): [{"Account": "live", "In force": "SILENT"}],
    ("account", "Verdict"): [{"value": "NOT LIVE"}],
    ("account", "Enforcer"): [{"value": "SILENT"}],
    ("account", "Covered"): [{"value": "not known"}],
    ("stops", "Price past a stop?"): [{"value": "NOT KNOWN"}],
    ("stops", "Worst position"): [{"value": "NOT KNOWN"}],
    ("account", "Unprotected"): [{"value": "not known"}],
    ("fleet", "Accounts not live"): [{"value": "3"}],
    ("fleet", "Unprotected"): [{"value": "not known"}],
}
"""What is printed once neither exporter nor enforcer answers: nothing that could be taken for good news."""


@pytest.fixture
def tools(alertmanager: Path, prometheus: Path) -> tuple[Path, Path]:
    """The programs that are not ours."""
    return alertmanager, prometheus


async def test_october_is_on_the_dashboards(tools: tuple[Path, Path], tmp_path: Path):
    """While eon loses, and after it was closed, no panel is empty that should not be; what was refused stays."""
    async with dashboard_stage(tmp_path, tools, scenario="october-mirror", armed=True) as stage:
        await stage.chain.play(SELL_AT - 2)
        await stage.until_query('count(binance_mirror_expected_quantity{destination="eon"} > 0) == 2')
        holding = time.time()
        await stage.chain.play(BEFORE)
        await stage.until_query(REFUSED)
        await stage.until_query('binance_mirror_drift_since_timestamp_seconds{destination="eon"}')
        losing = time.time()
        async with stage.chain.in_real_time():
            await stage.chain.until_closed()
        await stage.until_query('plimsoll_enforcer_runs_total{account="eon",outcome="flat"} == 1')
        wrong = await stage.judged("october-mirror", "eon", [holding, losing])
        wrong += await stage.unlike("eon", OCTOBER)
    assert not wrong, "\n".join(wrong)


async def disturb(stage: DashboardStage) -> None:
    """Break a stream and let calls fail: what Pipeline shows of it."""
    await stage.chain.sim("fail", endpoint="GET /fapi/v3/account", status=503, body={}, times=2)
    await stage.chain.sim("stream", target="eon", action="cut")


async def test_november_is_on_the_dashboards(tools: tuple[Path, Path], tmp_path: Path):
    """The story stands still at the table of the record: panels print its figures; nobody watching, they say so."""
    grace = {"PLIMSOLL_ACCOUNTS__LIVE__LIMITS__STOP_GRACE": "2s"}
    async with dashboard_stage(tmp_path, tools, scenario="november-stops", armed=False, **grace) as stage:
        await stage.until_query('ALERTS{alertname="PositionUnprotected",symbol="DOTUSDT",alertstate="firing"}')
        await stage.until_query('binance_open_orders{account="live",purpose="stop"} == 3')
        wrong = await stage.unlike("live", NOVEMBER)
        await disturb(stage)
        wrong += await stage.judged("november-stops", "live", [])
        for program in stage.watchers:
            await asyncio.to_thread(program.end)
        wrong += await stage.unlike("live", BLIND)
    assert not wrong, "\n".join(wrong)
