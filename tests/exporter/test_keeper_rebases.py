"""Rebases that people ask for, carried out by running keepers; and a state that cannot be written."""

from __future__ import annotations

import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from keeper_scene import Scene
from ledger_scene import LIMITS, booked, figures, kept, ledger, remembering
from plimsoll.clock import SystemClock
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.errors import StateInUse


def ask(scene: Scene, rule: str = "total") -> int:
    """Ask from another connection, as the command does."""
    with Database.join(scene.store.path, clock=scene.clock) as database:
        return database.request_rebase(account="live", rule=rule, reason="new mandate", requested_by="ann")


async def fallen(scene: Scene) -> None:
    """Lose 1,200 of 10,000 USD: the limit of 10 % is breached."""
    scene.account.trade("BTCUSDT", "40", "100", fee="0")
    scene.market.prices["BTCUSDT"] = Decimal(70)
    await scene.pass_time(3)
    assert figures(scene).breached


async def test_a_running_exporter_rebases_within_a_second(tmp_path: Path):
    """The rule begins anew from the equity of now, its breach is over, and the request tells before and after."""
    async with remembering(tmp_path) as scene:
        await fallen(scene)
        number = ask(scene)
        await scene.pass_time(1)
        assert figures(scene).reference_usd == 8800
        assert not figures(scene).breached
        assert figures(scene, "usd").breached
    with kept(tmp_path, scene) as database:
        request = database.rebase_request(number)
        assert request is not None
        assert request.before is not None
        assert request.after is not None
        assert (request.before.reference, request.after.reference, request.after.floor) == (10000, 8800, 7920)
        assert [entry.action for entry in database.audit_trail("live")][-1] == "rebase"


async def test_a_request_made_while_stopped_waits_for_the_first_sample(tmp_path: Path):
    """It is carried out once, at the first trusted sample after the start."""
    async with remembering(tmp_path) as first:
        await fallen(first)
    with kept(tmp_path, first) as database:
        database.request_rebase(account="live", rule="total", reason="why", requested_by="ann")
    async with remembering(tmp_path, after=first) as second:
        assert figures(second).reference_usd == 8800
        second.market.prices["BTCUSDT"] = Decimal(65)
        await second.pass_time(3)
        assert figures(second).reference_usd == 8800


async def test_what_cannot_be_done_is_refused(tmp_path: Path):
    """A rule that is gone, and an account that owes money, are no ground to begin on."""
    async with remembering(tmp_path) as scene:
        gone = ask(scene, "gone")
        await scene.pass_time(1)
        scene.account.trade("BTCUSDT", "1000", "100", fee="0")
        scene.market.prices["BTCUSDT"] = Decimal(80)
        await scene.pass_time(2)
        poor = ask(scene)
        await scene.pass_time(1)
    with kept(tmp_path, scene) as database:
        why = [request.refused for number in (gone, poor) if (request := database.rebase_request(number))]
    assert why[0] == "no such rule is configured"
    assert "nothing to begin at" in why[1]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow: the system itself refuses, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Everything goes on from memory, the log and the view say it once, and later all of it is written."""
    async with remembering(tmp_path) as scene:
        with full_disk():
            scene.account.transfer("500")
            scene.account.transfer("500")
            await scene.pass_time(15)
            assert scene.watch.view().state_failing_since is not None
            assert scene.watch.view().state_failures >= 2
            assert ledger(scene).flow_usd == {"in": Decimal(1000)}
            assert figures(scene).reference_usd == 11000
            assert booked(scene) == []
        await scene.pass_time(3)
        assert scene.watch.view().state_failing_since is None
        assert [flow.amount for flow in booked(scene)] == [500, 500]
    said = [record for record in caplog.records if record.levelno >= logging.CRITICAL]
    assert len(said) == 1


async def test_a_second_owner_is_refused(tmp_path: Path):
    """One state database has one exporter."""
    async with remembering(tmp_path / "made" / "by it"):
        with pytest.raises(StateInUse):
            Database.open(tmp_path / "made" / "by it" / FILE_NAME, clock=SystemClock(), lock_patience=0.0)


async def test_a_changed_rule_begins_anew_and_is_in_the_trail(tmp_path: Path):
    """Another meaning of a rule is another rule; one that is gone is forgotten. Both are written down."""
    async with remembering(tmp_path) as first:
        await fallen(first)
    changed = {"total": LIMITS.drawdown["daily"], "usd": LIMITS.drawdown["usd"]}
    limits = type(LIMITS)(drawdown=changed)
    async with remembering(tmp_path, after=first, limits=limits) as second:
        assert figures(second).reference_usd == 8800
        assert figures(second, "usd").breached
    with kept(tmp_path, second) as database:
        trail = [(entry.action, entry.rule) for entry in database.audit_trail("live")]
    assert trail[3:] == [("rule-dropped", "daily"), ("rule-changed", "total")]
