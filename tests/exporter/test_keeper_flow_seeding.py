"""Flows around a reading of the account: in it, after it, or in both; each is booked once, and no drawdown moves."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ledger_scene import booked, ledger, lost, remembering


@pytest.mark.parametrize("held", ["wallet", "positions"], ids=["in the reading", "after the reading"])
async def test_a_flow_during_a_reading_is_booked_once(tmp_path: Path, held: str):
    """Its event waits for the reading and is replayed over it, whether the reading shows the money or not."""
    async with remembering(tmp_path) as scene:
        scene.account.trade("BTCUSDT", "10", "100", fee="0")
        scene.market.prices["BTCUSDT"] = Decimal(70)
        await scene.pass_time(3)
        before = lost(scene)
        answer = scene.account.hold(held)
        scene.account.stream.cut()
        scene.account.stream.open()
        await scene.pass_time(1)
        scene.account.transfer("5000")
        assert booked(scene) == []
        answer.set()
        await scene.pass_time(6)
        assert lost(scene) == before
        assert ledger(scene).flow_usd == {"in": Decimal(5000)}
        await scene.pass_time(1000)
        assert lost(scene) == before
        assert [(flow.amount, bool(flow.transaction)) for flow in booked(scene)] == [(5000, True)]


async def test_a_flow_before_the_first_sample_is_part_of_the_beginning(tmp_path: Path):
    """Nothing is measured before the ledger begins: what came until then is what the account has, and no flow."""
    async with remembering(tmp_path, live=False) as scene:
        scene.account.transfer("5000")
        await scene.pass_time(300)
        assert lost(scene) == (0, 0)
        assert booked(scene) == []
        assert ledger(scene).flow_usd == {}


async def test_flows_until_tells_which_flows_are_in(tmp_path: Path):
    """It moves with what proves the wallet, covers every booked flow, and stands still while something is odd."""
    async with remembering(tmp_path) as scene:
        await scene.pass_time(120)
        proven = ledger(scene).flows_until
        assert proven is not None
        assert scene.clock.now() - 75 < proven < scene.clock.now()
        scene.account.transfer("100")
        at = ledger(scene).flows_until
        assert at is not None
        assert at == booked(scene)[0].time_ms / 1000 > proven
        scene.account.silent = True
        scene.account.transfer("500")
        hidden, scene.account.rows = scene.account.rows, []
        scene.account.silent = False
        await scene.pass_time(70)
        assert scene.view().unexplained_usd == 500
        missed = hidden[-1].time_ms / 1000
        assert (ledger(scene).flows_until or 0) < missed
        scene.account.rows = hidden
        await scene.pass_time(1000)
        assert scene.view().unexplained_usd == 0
        assert sorted(flow.amount for flow in booked(scene)) == [100, 500]
        assert (ledger(scene).flows_until or 0) >= missed
