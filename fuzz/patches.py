"""Damage to a sound file, told in few bytes: cells that a person overwrote, and bytes that a disk turned."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

_PAGE = 4
"""Bytes of one turned byte: place (3) and value (1)."""


def damage(path: Path, data: bytes, cells: Sequence[tuple[str, str]]) -> None:
    """Damage a database.

    Args:
        path: A sound one that nobody has open.
        data: First byte even: the cell of that number gets the rest as text, blob or number. Odd: bytes are turned.
        cells: Table and column of each cell.
    """
    if data and data[0] % 2:
        content = bytearray(path.read_bytes())
        for place, value in _turned(data[1:]):
            content[place % len(content)] = value
        path.write_bytes(content)
        return
    with closing(sqlite3.connect(path)) as connection:
        for piece in data.split(b"\x1e"):
            if len(piece) > 1:
                table, column = cells[(piece[0] >> 1) % len(cells)]
                # The names are our own constants; a cell that is a key may collide, which is no damage then.
                with suppress(sqlite3.IntegrityError):
                    connection.execute(f"UPDATE {table} SET {column} = ?", (_cell(piece[1:]),))  # noqa: S608 - see above
        connection.commit()


def _turned(data: bytes) -> Iterator[tuple[int, int]]:
    for at in range(0, len(data) - _PAGE + 1, _PAGE):
        yield int.from_bytes(data[at : at + 3], "little"), data[at + 3]


def _cell(data: bytes) -> object:
    """Text, which need not be UTF-8, a blob, or a number."""
    if data[:1] == b"\x01":
        return data[1:]
    if data[:1] == b"\x02":
        return int.from_bytes(data[1:9], "little", signed=True)
    return data.decode("utf-8", "replace")


def cells_of(path: Path) -> list[tuple[str, str]]:
    """Every table and column of a database."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            (table, str(column[1]))
            for table in sorted(tables)
            if not table.startswith("sqlite_")
            for column in connection.execute(f"PRAGMA table_info({table})")
        ]
