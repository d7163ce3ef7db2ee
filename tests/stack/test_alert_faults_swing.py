"""A ratio that swings round its limit wakes nobody twice: real programs, the rules with the times that are shipped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fault_stage import AS_SHIPPED, BREACH, FaultStage, fault_stage, firing, held
from plimsoll_simulator.server import running_simulator
from real_prometheus import Prometheus
from stack_faults import STANDING

LEVERAGE = "AccountLeverageAboveLimit"
LIVE = (
    "{live: {limits: {drawdown: {tmad: {from: start, start_usd: 4970, amount_usd: 10, on_breach: flatten}}, "
    "leverage: 0.87}, enforcement: {mode: off}}}"
)
"""Within both limits (4971 USD, leverage 0.867) at ``CALM``, beyond both (4955 USD, 0.874) at ``WORSE``."""

CALM, WORSE = "906.32534562", "914"
"""Marks of BNBUSDT, which the account is short of; its stop is above both."""

SWINGS = 3
GROUP_INTERVAL = 10
"""Seconds after which Alertmanager tells news of a group of money alerts; what is shorter it would not tell at all."""

BOTH = (
    "binance_account_drawdown_breached",
    "binance_account_leverage_ratio > bool on (account) binance_account_leverage_limit_ratio",
)


@pytest.fixture
async def standing(alertmanager: Path, prometheus: Path, tmp_path: Path) -> AsyncIterator[FaultStage]:
    """An account within its limits; prices stand still."""
    async with (
        running_simulator(scenario=STANDING) as simulator,
        fault_stage(tmp_path, simulator, (alertmanager, prometheus), accounts=LIVE, pace=AS_SHIPPED) as stage,
    ):
        yield stage


async def swing(stage: FaultStage, rules: Prometheus, mark: str, *, beyond: bool) -> None:
    """Set the price, and wait until Prometheus sees both limits crossed, or neither."""
    await stage.watched.sim("price", symbol="BNBUSDT", mark=mark, push=True)
    await stage.until(
        lambda: [float(one["value"][1]) for query in BOTH for one in rules.query(query)] == [beyond, beyond],
        f"Prometheus sees both at {mark}",
    )


async def test_a_swing_round_the_limits_is_one_page(standing: FaultStage):
    """Drawdown and leverage cross their limits three times each way, both lanes up: each is told once and not ended."""
    pager, _, rules = await standing.alertmanager(), await standing.exporter(), await standing.prometheus()
    await standing.watched.until_up("live")
    for number in range(SWINGS):
        await swing(standing, rules, WORSE, beyond=True)
        await standing.until_told(BREACH)
        await standing.until_told(LEVERAGE)
        await swing(standing, rules, CALM, beyond=False)
        await asyncio.sleep(0 if number else 1.2 * GROUP_INTERVAL)
    for name in (BREACH, LEVERAGE):
        assert len(firing(rules, name)) == 1
        assert [one["status"]["state"] for one in held(pager, name)] == ["active"]
        assert len(standing.told(name)) == 1
        assert standing.told(name, over=True) == []
        assert standing.paged(name) == ["trigger"]
