"""The enforcer's journal: it survives any end of the process, and no fault of it stops the enforcer."""

from __future__ import annotations

import math
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import breach_scene as scene
from manual_clock import ManualClock
from plimsoll.errors import StateInUse
from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.desk import AuditLine
from plimsoll_enforcer.flatten.result import Closed, FlattenResult
from plimsoll_enforcer.journal import draft
from plimsoll_enforcer.journal.draft import KEPT_LINES, Draft
from plimsoll_enforcer.journal.file import FILE_NAME
from plimsoll_enforcer.journal.journal import KEPT_SECONDS, PROBE, UNLOCKED, Journal
from plimsoll_enforcer.journal.reading import KEPT_RUNS
from plimsoll_enforcer.journal.values import Breach, Lockout
from plimsoll_enforcer.trading.port import CloseOrder, OrderForm, Placed

CHILD = Path(__file__).parents[1] / "support" / "journal_child.py"


@pytest.fixture
def clock() -> ManualClock:
    """Time."""
    return ManualClock()


@pytest.fixture
def journal(tmp_path: Path, clock: ManualClock) -> Iterator[Journal]:
    """A new journal, closed at the end."""
    opened = Journal.open(tmp_path, clock=clock)
    yield opened
    opened.close()


def again(journal: Journal, tmp_path: Path, clock: ManualClock) -> Journal:
    """The same after a clean end and a new start."""
    journal.close()
    return Journal.open(tmp_path, clock=clock)


def breach(account: str = "eon") -> Breach:
    """A breach under watch."""
    return Breach(account=account, began_at=5.0, claims={"tmad": scene.alert(account)})


def lockout(until: float = math.inf) -> Lockout:
    """A lockout."""
    return Lockout(account="eon", since=1.0, until=until, reason="drawdown", leverages={"BTCUSDT": 20})


def order(number: int, *, form: OrderForm = OrderForm.MARKET, price: str | None = None) -> CloseOrder:
    """A closing order."""
    return CloseOrder(
        symbol="BTCUSDT",
        position_side=PositionSide.LONG,
        direction=Direction.SELL,
        quantity=Decimal("0.0010"),
        client_id=f"plim-abcdefgh-{number}",
        form=form,
        price=None if price is None else Decimal(price),
    )


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


def fill(journal: Journal) -> sqlite3.Connection:
    """Make every write fail as on a full disk; gives the connection to make room again."""
    connection = journal._file._connection  # noqa: SLF001 - no seam reaches SQLite's own limit of pages
    assert connection is not None
    connection.execute("PRAGMA max_page_count = 1")
    return connection


def test_a_full_disk_stops_nothing_and_loses_nothing(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """While the disk is full everything goes on from memory, counted; with room again all of it is written."""
    connection = fill(journal)
    long = "x" * 100_000
    run = journal.begin_run("eon", mode="armed", trigger=long)
    assert journal.lock(Lockout(account="eon", since=1.0, until=math.inf, reason=long)) is False
    run.sending(order(run.next_number()))
    assert journal.failures == 1, "writes within a second of a failure wait with it"
    assert journal.failing_since == clock.now()
    assert journal.lockout("eon") is not None
    assert [item.order for item in run.unanswered()] == [order(1)]
    clock.advance(1.5)
    assert not journal.retry()
    assert journal.failures == 2
    connection.execute("PRAGMA max_page_count = 1000000")
    clock.advance(1.5)
    journal.retry()
    assert journal.failing_since is None
    found = again(journal, tmp_path, clock)
    assert found.failures == 2
    (kept,) = found.unfinished()
    assert [item.order for item in kept.unanswered()] == [order(1)]
    assert found.lockout("eon") is not None
    found.close()


def test_an_audit_is_shown_from_memory_while_the_disk_is_full(journal: Journal) -> None:
    """Who looks at a run sees all of it, written or not."""
    fill(journal)
    run = journal.begin_run("eon", mode="armed", trigger="x" * 100_000)
    run.step("read", "y" * 100_000)
    found = journal.run(run.run_id)
    assert found is not None
    assert [line.kind for line in found.audit] == ["read"]
    assert journal.run("nobody") is None


def test_lines_alone_are_dropped_while_nothing_can_be_written() -> None:
    """A full disk for a long time does not fill the memory: the oldest lines of audits go, no order does."""
    line = draft.lines("abcdefgh", [AuditLine(at=1.0, kind="read", text="r")])
    joined = Draft(steps=draft.sending("abcdefgh", 1, order(1)).steps, lines=line.lines * KEPT_LINES).merged(line)
    assert (len(joined.steps), len(joined.lines)) == (1, KEPT_LINES)


def ruin(path: Path) -> None:
    """Overwrite the middle of a file."""
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x00" * (len(content) - 4096)
    path.write_bytes(bytes(content))


def test_a_damaged_journal_is_set_aside_and_doubted(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """The enforcer starts anew, keeps the damaged file, counts the failure, and says that lockouts may be forgotten."""
    journal.lock(lockout())
    journal.close()
    ruin(tmp_path / FILE_NAME)
    found = Journal.open(tmp_path, clock=clock)
    assert found.failures == 1
    assert "damaged" in found.doubt
    assert list(tmp_path.glob(f"{FILE_NAME}.damaged-*"))
    assert found.watch(breach())
    later = again(found, tmp_path, clock)
    assert (later.failures, set(later.breaches())) == (1, {"eon"})
    later.close()


def test_lockouts_that_can_still_be_read_are_kept(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """A file that is damaged elsewhere gives its lockouts: the account stays locked, and nobody needs to doubt."""
    journal.lock(lockout())
    journal.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("DROP TABLE sent")
        connection.execute("DROP TABLE run")
    connection.close()
    found = Journal.open(tmp_path, clock=clock)
    assert (found.lockout("eon"), found.doubt, found.failures) == (lockout(), "", 1)
    later = again(found, tmp_path, clock)
    assert later.lockout("eon") == lockout()
    later.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\x00", b"\x00" * 5000])
def test_whatever_lies_there_the_enforcer_starts(tmp_path: Path, clock: ManualClock, content: bytes) -> None:
    """An empty, foreign or cut file is set aside; the new journal works."""
    (tmp_path / FILE_NAME).write_bytes(content)
    found = Journal.open(tmp_path, clock=clock)
    assert found.failures == 1
    assert found.watch(breach())
    found.close()


def test_a_row_that_makes_no_sense_is_left_out(journal: Journal, tmp_path: Path, clock: ManualClock) -> None:
    """One broken row does not take the others with it, and never unlocks an account."""
    journal.lock(lockout())
    journal.watch(breach())
    journal.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE watch SET claims = '{\"tmad\": 3}'")
        connection.execute("UPDATE lockout SET leverages = 'what'")
    connection.close()
    found = Journal.open(tmp_path, clock=clock)
    assert not found.breaches()
    kept = found.lockout("eon")
    assert kept is not None
    assert not kept.leverages
    found.close()


def test_a_folder_that_cannot_be_made_is_worked_around(tmp_path: Path, clock: ManualClock) -> None:
    """Without any folder the enforcer works from memory, says so, and adopts the file once it can be had."""
    blocker = tmp_path / "data"
    blocker.write_text("in the way")
    found = Journal.open(blocker, clock=clock)
    assert found.doubt
    assert found.failures
    found.watch(breach())
    blocker.unlink()
    earlier = Journal.open(tmp_path / "other", clock=clock)
    earlier.lock(lockout())
    earlier.count("eon", "requests", "locked")
    earlier.close()
    (tmp_path / "other").rename(blocker)
    clock.advance(2.0)
    assert found.retry()
    assert not found.retry()
    assert (found.doubt, found.lockout("eon"), set(found.breaches())) == ("", lockout(), {"eon"})
    assert found.counts("eon", "requests") == {"locked": 1}
    found.close()


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
