"""The enforcer's journal: what is kept, and that it survives any end of the process."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from journal_scene import again, breach, lockout, order
from manual_clock import ManualClock
from plimsoll.errors import StateInUse
from plimsoll.model.terms import PositionSide
from plimsoll_enforcer.desk import AuditLine
from plimsoll_enforcer.flatten.result import Closed, FlattenResult
from plimsoll_enforcer.journal.file import FILE_NAME
from plimsoll_enforcer.journal.journal import KEPT_SECONDS, PROBE, UNLOCKED, Journal
from plimsoll_enforcer.journal.reading import KEPT_RUNS
from plimsoll_enforcer.trading.port import CloseOrder, OrderForm, Placed

CHILD = Path(__file__).parents[1] / "support" / "journal_child.py"


def placed(sent: CloseOrder) -> Placed:
    """Its answer."""
    return Placed(
        order_id=7,
        client_id=sent.client_id,
        symbol=sent.symbol,
        status="FILLED",
        executed=sent.quantity,
        average_price=Decimal("100.5"),
    )


RESULT = FlattenResult(
    flat=True,
    seconds_to_flat=0.4,
    confirmed=True,
    residual_exposure_usd=Decimal("0.00"),
    positions=(
        Closed(
            symbol="BTCUSDT",
            position_side=PositionSide.BOTH,
            amount=Decimal(-1),
            closed=Decimal(1),
            average_price=None,
            left=Decimal(0),
        ),
    ),
    orders_cancelled=3,
    orders_left=0,
)


def test_everything_is_there_after_a_restart(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """Breaches, lockouts, runs with their audit, counts and marks are what they were."""
    journal.watch(breach())
    journal.lock(lockout())
    run = journal.begin_run(
        "eon", mode="armed", trigger="confirmed", before=(AuditLine(at=1.0, kind="read", text="r"),)
    )
    run.step("cancel", "3 orders", {"symbol": "BTCUSDT"})
    run.finish("flat", RESULT)
    journal.count("eon", "requests", "accepted")
    journal.count("eon", "requests", "accepted", by=2)
    journal.mark(PROBE, at=17.0)
    before = journal.run(run.run_id)
    found = again(journal, tmp_path, clock)
    assert found.breaches() == {"eon": breach()}
    assert found.lockout("eon") == lockout()
    assert found.run(run.run_id) == before
    assert before is not None
    assert [line.kind for line in before.audit] == ["read", "cancel", "ended"]
    assert found.runs()[0].result == RESULT
    assert found.counts("eon", "requests") == {"accepted": 3}
    assert (found.marked(PROBE), found.failures, found.doubt) == (17.0, 0, "")
    assert not found.unfinished()
    found.close()


def test_a_watch_that_is_over_does_not_come_back(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """What is no longer watched is forgotten; ending it twice does nothing."""
    journal.watch(breach())
    journal.unwatch("eon")
    journal.unwatch("eon")
    found = again(journal, tmp_path, clock)
    assert not found.breaches()
    found.close()


def test_a_released_lockout_does_not_come_back(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """A release ends the lockout for good and is kept with who and why; a new lockout stands again."""
    journal.lock(lockout())
    journal.release("eon", by="ann", why="talked it through")
    journal.release("eon", by="ann", why="again")
    journal.lock(lockout(until=99.0))
    journal.release("eon", by="time", why="over")
    found = again(journal, tmp_path, clock)
    assert found.lockout("eon") is None
    assert found.marked(UNLOCKED, "eon") == clock.now()
    found.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        rows = connection.execute("SELECT released_by, released_why FROM lockout ORDER BY id").fetchall()
    assert rows == [("ann", "talked it through"), ("time", "over")]


def test_the_first_setting_of_a_symbol_is_remembered(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """What we lowered is noted once; a second look, after we lowered it, must not overwrite it."""
    journal.lock(lockout())
    journal.note_leverage("eon", "ETHUSDT", 10)
    journal.note_leverage("eon", "ETHUSDT", 1)
    journal.note_leverage("nobody", "ETHUSDT", 5)
    found = again(journal, tmp_path, clock)
    kept = found.lockout("eon")
    assert kept is not None
    assert kept.leverages == {"BTCUSDT": 20, "ETHUSDT": 10}
    found.close()


def test_orders_without_an_answer_are_found_after_a_restart(
    journal: Journal, tmp_path: Path, clock: ManualClock
) -> None:
    """What was about to be sent is told with every detail, what was answered is not, and no number is given twice."""
    run = journal.begin_run("eon", mode="armed", trigger="confirmed")
    first, second = order(run.next_number()), order(run.next_number(), form=OrderForm.LIMIT_AT_BAND, price="99.50")
    run.sending(first)
    run.answered(first.client_id, placed(first))
    run.sending(second)
    found = again(journal, tmp_path, clock)
    (resumed,) = found.unfinished()
    resumed.resumed()
    assert [item.order for item in resumed.unanswered()] == [second]
    assert resumed.next_number() > 2
    assert resumed.run_id == run.run_id
    resumed.answered(second.client_id, None, "never arrived")
    assert not resumed.unanswered()
    found.close()


def test_a_run_that_sent_nothing_yet_leaves_numbers_out_too(
    journal: Journal, tmp_path: Path, clock: ManualClock
) -> None:
    """An order of an earlier life may not have been written: its number is not given again."""
    journal.begin_run("eon", mode="armed", trigger="confirmed")
    found = again(journal, tmp_path, clock)
    (resumed,) = found.unfinished()
    resumed.resumed()
    assert resumed.next_number() > 1
    found.close()


def test_refusals_are_counted_by_their_code(journal: Journal) -> None:
    """Every refused order counts under the exchange's code, or as other; one that never arrived does not."""
    run = journal.begin_run("eon", mode="armed", trigger="confirmed")
    for number, (error, code) in enumerate([("ReduceOnly", -2022), ("?", None), ("", None)], start=1):
        run.sending(order(number))
        run.answered(order(number).client_id, None, error, code)
    assert journal.counts("eon", "close_errors") == {"-2022": 1, "other": 1}


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 57])
def test_nothing_that_returned_is_lost_by_kill_9(tmp_path: Path, clock: ManualClock, steps: int) -> None:
    """Killed anywhere: the breach, the lockout, the run and each order that was about to be sent are there."""
    with subprocess.Popen(  # noqa: S603 - our own child
        [sys.executable, str(CHILD), str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().split() for _ in range(1 + steps)]
        child.send_signal(signal.SIGKILL)
        told += [line.split() for line in child.stdout.read().splitlines()]
    found = Journal.open(tmp_path, clock=clock)
    (run,) = found.unfinished()
    assert told[0] == ["run", run.run_id]
    assert set(found.breaches()) == {"eon"}
    assert found.lockout("eon") is not None
    sent = max(int(number) for kind, number in told[1:] if kind == "sent")
    answered = max((int(number) for kind, number in told[1:] if kind == "answered"), default=0)
    waiting = [item.order.client_id for item in run.unanswered()]
    assert waiting in ([], [f"plim-{run.run_id}-{sent}"], [f"plim-{run.run_id}-{sent + 1}"])
    assert found.counts("eon", "requests").get("accepted", 0) >= answered
    run.resumed()
    assert run.next_number() > sent + 1
    found.close()


def test_a_second_enforcer_on_the_folder_is_refused(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """Two journals in one file would overwrite one another."""
    assert journal.failures == 0
    with pytest.raises(StateInUse):
        Journal.open(tmp_path, clock=clock)


def test_old_runs_are_forgotten(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """A run of more than 400 days ago is pruned at a start, one that never ended is not."""
    journal.begin_run("eon", mode="armed", trigger="old").finish("flat", RESULT)
    open_run = journal.begin_run("eon", mode="armed", trigger="open")
    clock.advance(KEPT_SECONDS + 1)
    first = again(journal, tmp_path, clock)
    found = again(first, tmp_path, clock)
    assert [run.run_id for run in found.runs()] == [open_run.run_id]
    found.close()


def test_the_newest_runs_are_shown(journal: Journal, clock: ManualClock) -> None:
    """At most so many, newest first; one that goes on is never dropped."""
    going = journal.begin_run("eon", mode="armed", trigger="going on")
    for number in range(KEPT_RUNS + 5):
        clock.advance(1.0)
        journal.begin_run("eon", mode="dry-run", trigger=str(number)).finish("flat", None)
    shown = journal.runs()
    assert len(shown) == KEPT_RUNS
    assert shown[0].trigger == str(KEPT_RUNS + 4)
    assert going in journal.unfinished()
