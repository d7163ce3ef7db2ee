"""Where the library's and the system's errors become ours: none of SQLite's leaves this package, bugs excepted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plimsoll.errors import StateUnavailable, StateUnreadable
from plimsoll.text import one_line

_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_UNREADABLE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@contextmanager
def sqlite_errors(path: Path, *, way_out: str) -> Iterator[None]:
    """Translate SQLite's errors inside the block; one that can only be our mistake is let through.

    Args:
        path: The file, to be named.
        way_out: What a person can do about a damaged file, in words.

    Raises:
        StateUnavailable: Full, read-only, locked, or another failure of reading and writing; nothing was written.
        StateUnreadable: The file is damaged.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the lower byte is the kind, the rest its variant
        name = getattr(error, "sqlite_errorname", "")
        if code in _UNAVAILABLE:
            raise StateUnavailable(f"{one_line(str(path))}: {error} ({name})") from error
        if code in _UNREADABLE:
            raise unreadable(path, f"is damaged: {error}", way_out) from error
        raise
    except UnicodeDecodeError as error:
        # SQLite's own words about a schema whose names are no text any more, which Python cannot read.
        raise unreadable(path, "is damaged: names in it are no text", way_out) from error


@contextmanager
def os_errors(path: Path) -> Iterator[None]:
    """Translate the system's errors inside the block.

    Raises:
        StateUnavailable: The file or its folder cannot be made, read or written.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StateUnavailable(f"{one_line(str(error.filename or path))}: {reason}") from error


def unreadable(path: Path, what: str, way_out: str) -> StateUnreadable:
    """The error for a file that is refused: which, what is wrong, and the way out."""
    return StateUnreadable(f"{one_line(str(path))} {what}. {way_out}")
