"""Tables and series as CSV (RFC 4180): numbers as numbers, unknown as an empty field, no text that a spreadsheet runs.

A text that begins with a sign by which spreadsheets know formulas gets an apostrophe before it, as they themselves
write a text that is none. Numbers are not touched: ``-12.5`` stays one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TextIO

from plimsoll.report.document.blocks import Document, Value
from plimsoll.report.document.forms import plain, stamp
from plimsoll.report.model import Gallery

SERIES = "series"
"""Name of the file with the points of every picture."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
"""The last four are the full-width forms of the first four."""

_SERIES_HEAD = ("picture", "symbol", "series", "role", "unit", "time_utc", "value")

Rows = Iterable[Sequence[str]]


def csv_files(document: Document, gallery: Gallery) -> Iterator[tuple[str, Rows]]:
    """Name, without suffix, and rows of each file; the first row names the columns."""
    for table in document.tables:
        head = [column.name for column in table.columns]
        yield table.name, [head, *([field(cell.value) for cell in row] for row in table.rows)]
    yield SERIES, _series(gallery)


def write(rows: Rows, file: TextIO) -> None:
    """Write a file, which was opened with ``newline=""``."""
    csv.writer(file, lineterminator="\r\n").writerows(rows)


def field(value: Value) -> str:
    """One field: empty for what is unknown."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, int):
        return str(value)
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def _series(gallery: Gallery) -> Iterator[Sequence[str]]:
    """Every point of every line; a gap is a point without a value."""
    yield _SERIES_HEAD
    for picture in gallery.pictures:
        for one in picture.series:
            facts = (picture.kind.value, picture.symbol, one.name, one.role.value, one.unit.value)
            told = tuple(map(field, facts))
            for time, value in one.points:
                yield *told, stamp(time), field(value)
