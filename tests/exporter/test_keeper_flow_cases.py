"""Flows in odd company: rebates, unknown rates, money that passed for performance, other money counted as equity."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from keeper_scene import Scene
from ledger_scene import booked, figures, ledger, lost, remembering
from plimsoll.model.events import AssetModeChange
from plimsoll.model.flows import FlowSource
from plimsoll.model.market import AssetRate
from plimsoll.model.terms import AssetMode


async def fallen(scene: Scene) -> tuple[Decimal | None, Decimal | None]:
    """Hold a position that lost 300 of 10,000 USD; gives what is lost."""
    scene.account.trade("BTCUSDT", "10", "100", fee="0")
    scene.market.prices["BTCUSDT"] = Decimal(70)
    await scene.pass_time(3)
    return lost(scene)


def gift(scene: Scene, amount: str, reason: str, kind: str) -> None:
    """Money with a reason and an income type of its own."""
    account, usd = scene.account, Decimal(amount)
    time_ms = account.stamp()
    account._income(kind, "USDT", usd, "", time_ms, "")  # noqa: SLF001 - a row that no other act makes
    account.tell(account.credit({"USDT": usd}, time_ms, reason, (), change=usd))


async def test_a_rebate_that_came_as_a_deposit_is_taken_back(tmp_path: Path):
    """Its event alone is a flow; once the history says rebate it is performance, and counted out again."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        gift(scene, "100", "ADMIN_DEPOSIT", "COMMISSION_REBATE")
        assert lost(scene) == before
        await scene.pass_time(130)
        assert lost(scene) == (Decimal("0.02"), 200)
        assert booked(scene) == []
        assert ledger(scene).flow_usd == {"in": Decimal(100), "out": Decimal(100)}
        assert ledger(scene).income_usd["commission_rebate"] == 100


async def test_a_bonus_that_came_as_a_deposit_stays_a_flow(tmp_path: Path):
    """The history confirms it."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        gift(scene, "100", "ADMIN_DEPOSIT", "WELCOME_BONUS")
        await scene.pass_time(130)
        assert lost(scene) == before
        assert [bool(flow.transaction) for flow in booked(scene)] == [True]


async def test_words_that_nobody_knows_are_told_loudly_once(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Unknown reasons and types count as performance, and the log says so."""
    async with remembering(tmp_path) as scene:
        for _ in range(2):
            gift(scene, "100", "MANNA", "MANNA_FROM_HEAVEN")
        await scene.pass_time(130)
        said = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
        assert sorted("MANNA_FROM_HEAVEN" in line for line in said) == [False, True]
        assert ledger(scene).income_usd["other"] == 200
        assert booked(scene) == []


async def test_a_flow_waits_for_equity(tmp_path: Path):
    """While a mark is stale a flow cannot be valued; it is booked when prices come back, and no sample saw it."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        scene.ticking = False
        await scene.pass_time(5)
        assert not scene.is_live()
        scene.account.transfer("5000")
        assert booked(scene) == []
        scene.ticking = True
        await scene.pass_time(2)
        assert lost(scene) == before
        assert [flow.source for flow in booked(scene)] == [FlowSource.EVENT]


async def test_a_waiting_flow_survives_a_restart_through_the_history(tmp_path: Path):
    """What waits is not kept itself: the wallets of before it are, so that it is found again, once."""
    async with remembering(tmp_path) as first:
        before = await fallen(first)
        first.ticking = False
        await first.pass_time(5)
        first.account.transfer("5000")
        await first.pass_time(12)
    async with remembering(tmp_path, after=first) as second:
        await second.pass_time(140)
        assert lost(second) == before
        assert [(flow.source, flow.amount) for flow in booked(second)] == [(FlowSource.INCOME, 5000)]


async def test_flows_that_wait_hold_up_the_reading_of_the_history(tmp_path: Path):
    """What came and went long ago and waits to be booked as the process ends is found again by the next one."""
    async with remembering(tmp_path) as first:
        await fallen(first)
    first.account.transfer("5000")
    first.account.transfer("-5000")
    first.clock.advance(3600)
    async with remembering(tmp_path, after=first) as second:
        second.ticking = False
        await second.pass_time(140)
        assert booked(second) == []
    async with remembering(tmp_path, after=second) as third:
        await third.pass_time(140)
        assert sorted(flow.amount for flow in booked(third)) == [-5000, 5000]


async def test_a_flow_told_beside_unexplained_money_waits_for_it(tmp_path: Path):
    """Two deposits, the first without its event: booked alone the second would be valued with the first in equity."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        scene.account.silent = True
        scene.account.transfer("5000")
        scene.account.silent = False
        scene.account.transfer("1000")
        assert booked(scene) == []
        await scene.pass_time(5)
        assert lost(scene) == before
        assert sorted((flow.amount, flow.source.value) for flow in booked(scene)) == [(1000, "event"), (5000, "income")]


async def test_money_that_passed_for_performance_is_taken_back(tmp_path: Path):
    """Rows that come after a minute: the deposit raised the reference meanwhile, and lets go of it again."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        scene.account.silent = True
        scene.account.transfer("5000")
        scene.account.silent = False
        rows, scene.account.rows = scene.account.rows, []
        await scene.pass_time(150)
        assert figures(scene).reference_usd > 14000
        scene.account.rows = rows
        await scene.pass_time(1000)
        assert lost(scene) == before
        assert figures(scene, "usd").reference_usd == 15000


@pytest.mark.no_cover  # hours pass, and shorter tests come by the same lines
async def test_what_nothing_ever_explains_is_performance_for_good(tmp_path: Path):
    """A last answer of the history long after it was given up ends the waiting."""
    async with remembering(tmp_path) as scene:
        await fallen(scene)
        scene.account.silent = True
        scene.account.transfer("5000")
        scene.account.silent = False
        scene.account.rows = []
        await scene.pass_time(400)
        watched = ledger(scene).watched
        assert watched is not None
        assert watched.standing.rules["total"].checkpoint is not None
        await scene.pass_time(1800)
        watched = ledger(scene).watched
        assert watched is not None
        assert watched.standing.rules["total"].checkpoint is None
        assert figures(scene, "usd").drawdown_usd == 0


@pytest.mark.parametrize("down", [False, True], ids=["watched", "while down"])
async def test_a_switch_of_the_asset_mode_moves_no_drawdown(tmp_path: Path, *, down: bool):
    """BNB comes into equity: a flow of the difference, which is no money from outside."""
    async with remembering(tmp_path) as first:
        first.account.transfer("2", asset="BNB")
        before = await fallen(first)
        if not down:
            await switch(first)
            assert lost(first) == before
            assert ledger(first).flow_usd == {}
    if down:
        first.account.mode = replace(first.account.mode, asset_mode=AssetMode.MULTI)
        async with remembering(tmp_path, after=first, live=False) as second:
            offer_rates(second)
            await second.pass_time(5)
            assert lost(second) == before
            assert [flow.source for flow in booked(second)] == [FlowSource.SWITCH]


@pytest.mark.parametrize("amount", ["-5000", "5000"])
async def test_a_flow_and_a_switch_of_the_asset_mode_while_down_move_no_drawdown(tmp_path: Path, amount: str):
    """The flow is booked at the unit value of the old mode: what the switch brings in is no gain before it."""
    async with remembering(tmp_path) as first:
        first.account.transfer("2", asset="BNB")
        before = await fallen(first)
    first.account.mode = replace(first.account.mode, asset_mode=AssetMode.MULTI)
    first.account.transfer(amount)
    async with remembering(tmp_path, after=first, live=False) as second:
        for _ in range(4):
            offer_rates(second)
            await second.pass_time(2)
        assert lost(second) == before
        assert [flow.source for flow in booked(second)] == [FlowSource.INCOME, FlowSource.SWITCH]


@pytest.mark.parametrize("amount", ["-5000", "5000"])
async def test_a_flow_and_a_switch_back_while_down_move_no_drawdown(tmp_path: Path, amount: str):
    """Nobody knows the rates of multi-assets mode any more: equity of before is that of the last sample."""
    async with remembering(tmp_path) as first:
        first.account.transfer("2", asset="BNB")
        await fallen(first)
        await switch(first)
        before = lost(first)
    first.account.mode = replace(first.account.mode, asset_mode=AssetMode.SINGLE)
    first.account.transfer(amount)
    async with remembering(tmp_path, after=first, live=False) as second:
        await second.pass_time(10)
        assert lost(second) == before


def offer_rates(scene: Scene) -> None:
    """Index rates as they are in multi-assets mode."""
    for asset, price in (("USDT", "1"), ("BNB", str(scene.market.prices["BNBUSDT"]))):
        rate = AssetRate(asset=asset, bid=Decimal(price), ask=Decimal(price), time_ms=int(scene.clock.now() * 1000))
        scene.market_keeper.market_event(rate)


async def switch(scene: Scene) -> None:
    """Change to multi-assets mode."""
    scene.account.mode = replace(scene.account.mode, asset_mode=AssetMode.MULTI)
    time_ms = scene.account.stamp()
    scene.account.tell(AssetModeChange(time_ms=time_ms, event_ms=time_ms, asset_mode=AssetMode.MULTI))
    offer_rates(scene)
    await scene.pass_time(6)
    offer_rates(scene)
    await scene.pass_time(2)
    assert scene.is_live()
    flows = booked(scene)
    assert [flow.source for flow in flows] == [FlowSource.SWITCH]
    assert flows[0].usd == 2 * scene.market.prices["BNBUSDT"]
