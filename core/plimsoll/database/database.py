"""``Database``: the exporter's ``state.sqlite``, opened by its owner or joined by another process.

Use it from the thread that opened it. What each guarantee of durability is worth stands in ``file``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from plimsoll.clock import Clock
from plimsoll.database.change import Change
from plimsoll.database.errors import sqlite_errors
from plimsoll.database.file import make_folder, open_joined, open_owned
from plimsoll.database.lock import Lock
from plimsoll.database.reading import Reading
from plimsoll.database.schema import STATE

FILE_NAME = "state.sqlite"
"""Name of the state database in the exporter's ``data_dir``."""

OWNER_PATIENCE = 0.25
"""Seconds that the owner, who must not be held up, waits for another process's write; then the change is kept."""

JOINED_PATIENCE = 5.0
"""Seconds that another process waits for the owner's write."""

LOCK_PATIENCE = 1.0
"""Seconds that the owner waits for the lock: a rebase command holds it for a moment while no exporter runs."""


class Database(Reading):
    """The state database; close it at the end, or use it in a ``with`` block."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, clock: Clock, lock: Lock | None) -> None:
        super().__init__(connection, path)
        self._clock = clock
        self._lock = lock
        self._data_version: int | None = None

    @classmethod
    def open(cls, path: Path, *, clock: Clock, lock_patience: float = LOCK_PATIENCE) -> Self:
        """Open it as its one owner, making folder and file where they are not there, and bring it up to date.

        Args:
            path: The file; ``data_dir / FILE_NAME``.
            clock: Time.
            lock_patience: Seconds to wait for another owner's end.

        Raises:
            StateInUse: Another program owns it.
            StateUnreadable: Damaged, not ours, or of a newer version; it is left as it is.
            StateUnavailable: It cannot be made, read or written now.
        """
        make_folder(path.parent)
        lock = Lock(path.with_name(f"{path.name}.lock"), patience=lock_patience)
        try:
            return cls(open_owned(path, STATE, patience=OWNER_PATIENCE), path, clock=clock, lock=lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def join(cls, path: Path, *, clock: Clock) -> Self:
        """Open it beside its owner: to read, and to ask for a rebase; nothing else may be written.

        Raises:
            StateUnreadable: Damaged, not ours, or not of this program's version.
            StateUnavailable: It is not there or cannot be read now.
        """
        return cls(open_joined(path, STATE, patience=JOINED_PATIENCE), path, clock=clock, lock=None)

    @contextmanager
    def change(self) -> Iterator[Change]:
        """One transaction: at the end of the block all of it is written, on any error nothing.

        Raises:
            StateUnavailable: It cannot be written now; nothing of it is.
            StateUnreadable: The file is damaged.
        """
        with sqlite_errors(self._path, way_out=STATE.way_out):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Change(self._connection)
                self._connection.execute("COMMIT")
            finally:
                # SQLite has ended it itself where the disk is full.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def request_rebase(self, *, account: str, rule: str, reason: str, requested_by: str) -> int:
        """Ask for a rebase, now; gives the request's id.

        Raises:
            StateError: It could not be written.
        """
        with self.change() as change:
            return change.request_rebase(
                account=account,
                rule=rule,
                reason=reason,
                requested_at=self._clock.now(),
                requested_by=requested_by,
            )

    def changed_by_others(self) -> bool:
        """Whether another process has written since the last call; ``True`` at the first one. Costs microseconds."""
        found = self._one("PRAGMA data_version")
        version = None if found is None else int(found[0] or 0)
        changed, self._data_version = version != self._data_version, version
        return changed

    def close(self) -> None:
        """Close it and free the lock; a second call does nothing."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
