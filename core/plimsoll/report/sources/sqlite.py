"""Reading an SQLite file of ours beside its owner: nothing is written, made or held up, one consistent look."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from plimsoll.database.errors import sqlite_errors, unreadable
from plimsoll.database.file import Form
from plimsoll.errors import StateUnavailable
from plimsoll.text import one_line

PATIENCE = 5.0
"""Seconds to wait for a checkpoint of the owner."""


@contextmanager
def one_look(path: Path, form: Form) -> Iterator[sqlite3.Connection]:
    """The file as it is at one moment, until the block ends; its owner goes on writing meanwhile.

    Raises:
        StateUnavailable: It is not there or cannot be read.
        StateUnreadable: Damaged, not ours, or not of this program's version.
    """
    if not path.exists():
        raise StateUnavailable(f"{one_line(str(path))}: there is no such file")
    with sqlite_errors(path, way_out=form.way_out), closing(_open(path)) as connection:
        _judge(connection, path, form)
        yield connection


def _open(path: Path) -> sqlite3.Connection:
    """Open it for reading; on a read-only mount a file without log is read as one that nobody changes."""
    address = path.absolute().as_uri()
    still = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    for options in dict.fromkeys(("", still)):
        connection = sqlite3.connect(f"{address}?mode=ro{options}", uri=True, isolation_level=None, timeout=PATIENCE)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if options == still:
                raise
        else:
            return connection
    raise AssertionError("one of the two ways opens it or raises")  # pragma: no cover


def _judge(connection: sqlite3.Connection, path: Path, form: Form) -> None:
    ((found,),) = connection.execute("PRAGMA application_id").fetchall()
    if found != form.application_id:
        raise unreadable(path, "is another program's database", "Look at data_dir in plimsoll.yml.")
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    if version != form.version:
        what = f"is of another version of Plimsoll (schema {version}, this one reads {form.version})"
        raise unreadable(path, what, "Restart the program that owns it with this version, or report with its own.")
