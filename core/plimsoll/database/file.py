"""SQLite files of ours in general: made whole or not at all, judged before they are believed, brought up to date.

Files are in WAL mode with ``synchronous=NORMAL``. A committed change is in the hands of the operating system, so it
survives the end of the process however that comes (``kill -9``). A power cut or a crash of the system itself may lose
the changes since the last checkpoint (about 4 MB of them), always the latest ones as a whole: the file stays sound.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from plimsoll.database.errors import os_errors, sqlite_errors, unreadable
from plimsoll.text import one_line

MAGIC = b"SQLite format 3\x00"
HEADER_BYTES = 100
APPLICATION_ID_AT = slice(68, 72)
JOURNAL_BYTES = 16 * 1024 * 1024
"""The log is cut back to this after a checkpoint, should it ever have grown beyond."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """What one kind of file is.

    Attributes:
        application_id: Number in the file's header that tells it from other programs' files.
        migrations: The statements that lead from one version to the next; the first ones make version 1.
        way_out: What a person can do about a damaged file, one or two sentences.
    """

    application_id: int
    migrations: tuple[tuple[str, ...], ...]
    way_out: str

    @property
    def version(self) -> int:
        """The newest version, which this program reads and writes."""
        return len(self.migrations)


def open_owned(path: Path, form: Form, *, patience: float) -> sqlite3.Connection:
    """Open the file for its owner, who holds the lock: make it where it is not there, check it, bring it up to date.

    Args:
        path: The file.
        form: What it must be.
        patience: Seconds that a statement waits for another process's write.

    Raises:
        StateUnreadable: Damaged, not ours, or of a newer version; the file is left as it is.
        StateUnavailable: It cannot be made, read or written now.
    """
    if not path.exists():
        _refuse_orphan(path, form)
        _create(path, form)
    return _open(path, form, patience=patience, owner=True)


def open_joined(path: Path, form: Form, *, patience: float) -> sqlite3.Connection:
    """Open the file beside its owner; as ``open_owned``, but it makes, checks and changes nothing.

    Raises:
        StateUnreadable: Damaged, not ours, or not of exactly our version.
        StateUnavailable: It is not there or cannot be read now.
    """
    return _open(path, form, patience=patience, owner=False)


def make_folder(folder: Path) -> None:
    """Make the folder of a state file, for its owner alone (0700); one that is there is left as it is.

    Raises:
        StateUnavailable: It cannot be made.
    """
    with os_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def _open(path: Path, form: Form, *, patience: float, owner: bool) -> sqlite3.Connection:
    _judge_header(path, form, writes=owner)
    with sqlite_errors(path, way_out=form.way_out):
        connection = _connected(path, form, patience=patience)
        try:
            with _odd_errors(path, form):
                _judge_version(connection, path, form, migrates=owner)
                if owner:
                    _judge_pages(connection, path, form)
            if owner:
                with _known_tables(path, form):
                    _migrate(connection, form)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def _odd_errors(path: Path, form: Form) -> Iterator[None]:
    """Take for damage what SQLite has no code for: a schema that is turned into another one, an unknown format.

    Raises:
        StateUnreadable: The file is damaged.
    """
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) != sqlite3.SQLITE_ERROR:
            raise
        raise unreadable(path, f"is damaged: {one_line(str(error))}", form.way_out) from error


@contextmanager
def _known_tables(path: Path, form: Form) -> Iterator[None]:
    """Take for damage that a step to the next version finds its own result: then the number of the version is wrong.

    Raises:
        StateUnreadable: It does.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if not str(error).startswith("duplicate column") and not str(error).endswith("already exists"):
            raise
        raise unreadable(path, f"is damaged: its version is not that of its tables ({error})", form.way_out) from error


def _connected(path: Path, form: Form, *, patience: float) -> sqlite3.Connection:
    with _odd_errors(path, form):
        return _connect(path, patience=patience)


def _connect(path: Path, *, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=patience
    )
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES}")
    return connection


def _create(path: Path, form: Form) -> None:
    """Make the file aside and put it in place whole: an empty or half one is then always damage."""
    aside = path.with_name(f"{path.name}.new")
    with os_errors(aside), sqlite_errors(aside, way_out=form.way_out):
        for rest in (aside, *_companions(aside)):
            rest.unlink(missing_ok=True)
        os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(_connect(aside, patience=0.0)) as connection:
            connection.execute(f"PRAGMA application_id = {form.application_id}")
            connection.execute("PRAGMA journal_mode = WAL")
            _migrate(connection, form)
        aside.replace(path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _companions(path: Path) -> tuple[Path, Path]:
    """SQLite's files beside the main one: the log and its index."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _refuse_orphan(path: Path, form: Form) -> None:
    log, _ = _companions(path)
    if log.exists():
        raise unreadable(path, f"is missing while its log {log.name} is there", form.way_out)


def _judge_header(path: Path, form: Form, *, writes: bool) -> None:
    """Refuse what is not ours by its first bytes, and what we may not write, before SQLite makes files beside it."""
    with os_errors(path), path.open("r+b" if writes else "rb") as file:
        header = file.read(HEADER_BYTES)
    if not header:
        raise unreadable(path, "is empty (0 bytes)", form.way_out)
    if not header.startswith(MAGIC):
        raise unreadable(path, "is not an SQLite database", form.way_out)
    if len(header) < HEADER_BYTES:
        raise unreadable(path, f"is cut off after {len(header)} bytes", form.way_out)
    found = int.from_bytes(header[APPLICATION_ID_AT], "big")
    if found != form.application_id:
        what = f"is another program's database (application id {found:#x}, expected {form.application_id:#x})"
        raise unreadable(path, what, form.way_out)


def _judge_version(connection: sqlite3.Connection, path: Path, form: Form, *, migrates: bool) -> None:
    version = _version(connection)
    if version > form.version:
        what = f"was written by a newer Plimsoll (schema {version}, this one knows up to {form.version})"
        raise unreadable(path, what, "Install that version again.")
    if version < 1:
        raise unreadable(path, "has no schema version", form.way_out)
    if version < form.version and not migrates:
        what = f"is of an older version than this program (schema {version}, expected {form.version})"
        raise unreadable(path, what, "Restart the program that owns it: that brings it up to date.")


def _judge_pages(connection: sqlite3.Connection, path: Path, form: Form) -> None:
    """All pages are there and well-formed; a few milliseconds for each megabyte."""
    found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if found != "ok":
        raise unreadable(path, f"is damaged: {' '.join(found.split())}", form.way_out)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _migrate(connection: sqlite3.Connection, form: Form) -> None:
    """One transaction a version: whatever interrupts it, the file is of one version or of the next."""
    for version in range(_version(connection), form.version):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in form.migrations[version]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
