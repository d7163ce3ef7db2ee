"""The enforcer's journal on a disk that is full, damaged or not there: no fault of it stops the enforcer."""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path

import pytest

from journal_scene import again, breach, lockout, order
from manual_clock import ManualClock
from plimsoll_enforcer.desk import AuditLine
from plimsoll_enforcer.journal import draft
from plimsoll_enforcer.journal.draft import KEPT_LINES, Draft
from plimsoll_enforcer.journal.file import FILE_NAME
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.journal.values import Lockout


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


def test_a_turned_byte_in_the_header_does_not_keep_the_enforcer_from_starting(
    journal: Journal, tmp_path: Path, clock: ManualClock
) -> None:
    """An unknown format of the schema, for which SQLite has no code of its own, is a damaged journal like any other."""
    journal.close()
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    content[44:48] = b"cccc"
    path.write_bytes(content)

    opened = Journal.open(tmp_path, clock=clock)
    assert opened.doubt
    opened.close()


@pytest.mark.parametrize("column", ["since_s", "until_s", "leverages"])
@pytest.mark.parametrize("value", ["x", "nan", "[" * 100_000])
def test_no_column_that_cannot_be_read_unlocks_an_account(
    journal: Journal, tmp_path: Path, clock: ManualClock, column: str, value: str
) -> None:
    """A lockout whose beginning, end or settings make no sense stands all the same; without an end, until released."""
    journal.lock(lockout(2e9))
    journal.close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute(f"UPDATE lockout SET {column} = ?", (value,))  # noqa: S608 - our own names
    connection.commit()
    connection.close()

    opened = Journal.open(tmp_path, clock=clock)
    found = opened.lockout("eon")
    opened.close()

    assert found is not None
    assert found.until == (math.inf if column == "until_s" else 2e9)
