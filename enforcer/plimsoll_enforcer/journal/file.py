"""``JournalFile``: the journal on disk. It is opened as soon as that can be, and closing never waits for it.

A damaged file is set aside under another name, never removed; the lockouts in it are read first, as far as they can be.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from plimsoll.clock import Clock
from plimsoll.database.errors import sqlite_errors, unreadable
from plimsoll.database.file import make_folder, open_owned
from plimsoll.database.lock import Lock
from plimsoll.errors import StateUnavailable, StateUnreadable
from plimsoll_enforcer.desk import AuditLine
from plimsoll_enforcer.journal.draft import Draft
from plimsoll_enforcer.journal.reading import audit, lockouts, remembered
from plimsoll_enforcer.journal.schema import JOURNAL
from plimsoll_enforcer.journal.values import Lockout, Remembered

log = logging.getLogger(__name__)

FILE_NAME = "journal.sqlite"
"""Name of the journal in the enforcer's ``data_dir``."""

LOCK_PATIENCE = 1.0
PATIENCE = 0.25
"""Seconds that a statement waits for somebody who looks at the file; then the change is kept and written later."""


class JournalFile:
    """One file, at most open; use it from one thread.

    Args:
        folder: The enforcer's ``data_dir``.
        clock: Time.
    """

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        self.path = folder / FILE_NAME
        self._clock = clock
        self._lock: Lock | None = None
        self._connection: sqlite3.Connection | None = None
        self._salvaged: tuple[Lockout, ...] | None = ()
        self._aside: Path | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be written."""
        return self._connection is not None

    def open(self) -> Remembered:
        """Open it, a damaged one having been set aside; gives what an earlier life left.

        Raises:
            StateInUse: Another enforcer owns the folder.
            StateUnavailable: It cannot be made, read or written now.
            StateUnreadable: It is damaged and could not be set aside or made anew.
        """
        if self._lock is None:
            make_folder(self.path.parent)
            self._lock = Lock(self.path.with_name(f"{FILE_NAME}.lock"), patience=LOCK_PATIENCE)
        try:
            return self._opened()
        except StateUnreadable as error:
            self._put_aside(error)
            return self._opened()

    def take_salvage(self) -> tuple[Path | None, tuple[Lockout, ...] | None]:
        """Where a damaged file is now, told once (else ``None``), and its lockouts (``None`` where nobody knows)."""
        aside, self._aside = self._aside, None
        return aside, self._salvaged

    def write(self, draft: Draft) -> None:
        """Write a change, all of it or nothing.

        Raises:
            StateUnavailable: It cannot be written now, or is not open.
            StateUnreadable: The file is damaged.
        """
        connection = self._connection
        if connection is None:
            raise StateUnavailable(f"{self.path}: the journal is not open")
        with sqlite_errors(self.path, way_out=JOURNAL.way_out):
            connection.execute(f"PRAGMA synchronous = {'FULL' if draft.hard else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                for statement, values in (*draft.steps, *draft.lines):
                    connection.execute(statement, values)
                connection.execute("COMMIT")
            finally:
                # SQLite has ended it itself where the disk is full.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def audit(self, run_id: str) -> tuple[AuditLine, ...]:
        """A run's audit; empty where it cannot be read."""
        if self._connection is None:
            return ()
        try:
            return audit(self._connection, run_id)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            log.error("%s: the audit of run %s cannot be read: %s", self.path, run_id, error)  # noqa: TRY400 - told whole
            return ()

    def close(self) -> None:
        """Close it and free the folder; a second call does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _opened(self) -> Remembered:
        connection = open_owned(self.path, JOURNAL, patience=PATIENCE)
        try:
            found = self._read(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return found

    def _read(self, connection: sqlite3.Connection) -> Remembered:
        try:
            with sqlite_errors(self.path, way_out=JOURNAL.way_out):
                return remembered(connection)
        except sqlite3.Error as error:
            raise unreadable(self.path, f"is damaged: {error}", JOURNAL.way_out) from error

    def _put_aside(self, why: StateUnreadable) -> None:
        """Rename the file and what SQLite keeps beside it.

        Raises:
            StateUnavailable: It cannot be renamed.
        """
        self._salvaged = _salvage(self.path)
        aside = self.path.with_name(f"{FILE_NAME}.damaged-{int(self._clock.now())}")
        try:
            for ending in ("-wal", "-shm", ""):
                beside = self.path.with_name(f"{FILE_NAME}{ending}")
                if beside.exists():
                    beside.replace(aside.with_name(f"{aside.name}{ending}"))
        except OSError as error:
            raise StateUnavailable(f"{self.path}: cannot be set aside: {error.strerror}") from error
        self._aside = aside
        log.critical("%s It is now %s, and a new journal is begun.", why, aside)


def _salvage(path: Path) -> tuple[Lockout, ...] | None:
    """The lockouts of a damaged file; ``None`` where nobody can tell them."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.0)) as connection:
            return lockouts(connection)
    except (sqlite3.Error, OSError, ValueError):
        return None
