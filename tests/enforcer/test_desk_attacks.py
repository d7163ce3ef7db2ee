"""A reviewer's attacks on the desk: odd figures, odd moments, odd neighbours.

None of them closes what should stay open, or leaves open what should be closed.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import breach_scene
from desk_scene import DOWN, SYMBOL, DeskScene, played
from plimsoll.config.model import Mode
from plimsoll_enforcer.desk import Gate
from plimsoll_enforcer.journal.file import FILE_NAME
from plimsoll_enforcer.metrics import churned_at
from virtual_time import until

LONG = 400.0
"""Seconds for which an account is left alone with an alert: longer than the shortest watch."""

ODD = ["9" * 30, "-" + "9" * 30, "0", "-1", "NaN", "1e999", "Infinity", "٣٤٥", "1_000", "0x10", " ", "9" * 400]
"""Numbers that are none, or that nobody means."""


FIGURES = ("flows_until", "sampled_at", "samples", "reference_usd", "equity_usd", "floor_usd")


@pytest.mark.parametrize("reference", ["high-water", "day-start"])
def test_odd_figures_close_nothing_and_hide_no_breach(tmp_path: Path, reference: str) -> None:
    """Whatever figures of alerts say, a healthy account stays open, and the next true alert closes a sick one."""

    async def plot(scene: DeskScene) -> None:
        scene.exporter.answers = {"tmad": breach_scene.told(until=scene.flows_until, equity="10000", breached=False)}
        for name in FIGURES:
            for odd in ODD:
                await scene.tell(**{name: odd})
                await asyncio.sleep(2)
        await asyncio.sleep(40)
        assert scene.untouched
        scene.exporter.answers = {}
        scene.price("89")
        await scene.tell()
        await scene.until_flat(within=60)

    played(tmp_path, plot, rules=(breach_scene.rule(reference=reference),))


def test_one_alert_that_makes_no_sense_loses_no_other(tmp_path: Path) -> None:
    """A message may hold an alert of the year ten thousand beside a true one: the true one is taken on."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        odd = scene.alert(sampled_at="9" * 30)
        odd = replace(odd, labels={**odd.labels, "rule": "daily"})
        verdicts = await scene.desk.alerts((odd, scene.alert()))
        assert verdicts[1].outcome == "accepted"
        await scene.until_flat(within=60)

    played(tmp_path, plot, rules=(breach_scene.rule(), breach_scene.rule("daily", reference="day-start")))


def test_flows_of_the_future_add_no_withdrawal_back_too_late(tmp_path: Path) -> None:
    """An alert that claims to know the flows of tomorrow cannot make a withdrawal look like a loss."""

    async def plot(scene: DeskScene) -> None:
        await asyncio.sleep(5)
        scene.account.transfer("-5000")
        await scene.tell(flows_until=f"{scene.clock.now() + 86_400:.3f}", equity_usd="5000.0")
        await asyncio.sleep(LONG)
        assert scene.untouched

    played(tmp_path, plot)


def test_the_longer_lockout_of_a_second_rule_counts_though_the_account_is_locked(tmp_path: Path) -> None:
    """The rule of the day locks until its end; the other, crossed by what the closing cost, locks until released."""
    daily = replace(breach_scene.rule("daily", ratio="0.05"), lockout=600.0)

    async def plot(scene: DeskScene) -> None:
        scene.price("94")
        one = scene.alert(equity_usd="9400.0")
        await scene.desk.alerts((replace(one, labels={**one.labels, "rule": "daily"}),))
        await scene.until_flat()
        lockout = scene.journal.lockout("eon")
        assert lockout is not None
        assert not math.isinf(lockout.until)
        scene.account.trade(SYMBOL, "100", "94")
        scene.price("85")
        await scene.until_flat()
        await scene.tell(equity_usd="8500.0")
        await until(lambda: _is_locked_for_good(scene), within=30)

    played(tmp_path, plot, rules=(breach_scene.rule(), daily))


def _is_locked_for_good(scene: DeskScene) -> bool:
    lockout = scene.journal.lockout("eon")
    return lockout is not None and math.isinf(lockout.until) and set(lockout.rules) == {"daily", "tmad"}


def test_settings_are_lowered_though_the_enforcer_was_ended_before(tmp_path: Path) -> None:
    """Ended after flat and before the leverage settings were lowered: the next life lowers them."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        lower = scene.account.set_leverage

        async def hangs(_symbol: str, leverage: int) -> int:
            await asyncio.sleep(1000)
            return leverage

        scene.account.set_leverage = hangs  # type: ignore[assignment, method-assign]  # the exchange does not answer
        await scene.tell()
        await scene.until_flat()
        await asyncio.sleep(5)
        scene.account.set_leverage = lower  # type: ignore[method-assign]  # now it does
        await scene.restart()
        await until(lambda: (SYMBOL, 1) in scene.account.set, within=30)

    played(tmp_path, plot)


def test_a_run_of_an_armed_life_writes_nothing_in_dry_run(tmp_path: Path) -> None:
    """Ended amid a run, started in dry run: nothing is sent, the gate stays shut; armed again it goes on."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        scene.account.write_delay = 3.0
        await scene.tell()
        await until(lambda: bool(scene.account.sent))
        await scene.stop()
        scene.mode, sent = Mode.DRY_RUN, len(scene.account.sent)
        scene.account.write_delay = 0.0
        await scene.start()
        await asyncio.sleep(LONG)
        assert len(scene.account.sent) == sent
        gate = scene.desk.gate("eon")
        assert gate is not None
        assert not gate.open
        scene.mode = Mode.ARMED
        await scene.until_flat()

    played(tmp_path, plot)


def test_a_lockout_that_ends_during_its_run_ends_the_run_not(tmp_path: Path) -> None:
    """A lockout of ten seconds, an exchange that refuses for thirty: the run goes on until flat, the gate shut."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        for _ in range(12):
            scene.account.fail("place", DOWN)
        await scene.tell()
        await until(lambda: scene.running)
        await asyncio.sleep(15)
        if scene.running:
            gate = scene.desk.gate("eon")
            assert gate is not None
            assert not gate.open
        await scene.until_flat()
        await asyncio.sleep(30)
        assert scene.desk.gate("eon") == Gate(open=True)

    played(tmp_path, plot, rules=(replace(breach_scene.rule(), lockout=10.0),))


def test_both_limits_of_an_account_by_ratio_and_by_amount(tmp_path: Path) -> None:
    """Two rules at once: 500 USD are lost, 10 % are not; the one that is crossed closes."""

    async def plot(scene: DeskScene) -> None:
        scene.price("94")
        one = scene.alert(equity_usd="9400.0")
        await scene.desk.alerts((one, replace(one, labels={**one.labels, "rule": "cash"})))
        await scene.until_flat()
        lockout = scene.journal.lockout("eon")
        assert lockout is not None
        assert lockout.rules == ("cash",)

    played(tmp_path, plot, rules=(breach_scene.rule(), breach_scene.rule("cash", ratio=None, amount="500")))


def test_a_breach_that_still_fires_after_a_release_closes_what_is_opened(tmp_path: Path) -> None:
    """Released with the reference kept while the alert fires: flat stays free, the first position is closed again."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        await scene.desk.release("eon", reason="go on", operator="ann", rebase=False)
        await scene.tell()
        await asyncio.sleep(30)
        assert scene.desk.gate("eon") == Gate(open=True)
        scene.account.trade(SYMBOL, "5", "89")
        await scene.tell()
        await scene.until_flat(within=40)
        assert scene.journal.lockout("eon") is not None

    played(tmp_path, plot)


def test_a_deposit_just_before_the_breach_hides_no_loss(tmp_path: Path) -> None:
    """Money that comes a second before the loss is added to what was there, not taken for a gain."""

    async def plot(scene: DeskScene) -> None:
        await asyncio.sleep(5)
        scene.account.transfer("2000")
        await asyncio.sleep(1)
        scene.price("87")
        await scene.tell(equity_usd="10700.0")
        await scene.until_flat(within=60)

    played(tmp_path, plot)


def test_a_bot_that_opens_every_300_ms_holds_nothing_for_long(tmp_path: Path) -> None:
    """Two hundred openings during the lockout: what is held stays small, and is gone within 2 s of the last one."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        for _ in range(200):
            scene.account.trade(SYMBOL, "1", "89")
            await asyncio.sleep(0.3)
            held = sum((position.amount for position in scene.account.positions_held.values()), Decimal(0))
            assert held <= 8
        await until(lambda: not scene.account.positions_held, within=2)
        await scene.until_flat(within=60)
        figures = scene.desk.figures().accounts["eon"]
        assert figures.recloses >= 10
        assert churned_at(figures.recloses_at) is not None
        assert scene.journal.lockout("eon") is not None

    played(tmp_path, plot)


def test_a_journal_of_a_newer_version_keeps_its_lockouts(tmp_path: Path) -> None:
    """The program was set back: the file is set aside, and the account is locked as before."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        await scene.stop()
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
            connection.execute("PRAGMA user_version = 99")
        scene.account.trade(SYMBOL, "5", "89")
        await scene.start()
        await scene.until_flat(within=10)
        gate = scene.desk.gate("eon")
        assert gate is not None
        assert not gate.open

    played(tmp_path, plot)


def test_an_old_message_sent_again_closes_nothing(tmp_path: Path) -> None:
    """A message of an hour ago is sent again: all flows since are added back, the account of now is what counts."""

    async def plot(scene: DeskScene) -> None:
        old = scene.alert()
        for amount in ("3000", "-6000"):
            await asyncio.sleep(1800)
            scene.account.transfer(amount)
        await scene.desk.alerts((replace(old, arrived_at=scene.clock.now()),))
        await asyncio.sleep(LONG)
        assert scene.untouched

    played(tmp_path, plot)


def test_a_refusal_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Alertmanager shows nobody our answers: an account that only the exporter knows is told in the log."""

    async def plot(scene: DeskScene) -> None:
        alert = scene.alert()
        for number in (0, 0, *range(300)):
            unknown = replace(alert, labels={**alert.labels, "account": f"new-{number}"})
            (verdict,) = await scene.desk.alerts((unknown,))
            assert verdict.outcome == "refused"

    played(tmp_path, plot)
    told = [record.getMessage() for record in caplog.records if "'new-0' is refused" in record.getMessage()]
    assert told == ["an alert about account 'new-0' is refused: no such account is configured"]
