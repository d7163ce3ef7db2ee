"""How the state file is made, locked, judged and brought up to date: a museum of bad files, made here by code."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from manual_clock import ManualClock
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.database.file import Form, open_owned
from plimsoll.database.schema import STATE, VERSION_1
from plimsoll.database.values import FilePosition
from plimsoll.errors import StateInUse, StateUnavailable, StateUnreadable
from state_values import flow, open_state, standing


def filled(folder: Path) -> Path:
    """A sound state database of some size, closed; gives its path."""
    with open_state(folder) as state, state.change() as change:
        change.save_standing("eon", standing("5000", "total"))
        for number in range(2000):
            change.add_flow("eon", flow(transaction=f"t{number}"))
    return folder / FILE_NAME


def edited(path: Path, *statements: str) -> None:
    """Run statements on a file as another program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def overwritten(path: Path, at: int, data: bytes) -> None:
    """Put bytes into a file."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def _without_database(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"x" * 100)
    path.unlink()


def _foreign(path: Path) -> None:
    path.unlink()
    edited(path, "CREATE TABLE notes (text TEXT)")


def _index_without_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'flow_time'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    overwritten(path, (page - 1) * size, b"\x0a" + b"\xff" * 40)


MUSEUM: dict[str, tuple[Callable[[Path], object], str]] = {
    "zero bytes": (lambda path: path.write_bytes(b""), "is empty (0 bytes)"),
    "garbage": (lambda path: path.write_bytes(os.urandom(8192)), "is not an SQLite database"),
    "text": (lambda path: path.write_text("not what you think\n" * 100), "is not an SQLite database"),
    "cut in the header": (lambda path: os.truncate(path, 50), "is cut off after 50 bytes"),
    "cut in the pages": (lambda path: os.truncate(path, path.stat().st_size // 2), "is damaged: "),
    "cut after the first page": (lambda path: os.truncate(path, 4096), "is damaged: "),
    "pages of noise": (lambda path: overwritten(path, 4096, os.urandom(16384)), "is damaged: "),
    "pages of zeros": (lambda path: overwritten(path, 4096, bytes(65536)), "is damaged: "),
    "malformed index": (_index_without_rows, "is damaged: "),
    "another program's": (_foreign, "is another program's database (application id 0x0, expected 0x506c696d)"),
    "no version": (lambda path: edited(path, "PRAGMA user_version = 0"), "has no schema version"),
    "log without database": (_without_database, "is missing while its log state.sqlite-wal is there"),
}


@pytest.mark.parametrize("name", MUSEUM)
def test_a_bad_file_is_refused_and_left_as_it_is(tmp_path: Path, name: str):
    """The error names the file, says what is wrong and the way out; the file is not touched and the lock is free."""
    spoil, what = MUSEUM[name]
    path = filled(tmp_path)
    spoil(path)
    before = path.read_bytes() if path.exists() else None
    for _ in range(2):
        with pytest.raises(StateUnreadable) as caught:
            open_state(tmp_path)
    assert str(caught.value).startswith(f"{path} {what}")
    assert str(caught.value).endswith(STATE.way_out)
    assert "\n" not in str(caught.value)
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_damage_found_while_running_is_the_same_error(tmp_path: Path):
    """Pages that nobody checked at the opening are refused with the way out, in reading and in writing."""
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        flows = connection.execute("SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'flow'").fetchall()
    for (page,) in flows:  # not what lies behind them: the schema does not fit on the first page
        overwritten(path, (page - 1) * 4096, os.urandom(4096))
    with Database.join(path, clock=ManualClock()) as state:
        with pytest.raises(StateUnreadable, match="is damaged"):
            state.flows("eon")
        with pytest.raises(StateUnreadable, match="Move it away"), state.change() as change:
            change.add_flow("eon", flow(transaction="t1"))


def test_a_newer_version_is_refused_with_words(tmp_path: Path):
    """A file of a later Plimsoll is not touched by an older one, which says both versions."""
    path = filled(tmp_path)
    edited(path, "PRAGMA user_version = 99")
    with pytest.raises(StateUnreadable, match=r"newer Plimsoll \(schema 99, this one knows up to 6\)"):
        open_state(tmp_path)


def version_1(path: Path) -> None:
    """A file as version 1 made it, with something in it."""
    path.parent.mkdir(exist_ok=True)
    with closing(
        open_owned(path, Form(application_id=STATE.application_id, migrations=(VERSION_1,), way_out=""), patience=0)
    ) as old:
        old.execute("INSERT INTO standing VALUES ('eon', '5000.10', '1.10', 1.5)")
        old.execute("INSERT INTO counter VALUES ('eon', 'orders', '{\"a\":\"1\"}', '3', NULL)")


def test_version_1_is_brought_up_to_date(tmp_path: Path):
    """A file of version 1 keeps all it has, and has what later versions add."""
    version_1(tmp_path / FILE_NAME)
    with open_state(tmp_path) as state:
        assert str(state.standing("eon").units) == "5000.10"
        assert state.counters()[0].labels == {"a": "1"}
        with state.change() as change:
            change.save_file_position(FilePosition(path="x", inode=1, offset=2, fingerprint="f"))
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (6,)


def test_a_migration_that_fails_leaves_the_old_version(tmp_path: Path):
    """A step that breaks half way is rolled back as a whole; the right step then works."""
    path = tmp_path / FILE_NAME
    version_1(path)
    broken = (VERSION_1, ("CREATE TABLE half (a)", "CREATE NONSENSE"))
    with pytest.raises(sqlite3.OperationalError, match="NONSENSE"):
        open_owned(path, Form(application_id=STATE.application_id, migrations=broken, way_out=""), patience=0)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone() == (0,)
    open_state(tmp_path).close()


def test_who_joins_migrates_nothing(tmp_path: Path):
    """A process beside the owner refuses an older version instead of changing it."""
    version_1(tmp_path / FILE_NAME)
    with pytest.raises(StateUnreadable, match="older version"):
        Database.join(tmp_path / FILE_NAME, clock=ManualClock())


def test_who_joins_makes_nothing(tmp_path: Path):
    """Where there is no database, joining says so and leaves no file."""
    with pytest.raises(StateUnavailable, match="No such file"):
        Database.join(tmp_path / FILE_NAME, clock=ManualClock())
    assert list(tmp_path.iterdir()) == []


def test_folder_and_files_are_for_their_owner_alone(tmp_path: Path):
    """The folder is made with 0700, and the database, its log and its lock with 0600, whatever the umask."""
    folder = tmp_path / "deep" / "data"
    old = os.umask(0)
    try:
        with open_state(folder) as state, state.change() as change:
            change.count("eon", "orders", {})
            modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in folder.iterdir()}
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes == {FILE_NAME + end: 0o600 for end in ("", "-wal", "-shm", ".lock")}


def test_it_writes_ahead_and_syncs_at_checkpoints(tmp_path: Path):
    """The file is in WAL mode, and it carries our application id and version."""
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "application_id")]
    assert found == ["wal", STATE.application_id]


def test_what_a_killed_creation_left_is_no_obstacle(tmp_path: Path):
    """A half-made file aside is made anew."""
    (tmp_path / f"{FILE_NAME}.new").write_bytes(b"half")
    (tmp_path / f"{FILE_NAME}.new-wal").write_bytes(b"half")
    with open_state(tmp_path) as state:
        assert state.counters() == ()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [FILE_NAME, f"{FILE_NAME}.lock"]


def test_one_owner_at_a_time(tmp_path: Path):
    """A second owner is refused and told who it is; a reader is let in; after the end the folder is free."""
    with open_state(tmp_path) as state:
        with pytest.raises(StateInUse, match=rf"{tmp_path} is in use by another program \(process {os.getpid()}\)"):
            Database.open(tmp_path / FILE_NAME, clock=ManualClock(), lock_patience=0.1)
        with Database.join(tmp_path / FILE_NAME, clock=ManualClock()) as other:
            assert other.counters() == ()
        state.close()
        open_state(tmp_path).close()


def test_a_name_with_odd_characters_is_no_obstacle(tmp_path: Path):
    """Question marks, percent signs and hashes in a folder's name mean nothing to the file's opening."""
    folder = tmp_path / "a?b%20c#d"
    with open_state(folder) as state:
        assert state.counters() == ()
    assert (folder / FILE_NAME).exists()
