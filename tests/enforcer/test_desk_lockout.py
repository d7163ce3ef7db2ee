"""Lockouts: how they begin, what they hold, and how they end; and what operators may ask for."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import breach_scene
from desk_scene import DOWN, SYMBOL, DeskScene, played
from plimsoll.config.model import Mode
from plimsoll.database.database import FILE_NAME as STATE_FILE
from plimsoll.database.database import Database
from plimsoll.errors import EnforcerRefused
from plimsoll_enforcer.desk import Gate
from plimsoll_enforcer.journal.file import FILE_NAME
from plimsoll_enforcer.journal.values import Lockout
from plimsoll_enforcer.lockout.until import latest, until
from virtual_time import until as wait_until

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("lockout", "timezone", "seconds"),
    [
        ("until-released", "UTC", math.inf),
        ("until-day-end", "UTC", 12 * 3600),
        ("until-day-end", "Asia/Tokyo", 3 * 3600),
        (900.0, "UTC", 900.0),
    ],
)
def test_a_lockout_lasts_as_its_rule_says(lockout: str | float, timezone: str, seconds: float) -> None:
    """Until a person ends it, until the day of the rule's zone ends, or for a time."""
    rule = replace(breach_scene.rule(), lockout=lockout, timezone=timezone)
    assert until(rule, NOON) == NOON + seconds


def test_the_longest_lockout_counts() -> None:
    """Of two breached rules the stricter one; by hand, without a rule, until released."""
    short, long = (replace(breach_scene.rule(), lockout=seconds) for seconds in (60.0, 120.0))
    assert latest((short, long), NOON) == NOON + 120
    assert latest((), NOON) == math.inf


def gate(scene: DeskScene) -> Gate:
    """The gate of now."""
    found = scene.desk.gate("eon")
    assert found is not None
    return found


def test_the_gate_tells_bots(tmp_path: Path) -> None:
    """Open before, closed with a reason while it runs and while locked; unknown for who is not ours."""

    async def plot(scene: DeskScene) -> None:
        assert gate(scene) == Gate(open=True)
        assert scene.desk.gate("nobody") is None
        scene.price("89")
        await scene.tell()
        await wait_until(lambda: scene.running)
        assert not gate(scene).open
        await scene.until_flat()
        assert "tmad" in gate(scene).reason
        assert "USD" not in gate(scene).reason
        assert gate(scene).until is None

    played(tmp_path, plot)


def test_the_lockout_is_on_disk_before_the_first_order(tmp_path: Path) -> None:
    """Whatever ends the program between the decision and the order, the account is locked."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        seen: list[bool] = []
        place = scene.account.place

        async def watched(order: object) -> object:
            seen.append(scene.journal.lockout("eon") is not None and scene.journal.failing_since is None)
            return await place(order)  # type: ignore[arg-type]  # as it came

        scene.account.place = watched  # type: ignore[assignment, method-assign]  # to look at the moment of the order
        await scene.tell()
        await scene.until_flat()
        assert seen
        assert all(seen)

    played(tmp_path, plot)


def test_symbols_used_are_set_to_leverage_1_after_they_are_flat(tmp_path: Path) -> None:
    """The old settings are remembered; untouched symbols keep theirs; a failure is tried again."""

    async def plot(scene: DeskScene) -> None:
        scene.account.rest("ETHUSDT")
        scene.account.fail("set_leverage", DOWN)
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        await wait_until(lambda: len(scene.account.set) == 2, within=20)
        assert set(scene.account.set) == {("BTCUSDT", 1), ("ETHUSDT", 1)}
        lockout = scene.journal.lockout("eon")
        assert lockout is not None
        assert lockout.leverages == {"BTCUSDT": 10, "ETHUSDT": 10}

    played(tmp_path, plot)


def test_churn_is_told(tmp_path: Path) -> None:
    """Three closes in a minute: their times and what they cost are in the figures."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        await asyncio.sleep(10)
        for _ in range(3):
            scene.account.trade(SYMBOL, "5", "89")
            await scene.until_flat(within=10)
            await asyncio.sleep(6)
        figures = scene.desk.figures().accounts["eon"]
        assert figures.recloses == 3
        assert figures.recloses_at[-1] - figures.recloses_at[0] < 60
        assert len(scene.desk.runs()) == 4
        assert len(scene.desk.figures().times_to_flat) == 1

    played(tmp_path, plot)


def test_a_lockout_that_cannot_look_tries_on(tmp_path: Path) -> None:
    """The exchange is down while something is opened: it is closed as soon as the exchange is back."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        scene.account.down = DOWN
        scene.account.silent = True
        scene.account.trade(SYMBOL, "5", "89")
        await asyncio.sleep(20)
        scene.account.down = None
        await scene.until_flat(within=12)

    played(tmp_path, plot)


def test_a_lockout_sees_positions_in_an_answer_that_is_broken_elsewhere(tmp_path: Path) -> None:
    """A balance that cannot be read hides no position that was opened meanwhile: it is closed."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        scene.account.broken.add("wallet")
        scene.account.silent = True
        scene.account.trade(SYMBOL, "5", "89")
        await scene.until_flat(within=12)
        assert scene.desk.figures().accounts["eon"].recloses == 1

    played(tmp_path, plot)


def test_a_lockout_without_a_stream_reads_often_enough(tmp_path: Path) -> None:
    """No user stream at all: what is new is gone within two seconds."""

    async def plot(scene: DeskScene) -> None:
        scene.with_streams = False
        await scene.restart()
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        scene.account.trade(SYMBOL, "5", "89")
        await wait_until(lambda: not scene.account.positions_held, within=2.0)

    played(tmp_path, plot)


def test_release_ends_a_lockout(tmp_path: Path) -> None:
    """With a reason, keeping the reference: the floor is told, the gate opens, nothing new is closed any more."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        scene.exporter.answers = {"tmad": breach_scene.told(until=scene.flows_until)}
        told = await scene.desk.release("eon", reason="talked it through", operator="ann", rebase=False)
        assert "floor is 9000.00 USD" in told
        assert gate(scene).open
        sent = len(scene.account.sent)
        scene.account.trade(SYMBOL, "5", "89")
        await asyncio.sleep(60)
        assert len(scene.account.sent) == sent
        with pytest.raises(EnforcerRefused, match="not locked"):
            await scene.desk.release("eon", reason="again", operator="ann", rebase=False)

    played(tmp_path, plot)


def test_release_says_where_no_floor_is_known(tmp_path: Path) -> None:
    """Without an exporter nobody knows the floor; the release works."""

    async def plot(scene: DeskScene) -> None:
        await scene.desk.flatten("eon", reason="enough", operator="ann")
        await scene.until_flat()
        told = await scene.desk.release("eon", reason="x", operator="ann", rebase=False)
        assert "not known" in told

    played(tmp_path, plot)


def test_release_ends_a_run_in_progress(tmp_path: Path) -> None:
    """An account that cannot be closed is released by hand: the run ends as not flat, and says who ended it."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await wait_until(lambda: scene.running)
        scene.account.down = DOWN
        await asyncio.sleep(40)
        assert scene.desk.figures().accounts["eon"].failing_since is not None
        await scene.desk.release("eon", reason="I do it myself", operator="ann", rebase=False)
        (run,) = scene.desk.runs()
        assert run.outcome == "not_flat"
        detail = scene.desk.run(run.run_id)
        assert detail is not None
        assert any("released by ann: I do it myself" in line.text for line in detail.audit)
        assert scene.desk.figures().accounts["eon"].failing_since is None

    played(tmp_path, plot)


def test_a_rebase_is_asked_of_the_exporter(tmp_path: Path) -> None:
    """The request is in the exporter's state with reason and operator; without one there, nothing is released."""

    async def plot(scene: DeskScene) -> None:
        await scene.desk.flatten("eon", reason="enough", operator="ann")
        await scene.until_flat()
        with pytest.raises(EnforcerRefused, match="no state of an exporter"):
            await scene.desk.release("eon", reason="anew", operator="ann", rebase=True)
        assert not gate(scene).open
        path = scene.config.exporter.data_dir / STATE_FILE
        Database.open(path, clock=scene.clock).close()
        told = await scene.desk.release("eon", reason="anew", operator="ann", rebase=True)
        assert "takes effect" in told
        assert gate(scene).open
        with Database.open(path, clock=scene.clock) as database:
            (request,) = database.open_rebase_requests()
        assert (request.rule, request.reason, request.requested_by) == ("tmad", "anew", "ann (enforcer)")

    played(tmp_path, plot)


def test_the_red_button_page_closes_whatever_the_figures_say(tmp_path: Path) -> None:
    """By hand: a run at once, locked until released; a second press gives the same run."""

    async def plot(scene: DeskScene) -> None:
        first = await scene.desk.flatten("eon", reason="enough", operator="ann")
        assert await scene.desk.flatten("eon", reason="again", operator="bob") == first
        await scene.until_flat()
        assert scene.desk.figures().accounts["eon"].runs == {("manual", "flat"): 1}
        assert not gate(scene).open
        assert scene.desk.figures().accounts["eon"].locked_why == "closed by ann: enough"
        with pytest.raises(EnforcerRefused):
            await scene.desk.flatten("nobody", reason="x", operator="ann")

    played(tmp_path, plot)


def test_a_damaged_journal_keeps_the_gate_shut(tmp_path: Path) -> None:
    """Nobody knows whether the account had been locked: shut over restarts, nothing closed, until released by hand."""

    async def plot(scene: DeskScene) -> None:
        await scene.stop()
        (tmp_path / FILE_NAME).write_bytes(b"damaged")
        await scene.start()
        assert scene.desk.figures().journal_failures == 1
        (fault,) = scene.desk.figures().faults
        assert "the journal was damaged" in fault
        for _ in range(2):
            assert "damaged" in gate(scene).reason
            await scene.restart()
        assert scene.account.positions_held
        await scene.desk.release("eon", reason="looked at it", operator="ann", rebase=False)
        assert gate(scene).open
        await scene.restart()
        assert gate(scene).open

    played(tmp_path, plot)


def test_a_damaged_journal_does_not_stop_enforcing(tmp_path: Path) -> None:
    """A breach after such a start is closed and locked as any other."""

    async def plot(scene: DeskScene) -> None:
        await scene.stop()
        (tmp_path / FILE_NAME).write_bytes(b"damaged")
        await scene.start()
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        assert scene.journal.lockout("eon") is not None

    played(tmp_path, plot)


def test_a_lockout_that_is_over_ends_by_itself(tmp_path: Path) -> None:
    """After its time the gate is open and the journal says so."""

    async def plot(scene: DeskScene) -> None:
        now = scene.clock.now()
        scene.journal.lock(Lockout(account="eon", since=now, until=now + 60, reason="x"))
        await asyncio.sleep(30)
        assert gate(scene).until == now + 60
        await asyncio.sleep(40)
        assert gate(scene).open
        assert scene.journal.lockout("eon") is None

    played(tmp_path, plot)


def test_a_locked_account_that_is_no_longer_armed_is_left_alone(tmp_path: Path) -> None:
    """Started in dry run with a lockout of an earlier life: the gate stays shut, and nothing is written."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        scene.mode = Mode.DRY_RUN
        sent = len(scene.account.sent)
        scene.account.trade(SYMBOL, "5", "89")
        await asyncio.sleep(30)
        assert len(scene.account.sent) == sent
        assert not gate(scene).open

    played(tmp_path, plot)


def test_a_residual_is_told(tmp_path: Path) -> None:
    """What is left after half a minute is in the figures, and nothing once it is gone."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        scene.account.fail_on("place", DOWN)
        await scene.tell()
        await asyncio.sleep(45)
        figures = scene.desk.figures().accounts["eon"]
        assert figures.failing_since is not None
        assert figures.residual_exposure_usd == Decimal(8900)
        scene.account.mend()
        await scene.until_flat()
        assert scene.desk.figures().accounts["eon"].residual_exposure_usd == 0

    played(tmp_path, plot)
