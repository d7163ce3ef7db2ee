"""A table as HTML. On a telephone every row stands as a block, each field under its column's title."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from plimsoll.report.document.blocks import Cell, Column, Table
from plimsoll.report.document.forms import SIGNS
from plimsoll.report.words import Severity


def table_lines(table: Table) -> Iterator[str]:
    """The table, or what stands for an empty one."""
    columns = table.shown_columns
    yield f'<table id="{escape(table.name)}" role="table">\n<caption>{escape(table.caption)}</caption>\n'
    yield f"<thead><tr>{''.join(map(_head, columns))}</tr></thead>\n<tbody>\n"
    for row in table.rows:
        cells = zip(columns, table.shown_cells(row), strict=True)
        yield f'<tr role="row">{"".join(_cell(column, cell) for column, cell in cells)}</tr>\n'
    if not table.rows:
        yield f'<tr role="row"><td class="alone" role="cell" colspan="{len(columns)}">{escape(table.empty)}</td></tr>\n'
    yield "</tbody>\n</table>\n"
    if table.note:
        yield f'<p class="note">{escape(table.note)}</p>\n'


def _head(column: Column) -> str:
    return f'<th scope="col"{_classes(_kind(column))}>{escape(column.title)}</th>'


def _cell(column: Column, cell: Cell) -> str:
    grave = "" if cell.severity is Severity.INFO else cell.severity.value
    classes = _classes(_kind(column), grave, "" if cell.shown else "empty")
    sign = f"{SIGNS[cell.severity]} " if grave else ""
    return f'<td role="cell" data-label="{escape(column.title)}"{classes}>{escape(sign + cell.shown)}</td>'


def _kind(column: Column) -> str:
    return "number" if column.number else "moment" if column.moment else "wide" if column.wide else ""


def _classes(*names: str) -> str:
    found = " ".join(name for name in names if name)
    return f' class="{found}"' if found else ""
