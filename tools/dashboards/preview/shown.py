"""What a panel prints, for tests: the same values, units, decimals, mappings and order as the preview draws."""

from __future__ import annotations

import time
from collections.abc import Mapping

from tools.dashboards.preview import choices, gather, reduced, table, times, timeseries
from tools.dashboards.preview.board import Board, Panel, read
from tools.dashboards.preview.colours import DARK
from tools.dashboards.preview.context import Context, View
from tools.dashboards.preview.raw import Json
from tools.dashboards.preview.source import Prometheus
from tools.dashboards.preview.units import Moment
from tools.dashboards.preview.variables import Scope

Row = dict[str, str]
"""Of a table: heading to cell. Of anything else: ``name`` of the series and ``value``."""


def shown(
    board: Board | Json,
    panel_title: str,
    prometheus: Prometheus | str,
    variables: Mapping[str, str] | None = None,
    *,
    kind: str | None = None,
    now: float | None = None,
    begin: str | None = None,
    end: str | None = None,
) -> list[Row]:
    """What a panel prints: a table's rows in their order, else one row for each series, with its last value.

    Where the panel has no data there is one row whose ``value`` is the panel's text for that.

    Args:
        board: The dashboard, as read or as JSON.
        panel_title: Title of the panel, as the JSON has it.
        prometheus: Where it gets its data, or the URL of that.
        variables: Values by name; the others are as when the dashboard is opened.
        kind: Type of the panel, where several have that title.
        now: Seconds since 1970; none is the present.
        begin: The range's beginning as Grafana writes it; none is the dashboard's.
        end: The range's end.

    Raises:
        LookupError: There is no such panel, or more than one.
        SourceError: Prometheus gives no answer.
    """
    whole = board if isinstance(board, Board) else read(board)
    source = Prometheus(prometheus) if isinstance(prometheus, str) else prometheus
    panel = _panel(whole, panel_title, kind)
    moment = time.time() if now is None else now
    span = times.between(begin or whole.begin, end or whole.end, moment, whole.zone)
    asked = {name: [value] for name, value in (variables or {}).items()}
    scope = Scope(values=choices.values(whole, asked, source, span))
    found = gather.view(panel, scope, gather.Asking(source=source, times=span))
    if found.faults:
        raise LookupError("; ".join(found.faults))
    context = Context(
        theme=DARK,
        moment=Moment(now=moment, zone=span.zone),
        times=span,
        scope=scope,
        addresses=str,
    )
    return printed(found, context)


def printed(view: View, context: Context) -> list[Row]:
    """The same of a panel that has its data."""
    rows = _PRINTING[view.panel.kind](view, context)
    return rows or [{"name": "", "value": view.panel.no_value}]


def _panel(board: Board, title: str, kind: str | None) -> Panel:
    found = [one for one in board.every_panel() if one.title == title and kind in {None, one.kind}]
    if len(found) != 1:
        kinds = ", ".join(one.kind for one in found)
        raise LookupError(
            f"{board.title} has {len(found)} panels {title!r}" + (f": say which of {kinds}" if found else "")
        )
    return found[0]


def _reduced(view: View, context: Context) -> list[Row]:
    return [{"name": one.title, "value": one.shown.text} for one in reduced.values(view, context)]


def _lines(view: View, context: Context) -> list[Row]:
    found = [line for line in timeseries.lines(view) if not line.hidden and line.field.numbers()]
    return [{"name": line.look.title, "value": timeseries.printed(line, "lastNotNull", context)} for line in found]


def _table(view: View, context: Context) -> list[Row]:
    columns = table.columns(view, context)
    count = len(columns[0].cells) if columns else 0
    return [{column.look.title: column.cells[place].text for column in columns} for place in range(count)]


def _words(_view: View, _context: Context) -> list[Row]:
    return []


_PRINTING = {
    "stat": _reduced,
    "bargauge": _reduced,
    "timeseries": _lines,
    "state-timeline": _lines,
    "table": _table,
    "text": _words,
}
