"""The report's reader of the journal, held against the enforcer that writes it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import journal_scene
from manual_clock import ManualClock
from plimsoll.model.terms import PositionSide
from plimsoll.report.model import Period
from plimsoll.report.sources import journal as reader
from plimsoll_enforcer.flatten.result import Closed, FlattenResult
from plimsoll_enforcer.journal.file import FILE_NAME
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.journal.schema import JOURNAL

RESULT = FlattenResult(
    flat=True,
    seconds_to_flat=1.5,
    confirmed=True,
    residual_exposure_usd=Decimal(0),
    positions=(
        Closed(
            symbol="BTCUSDT",
            position_side=PositionSide.BOTH,
            amount=Decimal("-2.5"),
            closed=Decimal("2.5"),
            average_price=Decimal("83349.32"),
            left=Decimal(0),
        ),
    ),
    orders_cancelled=2,
    orders_left=0,
)


def test_both_mean_the_same_file():
    """Name, application id and version: who changes the journal changes its reader."""
    assert reader.FILE_NAME == FILE_NAME
    assert (reader.JOURNAL.application_id, reader.JOURNAL.version) == (JOURNAL.application_id, JOURNAL.version)


async def test_runs_and_lockouts_are_read_while_the_enforcer_writes(tmp_path: Path):
    """Steps in order, the result, who released it and why; what is outside the period or of others is left out."""
    clock = ManualClock()
    began = clock.now()
    journal = Journal.open(tmp_path, clock=clock)
    journal.lock(journal_scene.lockout())
    run = journal.begin_run("eon", mode="armed", trigger="drawdown limit tmad")
    run.sending(journal_scene.order(1))
    run.step("flat", "nothing is left")
    open_run = journal.begin_run("live", mode="armed", trigger="other")
    run.finish("flat", RESULT)
    journal.release("eon", by="ann", why="looked at it")
    period = Period(since=began - 10, until=began + 1000)
    source, told = reader.read_journal(tmp_path, "eon", period)
    journal.close()
    assert (source.present, source.detail) == (True, "1 run, 1 lockout")
    (found,) = told.runs
    assert (found.run_id, found.mode, found.outcome, found.seconds_to_flat) == (run.run_id, "armed", "flat", 1.5)
    assert [step.kind for step in found.steps] == ["sending", "flat", "ended"]
    (closed,) = found.positions
    assert (closed.symbol, closed.amount, closed.average_price) == ("BTCUSDT", Decimal("-2.5"), Decimal("83349.32"))
    (lock,) = told.lockouts
    assert (lock.until, lock.released_by, lock.released_why) == (None, "ann", "looked at it")
    (other,) = reader.read_journal(tmp_path, "live", period)[1].runs
    assert (other.run_id, other.outcome, other.ended) == (open_run.run_id, "running", None)
    assert reader.read_journal(tmp_path, "eon", Period(since=0, until=1))[1].runs == ()
