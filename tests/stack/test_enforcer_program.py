"""The enforcer as a whole over the simulator: what is in force, its doors, its start and its end."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

import programs
from enforcer_stack import OPERATOR, enforcer_settings, enforcing
from fast_clock import FastClock
from plimsoll_simulator.server import running_simulator

WISH = {"reason": "test of the button"}
FLATTEN = "/api/v1/accounts/eon/flatten"
RELEASE = "/api/v1/accounts/eon/release"


async def test_dry_run_reads_and_sends_nothing(tmp_path: Path):
    """As shipped every account is in dry run, trade keys are looked at, and the red button says no."""
    async with running_simulator() as simulator, enforcing(simulator, tmp_path) as enforced:
        await enforced.until_ready()
        for account in ("source", "eon", "live"):
            assert await enforced.value("plimsoll_enforcer_mode_info", account=account, mode="dry-run") == 1
        key = {"account": "eon", "key": "trade"}
        assert await enforced.value("binance_api_key_permission", **key, permission="trade") == 1
        assert await enforced.value("binance_api_key_permission", **key, permission="withdraw") == 0
        refused = await enforced.post(FLATTEN, WISH)
        assert (refused.status, "dry run" in refused.json["error"].replace("-", " ")) == (409, True)
        assert (await enforced.get("/api/v1/gate/eon")).status == 200
        assert enforced.held("eon") == {"BTCUSDT", "ETHUSDT"}


async def test_armed_account_is_closed_by_an_operator_and_released(tmp_path: Path):
    """Flatten closes everything, locks, is told as a run with its audit; release opens the gate again."""
    async with running_simulator() as simulator, enforcing(simulator, tmp_path, armed=True) as enforced:
        await enforced.until_ready()
        assert await enforced.value("plimsoll_enforcer_mode_info", account="eon", mode="armed") == 1
        begun = await enforced.post(FLATTEN, WISH)
        assert begun.status == 202
        await enforced.until(lambda: not enforced.held("eon"), "eon is flat")
        shut = await enforced.get("/api/v1/gate/eon")
        assert (shut.status, shut.json["reason"]) == (423, "locked out by hand")
        run = (await enforced.get(f"/api/v1/runs/{begun.json['run_id']}")).json
        assert run["account"] == "eon"
        assert run["audit"]
        assert enforced.held("source")
        released = await enforced.post(RELEASE, {**WISH, "rebase": False})
        assert (released.status, (await enforced.get("/api/v1/gate/eon")).status) == (200, 200)


async def test_lockout_survives_a_restart(tmp_path: Path):
    """A new enforcer over the same folder knows the lock and the runs of the one before."""
    async with running_simulator() as simulator:
        async with enforcing(simulator, tmp_path, armed=True) as enforced:
            await enforced.until_ready()
            await enforced.post(FLATTEN, WISH)
            await enforced.until(lambda: not enforced.held("eon"), "eon is flat")
        async with enforcing(simulator, tmp_path, armed=True) as again:
            assert (await again.get("/api/v1/gate/eon")).status == 423
            assert [one["account"] for one in (await again.get("/api/v1/runs")).json["runs"]] == ["eon"]


async def test_mute_exchange_holds_up_the_start_for_a_while_only(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """While keys cannot be asked about it is not ready; the doors are open all the same, and soon it works anyway."""
    async with running_simulator() as simulator:
        simulator.exchange.rest_faults.latency = 600.0
        async with enforcing(simulator, tmp_path, armed=True, clock=FastClock(20.0)) as enforced:
            unready = await enforced.get("/-/ready")
            assert (unready.status, "source, eon, live" in unready.text) == (503, True)
            assert (await enforced.alert(alertname="EnforcerChainProbe", enforce="probe")).status == 202
            await enforced.until(lambda: "has not told yet" in caplog.text, "it begins without having been told")


async def test_probe_is_counted(tmp_path: Path):
    """What comes with ``enforce="probe"`` is the chain's probe and nothing else."""
    async with running_simulator() as simulator, enforcing(simulator, tmp_path) as enforced:
        assert await enforced.value("plimsoll_enforcer_last_probe_timestamp_seconds") is None
        assert (await enforced.alert(alertname="EnforcerChainProbe", enforce="probe", severity="none")).status == 202
        assert await enforced.value("plimsoll_enforcer_last_probe_timestamp_seconds") is not None
        assert (await enforced.get("/api/v1/runs")).json["runs"] == []


async def test_command_says_what_is_in_force_and_ends_on_sigterm(tmp_path: Path):
    """The installed command tells each account's mode, refuses a second of its kind, and ends within 5 s with 0."""
    async with running_simulator() as simulator:
        configuration, settings = enforcer_settings(simulator.url, tmp_path, armed=True)
        port = programs.free_port()
        environ = programs.environment(**settings | {"PLIMSOLL_ENFORCER__LISTEN": f"127.0.0.1:{port}"})
        command: list[str | Path] = ["plimsoll-enforcer", "--config", configuration, "--arm", "eon"]
        with programs.running(command, tmp_path / "log", environ=environ) as process:
            await asyncio.to_thread(process.until_answers, f"http://127.0.0.1:{port}/-/ready")
            said = process.said()
            assert "eon: enforcement is armed" in said
            assert "live: enforcement is dry-run" in said
            second = await asyncio.to_thread(programs.run, *command, environ=environ)
            assert (second.returncode, str(tmp_path / "enforcer") in second.stderr) == (1, True), second.stderr
            assert await asyncio.to_thread(process.end, signal.SIGTERM) == 0
        assert "Traceback" not in process.said()


async def test_sigterm_ends_it_though_the_exchange_does_not_answer(tmp_path: Path):
    """In the middle of a run, with the exchange mute, the program still ends within 5 s; its next life goes on."""
    async with running_simulator() as simulator:
        configuration, settings = enforcer_settings(simulator.url, tmp_path, armed=True)
        port = programs.free_port()
        url = f"http://127.0.0.1:{port}"
        environ = programs.environment(**settings | {"PLIMSOLL_ENFORCER__LISTEN": f"127.0.0.1:{port}"})
        command: list[str | Path] = ["plimsoll-enforcer", "--config", configuration, "--arm", "eon"]
        async with aiohttp.ClientSession() as session:
            with programs.running(command, tmp_path / "log", environ=environ) as process:
                await asyncio.to_thread(process.until_answers, f"{url}/-/ready")
                async with session.post(f"{simulator.url}/sim/latency", json={"seconds": 600}) as done:
                    assert done.status == 200, await done.text()
                headers = {"Authorization": f"Bearer {OPERATOR}"}
                async with session.post(url + FLATTEN, json=WISH, headers=headers) as begun:
                    assert begun.status == 202
                assert await asyncio.to_thread(process.end, signal.SIGTERM) == 0
            async with session.post(f"{simulator.url}/sim/latency", json={"seconds": 0}) as done:
                assert done.status == 200
        async with enforcing(simulator, tmp_path, armed=True) as again:
            await again.until(lambda: not again.held("eon"), "the next life has closed what the first one began")
            assert len((await again.get("/api/v1/runs")).json["runs"]) == 1
