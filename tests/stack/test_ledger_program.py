"""The whole exporter and its state: rebased by the command while it runs, owned by one, refused where it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.clock import SystemClock
from plimsoll.config.load import load_with_secrets
from plimsoll.database.database import FILE_NAME
from plimsoll.errors import StateInUse, StateUnreadable
from plimsoll.rebase import rebase
from plimsoll_exporter.program import Program
from plimsoll_simulator.server import Simulator, running_simulator
from stack_faults import STANDING
from stack_harness import ROOT, Stack, overrides, watching


def environ(simulator: Simulator, folder: Path) -> dict[str, str]:
    """The shipped configuration against a simulator, with its state in a folder."""
    return {**overrides(simulator.url), "PLIMSOLL_EXPORTER__DATA_DIR": str(folder)}


async def reference(running: Stack) -> float:
    """What eon's drawdown is measured from."""
    return await running.shown("binance_account_drawdown_reference_usd", account="eon", rule="tmad")


async def test_the_command_rebases_a_running_exporter(tmp_path: Path):
    """It tells before and after within its patience, and the new reference is kept over a restart."""
    async with running_simulator(scenario=STANDING) as simulator:
        settings = environ(simulator, tmp_path / "data")
        async with watching(simulator, environ=settings) as running:
            await running.until_up("eon")
            await running.sim("trade", account="eon", symbol="BTCUSDT", side="BUY", quantity="1")
            assert await reference(running) == 50_000
            config, _ = load_with_secrets(ROOT / "plimsoll.yml", environ=settings)
            told = await rebase(config, account="eon", rule="tmad", reason="new mandate", clock=SystemClock())
            assert "before: reference 50000" in told
            rebased = await reference(running)
            assert rebased < 50_000
        async with watching(simulator, environ=settings) as running:
            assert await reference(running) == rebased


async def test_one_exporter_owns_the_state(tmp_path: Path):
    """A second one on the same folder is refused, as is a damaged file; the first goes on."""
    async with running_simulator(scenario=STANDING) as simulator:
        settings = environ(simulator, tmp_path / "data")
        config, credentials = load_with_secrets(ROOT / "plimsoll.yml", environ=settings)
        async with watching(simulator, environ=settings) as running:
            with pytest.raises(StateInUse):
                Program(config, credentials, clock=SystemClock())
            await running.until_up("eon")
        (tmp_path / "data" / FILE_NAME).write_bytes(b"no database at all")
        with pytest.raises(StateUnreadable, match="Move it away"):
            Program(config, credentials, clock=SystemClock())
