"""Transfers that nobody told, whose rows in the history come late, alone or with another time than the wallet's."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from keeper_scene import Scene
from ledger_scene import booked, figures, ledger, lost, remembering


async def fallen(scene: Scene) -> tuple[Decimal | None, Decimal | None]:
    """Hold a position that lost 300 of 10,000 USD; gives what is lost."""
    scene.account.trade("BTCUSDT", "10", "100", fee="0")
    scene.market.prices["BTCUSDT"] = Decimal(70)
    await scene.pass_time(3)
    return lost(scene)


def silently(scene: Scene, *amounts: str, apart_ms: int = 0) -> None:
    """Move money without its event; the history dates it so much later than the wallet does."""
    scene.account.silent = True
    for amount in amounts:
        scene.account.transfer(amount)
        row = scene.account.rows[-1]
        scene.account.rows[-1] = replace(row, time_ms=row.time_ms + apart_ms)
    scene.account.silent = False


async def unmoved(scene: Scene, before: tuple[Decimal | None, Decimal | None], seconds: int) -> int:
    """Watch that what is lost stays whenever it is told; gives for how many half seconds it was not."""
    untold = 0
    for _ in range(2 * seconds):
        await scene.pass_time(0.5)
        if figures(scene).drawdown_ratio is None:
            untold += 1
        else:
            assert lost(scene) == before
    return untold


@pytest.mark.parametrize("apart_ms", [1, 4000, -1, -4000])
async def test_the_history_may_date_a_transfer_otherwise_than_the_wallet(tmp_path: Path, apart_ms: int):
    """Such a deposit is found by the first question all the same, and so is its withdrawal: no drawdown moves."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        await scene.pass_time(20)
        for amount in ("5000", "-5000"):
            silently(scene, amount, apart_ms=apart_ms)
            assert 0 < await unmoved(scene, before, 80) < 20
            assert scene.view().unexplained_usd == 0
        assert [flow.amount for flow in booked(scene)] == [5000, -5000]
        assert ledger(scene).flow_usd == {"in": Decimal(5000), "out": Decimal(5000)}


@pytest.mark.parametrize("back", ["-5000", "-4999"], ids=["nothing left", "little left"])
@pytest.mark.parametrize("first", [0, 1], ids=["deposit first", "withdrawal first"])
async def test_the_history_may_list_what_came_before_what_went(tmp_path: Path, back: str, first: int):
    """The wallet shows neither of them: while only one is listed no drawdown is told, and then both are booked."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        start = figures(scene, "usd").reference_usd
        silently(scene, "5000", back)
        pair = scene.account.rows[-2:]
        rest = scene.account.rows[:-2]
        scene.account.rows = [*rest, pair[first]]
        await unmoved_but_for(scene, before, Decimal(5000) + Decimal(back), 125)
        assert figures(scene).drawdown_ratio is None
        assert booked(scene) == []
        scene.account.rows = [*rest, *pair]
        await scene.pass_time(20)
        assert lost(scene) == before
        assert sorted(flow.amount for flow in booked(scene)) == sorted([Decimal(back), Decimal(5000)])
        assert figures(scene, "usd").reference_usd == start + 5000 + Decimal(back)
        assert scene.view().unexplained_usd == 0


async def unmoved_but_for(
    scene: Scene, before: tuple[Decimal | None, Decimal | None], little: Decimal, seconds: int
) -> None:
    """Watch that what is lost differs by no more than what may pass unexplained, whenever it is told."""
    for _ in range(seconds):
        await scene.pass_time(1)
        if figures(scene).drawdown_ratio is None:
            return
        assert abs((lost(scene)[1] or 0) - (before[1] or 0)) <= little


async def test_what_goes_while_its_like_passes_for_performance_is_waited_for(tmp_path: Path):
    """A deposit that nobody explained counts; its withdrawal leaves the sum at nothing, and is no loss at once."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        silently(scene, "5000")
        rows, scene.account.rows = scene.account.rows, []
        await scene.pass_time(125)
        assert figures(scene, "usd").reference_usd == 14700
        silently(scene, "-5000")
        rows += scene.account.rows
        scene.account.rows = []
        untold = 0
        for _ in range(110):
            await scene.pass_time(1)
            if figures(scene).drawdown_ratio is None:
                untold += 1
            else:
                assert lost(scene) == (before if untold else (0, 0))
            scene.account.rows = rows if untold > 30 else []
        assert 30 < untold < 50
        assert lost(scene) == before
        assert [flow.amount for flow in booked(scene)] == [5000, -5000]


@pytest.mark.no_cover  # hours pass, and shorter tests come by the same lines
async def test_what_is_found_after_it_was_given_up_leaves_nothing_unexplained(tmp_path: Path):
    """Rows that come when nothing is shown any more take the money back, and are no riddle of their own."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        silently(scene, "5000")
        rows, scene.account.rows = scene.account.rows, []
        await scene.pass_time(400)
        assert scene.view().unexplained_usd == 0
        scene.account.rows = rows
        for _ in range(1000):
            await scene.pass_time(1)
            assert figures(scene).drawdown_ratio is not None
        assert lost(scene) == before
        assert scene.view().unexplained_usd == 0


@pytest.mark.parametrize(("row_ms", "event_ms"), [(3, 0), (0, 3), (-3, 3)])
async def test_an_event_that_comes_after_its_row_is_no_second_flow(tmp_path: Path, row_ms: int, event_ms: int):
    """History, wallet and event date the deposit otherwise, and the event comes a minute late: one flow."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        scene.account.silent = True
        event = scene.account.transfer("5000")
        scene.account.silent = False
        row = scene.account.rows[-1]
        scene.account.rows[-1] = replace(row, time_ms=row.time_ms + row_ms)
        await scene.pass_time(75)
        scene.account.tell(replace(event, time_ms=event.time_ms + event_ms))
        assert lost(scene) == before
        assert scene.view().unexplained_usd == 0
        scene.account.transfer("5000")
        assert lost(scene) == before
        await scene.pass_time(1000)
        assert lost(scene) == before
        assert [flow.amount for flow in booked(scene)] == [5000, 5000]


@pytest.mark.no_cover  # hours pass, and shorter tests come by the same lines
@pytest.mark.parametrize("wait", [0, 130], ids=["at once", "later"])
async def test_money_that_passed_for_performance_is_taken_back_in_the_next_life(tmp_path: Path, wait: int):
    """The samples with the deposit were those of the life before: the reference lets go of it all the same."""
    async with remembering(tmp_path) as first:
        before = await fallen(first)
        silently(first, "5000")
        rows, first.account.rows = first.account.rows, []
        await first.pass_time(150)
        assert figures(first, "usd").reference_usd == 14700
    async with remembering(tmp_path, after=first) as second:
        await second.pass_time(wait)
        second.account.rows = rows
        await second.pass_time(1000)
        assert lost(second) == before
        assert figures(second, "usd").reference_usd == 15000
        assert second.view().unexplained_usd == 0


async def test_an_answer_of_the_past_is_asked_for_again_soon(tmp_path: Path):
    """Two questions are overtaken by new readings: they do not count, and the next one does not wait for its time."""
    async with remembering(tmp_path) as scene:
        before = await fallen(scene)
        scene.account.stream.cut()
        silently(scene, "5000")
        scene.account.stream.open()
        start = scene.clock.monotonic()
        for asked in (1, 2):
            answer = scene.account.hold("income")
            while scene.account.counts["income"] < asked:
                await scene.pass_time(0.5)
            scene.account.stream.cut()
            scene.account.stream.open()
            answer.set()
            await scene.pass_time(0.5)
        assert figures(scene).drawdown_ratio is None
        await scene.pass_time(start + 18 - scene.clock.monotonic())
        assert lost(scene) == before
