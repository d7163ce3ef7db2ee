"""Missed kills, tried on the whole chain with real programs: whatever goes wrong, eon ends flat and locked."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from chain_files import untrue_breach
from chain_stage import FATAL, ORDER, WEBHOOK, ChainStage, chain_stage
from programs import answered, free_port
from stack_faults import ALWAYS

DOWN_SECONDS = 20.0
MANY = {"SOLUSDT": "20", "BNBUSDT": "3", "ADAUSDT": "900", "DOTUSDT": "400"}
"""What eon holds more where a run is to last: six positions with those of ``calm``."""


@pytest.fixture
async def stage(alertmanager: Path, prometheus: Path, tmp_path: Path) -> AsyncIterator[ChainStage]:
    """Nothing started yet; eon holds two positions, each with a stop that never triggers."""
    async with chain_stage(tmp_path, (alertmanager, prometheus)) as made:
        await made.calm()
        yield made


async def watch_and_tell(stage: ChainStage) -> None:
    """Alertmanager and the exporter with its fast lane."""
    await stage.alertmanager()
    await stage.exporter()
    await stage.until_live()


def closing(stage: ChainStage) -> dict[str, Decimal]:
    """What every order since the enforcer came has executed, by symbol; bought is positive."""
    total: Counter[str] = Counter()
    for order in stage.sent:
        total[order.symbol] += order.executed if order.side == "BUY" else -order.executed  # type: ignore[assignment]
    return {symbol: Decimal(amount) for symbol, amount in total.items() if amount}


async def assert_closed_once(stage: ChainStage, before: dict[str, Decimal]) -> None:
    """What was held was closed once and nothing more: no order twice, none that opened anything."""
    await stage.until_closed()
    assert closing(stage) == {symbol: -amount for symbol, amount in before.items()}


async def test_contradicted_at_first_told_once_and_true_later(stage: ChainStage):
    """One alert that is contradicted, and nobody who tells it again: when it comes true, the watch sees it."""
    await stage.enforcer()
    before = dict(stage.held)
    assert await stage.post(WEBHOOK, untrue_breach()) == 202
    await stage.until_requests("contradicted")
    assert stage.held == before
    await stage.mark(FATAL)
    await assert_closed_once(stage, before)
    assert (await stage.requests())["accepted"] == 1


async def test_the_exchange_is_down_and_the_disk_is_full(stage: ChainStage):
    """Told while neither the exchange answers nor the journal can be written: it closes when the exchange is back."""
    await watch_and_tell(stage)
    enforcer = await stage.enforcer()
    before = dict(stage.held)
    resource.prlimit(enforcer.pid, resource.RLIMIT_FSIZE, (1, 1))  # whatever would grow a file fails, as on a full disk
    await stage.sim("fail", endpoint="*", status=503, body="Service Unavailable", times=ALWAYS)
    await stage.mark(FATAL)
    await stage.until_requests("accepted")
    await asyncio.sleep(DOWN_SECONDS)
    await stage.until_requests("held")
    assert stage.held == before
    await stage.watched.sim_delete("fail")
    await assert_closed_once(stage, before)
    page = await stage.enforcing.metrics()
    assert page["plimsoll_enforcer_journal_failures_total", frozenset()] > 0


async def test_killed_in_the_middle_of_a_run(stage: ChainStage):
    """``kill -9`` between its orders and their answers: it goes on, ends flat, and sends nothing twice."""
    for symbol, quantity in MANY.items():
        await stage.sim("trade", account="eon", symbol=symbol, side="BUY", quantity=quantity)
    await watch_and_tell(stage)
    enforcer = await stage.enforcer()
    before = dict(stage.held)
    assert len(before) == len(MANY) + 2
    await stage.sim("latency", seconds=0.3)
    await stage.mark(FATAL)
    counted = stage.simulator.exchange.requests.calls
    await stage.until(lambda: counted[ORDER] > 0, "its first order is on the way", enforcer)
    enforcer.process.kill()
    await asyncio.to_thread(enforcer.process.wait)
    await stage.sim("latency", seconds=0)
    await stage.enforcer()
    await assert_closed_once(stage, before)
    assert len(await stage.runs()) == 1
    names = [order.client_id for order in stage.sent]
    assert len(names) == len(set(names)) == len(before)
    assert all(order.executed == abs(before[order.symbol]) for order in stage.sent)


async def test_two_enforcers_and_two_lanes(stage: ChainStage):
    """Two enforcers are told the same breach with other start times: what they close together is the position, once."""
    await watch_and_tell(stage)
    other = free_port()
    await stage.enforcer()
    await stage.enforcer(port=other, name="other")
    before = dict(stage.held)
    await stage.sim("latency", seconds=0.05)
    await stage.mark(FATAL)
    for start in ("2026-11-21T12:00:00Z", "2026-11-21T12:00:30Z"):
        await stage.post(WEBHOOK, {**untrue_breach(), "startsAt": start})
        await stage.post(WEBHOOK, {**untrue_breach(), "startsAt": start}, port=other)
    await assert_closed_once(stage, before)
    await stage.until(
        lambda: answered(f"http://127.0.0.1:{other}/api/v1/gate/eon") == 423, "the other one has locked eon too"
    )
    assert len(await stage.runs()) == 1


async def test_nobody_was_there(stage: ChainStage):
    """Breached and paged while no enforcer ran, and the exporter is dead since: it closes once it is there."""
    pager = await stage.alertmanager()
    exporter = await stage.exporter()
    await stage.until_live()
    before = dict(stage.held)
    await stage.mark(FATAL)
    await stage.until(lambda: bool(pager.alerts()), "Alertmanager knows of the breach")
    exporter.process.kill()
    await stage.enforcer()
    await assert_closed_once(stage, before)
