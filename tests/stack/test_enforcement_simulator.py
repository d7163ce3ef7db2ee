"""The armed enforcer against the real simulator, told of breaches as Alertmanager tells them."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from pathlib import Path

import pytest

import programs
from enforcement_stage import Stage, enforcement, message, simulated, tell
from enforcer_stack import WEBHOOK, enforcer_settings, enforcing

NO_NEIGHBOURS = {"PLIMSOLL_ALERTMANAGER": "[]"}
PATIENCE = 20.0
"""Seconds that the program may take to end; it promises 5 on a machine that is not busy."""

WATCHED = 8.0
"""Seconds for which a contradicted breach is left alone with the enforcer: four re-reads and more."""


def state(stage: Stage) -> tuple[object, ...]:
    """What the account holds, every order that it ever had, and what is open of them."""
    account = stage.simulator.world.accounts["eon"]
    held = {(one.symbol, str(one.amount)) for one in account.positions.values() if one.amount}
    return held, set(account.orders), len(account.open_orders()), len(account.open_algo_orders())


async def test_a_breach_is_closed_locked_and_kept_closed(tmp_path: Path):
    """From the webhook to flat and locked; what is opened afterwards from outside is closed again."""
    async with enforcement(tmp_path, environ=NO_NEIGHBOURS) as (stage, enforced):
        assert await tell(enforced, await stage.annotations(lost="0.12")) == "accepted"
        await enforced.until(lambda: stage.flat, "eon is flat")
        shut = await enforced.get("/api/v1/gate/eon")
        assert shut.status == 423
        assert "tmad" in shut.json["reason"]
        await enforced.until(lambda: _ended(tmp_path), "the run has ended")
        await stage.sim("trade", account="eon", symbol="ETHUSDT", side="BUY", quantity="0.5")
        await stage.sim("order", account="eon", symbol="ETHUSDT", side="BUY", quantity="0.5", price="100")
        await enforced.until(lambda: stage.flat and _recloses(tmp_path) > 0, "what was opened again is closed")
        await enforced.until(lambda: _ended(tmp_path), "that has ended too")
        assert await tell(enforced, await stage.annotations(lost="0.12")) == "locked"
        assert stage.simulator.world.accounts["source"].positions


async def test_a_breach_that_is_none_closes_nothing(tmp_path: Path):
    """Contradicted by the exchange, for as long as it is watched; a lost withdrawal of half the equity is no loss."""
    async with enforcement(tmp_path, environ=NO_NEIGHBOURS) as (stage, enforced):
        before = state(stage)
        claimed = await stage.annotations(lost="0.02")
        half = await stage.equity() / 2
        await stage.sim("transfer", account="eon", asset="USDT", amount=f"-{half:.2f}", event=False)
        assert await tell(enforced, claimed) == "accepted"
        await asyncio.sleep(WATCHED)
        assert state(stage) == before
        requests = {"account": "eon", "outcome": "contradicted"}
        assert await enforced.value("plimsoll_enforcer_requests_total", **requests) == 1


async def test_an_exchange_that_is_down_only_delays(tmp_path: Path):
    """Every call fails with 503 for a while: held, and closed once it answers again."""
    async with enforcement(tmp_path, environ=NO_NEIGHBOURS) as (stage, enforced):
        claimed = await stage.annotations(lost="0.12")
        await stage.sim("fail", endpoint="*", status=503, body={"code": -1008, "msg": "overload"}, times=100000)
        assert await tell(enforced, claimed) == "accepted"
        await asyncio.sleep(WATCHED)
        assert not stage.flat
        await stage.client.control("fail", method="DELETE")
        await enforced.until(lambda: stage.flat, "eon is flat")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGKILL, -9), (signal.SIGTERM, 0)])
async def test_killed_in_the_middle_it_goes_on(tmp_path: Path, number: signal.Signals, status: int):
    """Ended with its orders on the way, the next life ends the same run flat; SIGTERM ends it cleanly and soon."""
    async with simulated() as stage:
        configuration, settings = enforcer_settings(stage.simulator.url, tmp_path, armed=True)
        port = programs.free_port()
        more = {"PLIMSOLL_ENFORCER__LISTEN": f"127.0.0.1:{port}", **NO_NEIGHBOURS}
        command: list[str | Path] = ["plimsoll-enforcer", "--config", configuration, "--arm", "eon"]
        with programs.running(command, tmp_path / "log", environ=programs.environment(**settings | more)) as process:
            await asyncio.to_thread(process.until_answers, f"http://127.0.0.1:{port}/-/ready")
            claimed = await stage.annotations(lost="0.12")
            await stage.sim("latency", seconds=0.3)
            headers = {"Authorization": f"Bearer {WEBHOOK}", "Content-Type": "application/json"}
            url = f"http://127.0.0.1:{port}/api/v1/alerts"
            async with stage.client._session.post(url, json=message(claimed), headers=headers) as answer:  # noqa: SLF001 - a session is a session
                assert answer.status == 202
            await asyncio.sleep(0.8)
            began = time.monotonic()
            process.process.send_signal(number)
            assert await asyncio.to_thread(process.process.wait) == status
            assert time.monotonic() - began < PATIENCE
        await stage.sim("latency", seconds=0)
        async with enforcing(stage.simulator, tmp_path, armed=True, environ=NO_NEIGHBOURS) as again:
            await again.until(lambda: stage.flat, "eon is flat")
            await again.until(lambda: _ended(tmp_path), "the run has ended")
            runs = (await again.get("/api/v1/runs")).json["runs"]
            assert [run["outcome"] for run in runs] == ["flat"]


def _recloses(folder: Path) -> int:
    return _asked(folder, "SELECT coalesce(sum(value), 0) FROM counter WHERE name = 'recloses'")


def _ended(folder: Path) -> bool:
    return _asked(folder, "SELECT count(*) FROM run WHERE ended_at_s IS NULL") == 0


def _asked(folder: Path, question: str) -> int:
    """Look into the journal beside its owner."""
    with sqlite3.connect(f"{(folder / 'enforcer' / 'journal.sqlite').as_uri()}?mode=ro", uri=True) as connection:
        return int(connection.execute(question).fetchone()[0])
