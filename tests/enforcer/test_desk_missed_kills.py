"""Missed kills: whatever goes wrong on the way, a true breach ends with a flat and locked account."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from pathlib import Path

import pytest

import breach_scene
from desk_scene import DOWN, SYMBOL, DeskScene, played
from plimsoll.config.model import AlertmanagerConfig, Mode
from virtual_time import play, until


def closed_and_locked(scene: DeskScene) -> None:
    """The end that every true breach must have."""
    assert scene.account.flat
    lockout = scene.journal.lockout("eon")
    assert lockout is not None
    assert lockout.until == math.inf
    gate = scene.desk.gate("eon")
    assert gate is not None
    assert not gate.open
    assert scene.desk.runs()[0].outcome == "flat"


def test_a_true_breach_is_closed_and_locked(tmp_path: Path) -> None:
    """Confirmed by one re-read: flat within two seconds, locked before the first order, told in figures and audit."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        scene.account.rest(SYMBOL)
        scene.account.rest(SYMBOL, algo=True)
        began = scene.clock.monotonic()
        verdict = await scene.tell()
        assert verdict.outcome == "accepted"
        await until(lambda: not scene.account.positions_held, within=2.0)
        await scene.until_flat()
        assert scene.clock.monotonic() - began < 10
        closed_and_locked(scene)
        figures = scene.desk.figures().accounts["eon"]
        assert figures.runs == {("armed", "flat"): 1}
        assert figures.watching is None
        assert scene.desk.figures().times_to_flat[0] < 2
        run = scene.desk.run(scene.desk.runs()[0].run_id)
        assert run is not None
        assert run.audit[0].kind == "decision"
        assert "110.00%" in run.audit[0].text

    played(tmp_path, plot)


def test_contradicted_first_and_true_five_seconds_later(tmp_path: Path) -> None:
    """A breach that is not there yet is watched on, and closed when it is."""

    async def plot(scene: DeskScene) -> None:
        scene.price("97")
        await scene.tell()
        await asyncio.sleep(5)
        assert scene.untouched
        scene.price("89")
        await scene.until_flat(within=40)
        closed_and_locked(scene)
        assert scene.requests()["contradicted"] == 1

    played(tmp_path, plot)


def test_the_exchange_is_down_for_twenty_seconds(tmp_path: Path) -> None:
    """Held while nobody can look, closed as soon as somebody can."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        scene.account.down = DOWN
        await scene.tell()
        await asyncio.sleep(20)
        assert scene.requests()["held"] == 1
        scene.account.down = None
        await scene.until_flat(within=20)
        closed_and_locked(scene)

    played(tmp_path, plot)


def test_act_on_unverifiable_begins_while_the_exchange_is_down(tmp_path: Path) -> None:
    """With ``act`` the run begins after five blind seconds and goes on until the exchange is back."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        scene.account.down = DOWN
        await scene.tell()
        await until(lambda: scene.running, within=10)
        await asyncio.sleep(20)
        scene.account.down = None
        await scene.until_flat(within=60)
        closed_and_locked(scene)
        assert scene.requests()["unverifiable"] == 1

    manager = AlertmanagerConfig(url="http://127.0.0.1:1", password_file=tmp_path / "absent")
    played(tmp_path, plot, on_unverifiable="act", alertmanagers=(manager,))


def test_alertmanager_sends_only_once(tmp_path: Path) -> None:
    """One message is enough for a breach that comes true four minutes later."""

    async def plot(scene: DeskScene) -> None:
        scene.price("97")
        await scene.tell()
        await asyncio.sleep(240)
        scene.price("88")
        await scene.until_flat(within=60)
        closed_and_locked(scene)

    played(tmp_path, plot)


def test_resolved_ends_no_watch_before_its_time_and_no_run(tmp_path: Path) -> None:
    """``resolved`` at once: the breach is watched for five minutes all the same, and a run goes on."""

    async def plot(scene: DeskScene) -> None:
        scene.price("97")
        await scene.tell()
        resolved = breach_scene.alert(at=scene.clock.now(), status="resolved")
        await scene.desk.alerts((resolved,))
        await asyncio.sleep(200)
        scene.price("89")
        await until(lambda: scene.running, within=40)
        await scene.desk.alerts((resolved,))
        await scene.until_flat()
        closed_and_locked(scene)

    played(tmp_path, plot)


def test_a_resolved_breach_is_watched_no_more_after_five_minutes(tmp_path: Path) -> None:
    """What is over is forgotten, on disk too."""

    async def plot(scene: DeskScene) -> None:
        scene.price("97")
        await scene.tell()
        await scene.desk.alerts((breach_scene.alert(at=scene.clock.now(), status="resolved"),))
        await asyncio.sleep(340)
        assert scene.desk.figures().accounts["eon"].watching is None
        await scene.restart()
        assert scene.untouched
        assert not scene.journal.breaches()

    played(tmp_path, plot)


def test_a_position_reopened_after_flat_is_closed_within_two_seconds(tmp_path: Path) -> None:
    """Anything new during a lockout goes: told by the stream, and by reading where the stream is silent."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        for silent in (False, True):
            scene.account.silent = silent
            if silent:
                assert scene.account.stream is not None
                scene.account.stream.cut()
            scene.account.trade(SYMBOL, "5", "89")
            await until(lambda: not scene.account.positions_held, within=2.0)
            await scene.until_flat()
        figures = scene.desk.figures().accounts["eon"]
        assert (figures.recloses, len(figures.recloses_at)) == (2, 2)
        closed_and_locked(scene)

    played(tmp_path, plot)


def test_a_new_order_during_a_lockout_is_cancelled(tmp_path: Path) -> None:
    """A plain order and a conditional one are gone within two seconds, as the stream tells them."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        for algo in (False, True):
            scene.account.rest(SYMBOL, algo=algo)
            await until(lambda: not scene.account.orders, within=2.0)
            await scene.until_flat()

    played(tmp_path, plot)


def test_a_restart_resumes_a_run_in_the_middle(tmp_path: Path) -> None:
    """Ended amid its order, the run goes on in the next life: nothing is sent twice, no second of it is forgotten."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        scene.account.write_delay = 3.0
        await scene.tell()
        await until(lambda: bool(scene.account.sent), within=5)
        run_id = scene.desk.runs()[0].run_id
        await scene.stop()
        await asyncio.sleep(4)
        await scene.start()
        gate = scene.desk.gate("eon")
        assert gate is not None
        assert not gate.open
        scene.account.write_delay = 0.0
        await scene.until_flat()
        assert [run.run_id for run in scene.desk.runs()] == [run_id]
        await until(lambda: scene.desk.runs()[0].ended_at is not None, within=10)
        run = scene.desk.run(run_id)
        assert run is not None
        assert run.summary.result is not None
        (flat_at,) = [line.at for line in run.audit if line.kind == "flat"]
        assert run.summary.result.seconds_to_flat == pytest.approx(flat_at - run.summary.began_at, abs=0.01)
        names = [order.client_id for order in scene.account.sent]
        assert len(names) == len(set(names))
        closed_and_locked(scene)

    played(tmp_path, plot)


def test_a_watch_survives_a_restart(tmp_path: Path) -> None:
    """Taken on, ended, begun again: the breach is closed though no alert comes any more."""

    async def plot(scene: DeskScene) -> None:
        scene.price("97")
        await scene.tell()
        await scene.stop()
        scene.price("89")
        await scene.start()
        await scene.until_flat()
        closed_and_locked(scene)

    played(tmp_path, plot)


def test_a_lockout_survives_a_restart(tmp_path: Path) -> None:
    """What was opened while no enforcer ran is closed by the next life."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        await scene.stop()
        scene.account.trade(SYMBOL, "5", "89")
        await scene.start()
        await scene.until_flat(within=5)
        closed_and_locked(scene)

    played(tmp_path, plot)


def test_a_full_disk_stops_nothing(tmp_path: Path) -> None:
    """With a journal that cannot be written the breach is taken on, closed and locked; the failure is counted."""

    async def plot(scene: DeskScene) -> None:
        connection = scene.journal._file._connection  # noqa: SLF001 - no seam reaches SQLite's own limit of pages
        assert connection is not None
        connection.execute("PRAGMA query_only = ON")
        scene.price("89")
        await scene.tell()
        await scene.until_flat()
        closed_and_locked(scene)
        assert scene.desk.figures().journal_failures > 0
        connection.execute("PRAGMA query_only = OFF")

    played(tmp_path, plot)


def test_both_lanes_with_different_start_times_make_one_run(tmp_path: Path) -> None:
    """The same breach from two lanes, with other times and fingerprints: one watch, one run."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        first = scene.alert()
        second = replace(first, starts_at=scene.clock.now() - 30, fingerprint="0" * 16)
        verdicts = await scene.desk.alerts((first, second))
        assert [one.outcome for one in verdicts] == ["accepted", "duplicate"]
        await until(lambda: scene.running, within=5)
        assert (await scene.tell()).outcome == "duplicate"
        await scene.until_flat()
        assert (await scene.tell()).outcome == "locked"
        assert len(scene.desk.runs()) == 1
        closed_and_locked(scene)

    played(tmp_path, plot)


def test_two_enforcers_with_the_same_alert_end_flat(tmp_path: Path) -> None:
    """Two programs close the same account at once: what they close together is the position, once."""

    async def whole() -> None:
        scene = DeskScene(tmp_path)
        other = DeskScene(tmp_path / "other")
        other.account, other.market = scene.account, scene.market
        for one in (scene, other):
            await one.start()
        scene.price("89")
        await asyncio.gather(scene.tell(), other.tell())
        for one in (scene, other):
            await one.until_flat()
            closed_and_locked(one)
        for one in (scene, other):
            await one.stop()

    play(whole())


def test_one_failing_rule_does_not_hide_the_other(tmp_path: Path) -> None:
    """Two rules of one account: the one that is breached is closed for, whatever the other came to."""

    async def plot(scene: DeskScene) -> None:
        scene.price("95")
        now = scene.clock.now()
        figures = {"flows_until": f"{scene.flows_until:.3f}"}
        alerts = (
            breach_scene.alert(rule="tmad", at=now, **figures),
            breach_scene.alert(rule="daily", at=now, **figures),
        )
        await scene.desk.alerts(alerts)
        await scene.until_flat()
        lockout = scene.journal.lockout("eon")
        assert lockout is not None
        assert lockout.rules == ("daily",)

    rules = (breach_scene.rule(), breach_scene.rule("daily", ratio="0.04", reference="day-start"))
    played(tmp_path, plot, rules=rules)


def test_an_incomplete_alert_is_made_whole_by_the_exporter(tmp_path: Path) -> None:
    """Without figures in the alert those of the exporter count; without an exporter it is held."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell(reference_usd="", flows_until="")
        await asyncio.sleep(30)
        assert scene.untouched
        assert scene.requests()["held"] == 1
        scene.exporter.answers = {"tmad": breach_scene.told(until=scene.flows_until)}
        await scene.until_flat()
        closed_and_locked(scene)

    played(tmp_path, plot)


def test_dry_run_becomes_armed(tmp_path: Path) -> None:
    """A breach that was only rehearsed is closed once the account is armed."""

    async def plot(scene: DeskScene) -> None:
        scene.price("89")
        await scene.tell()
        await asyncio.sleep(30)
        assert scene.untouched
        scene.mode = Mode.ARMED
        await scene.until_flat()
        closed_and_locked(scene)

    played(tmp_path, plot, mode=Mode.DRY_RUN)


def test_a_newer_alert_that_is_worse_is_looked_at_at_once(tmp_path: Path) -> None:
    """Contradicted for long, the next look is half a minute away: figures beyond the limit cut that short."""

    async def plot(scene: DeskScene) -> None:
        scene.price("97")
        await scene.tell()
        await asyncio.sleep(120)
        scene.price("89")
        assert (await scene.tell(equity_usd="8899.0")).outcome == "duplicate"
        await until(lambda: scene.running, within=3)
        await scene.until_flat()
        closed_and_locked(scene)

    played(tmp_path, plot)
