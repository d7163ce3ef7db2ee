"""What all plots over time share: the time axis, gaps, and marks of what happened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from tools.dashboards.preview import times as clock
from tools.dashboards.preview.colours import faded
from tools.dashboards.preview.context import Context, escape
from tools.dashboards.preview.frames import Cell
from tools.dashboards.preview.raw import Json, number
from tools.dashboards.preview.times import Range

POINTS = 300
"""About how many points a line has."""

REGION = 0.1
"""Opacity of what lasted: ten such over one another hide two thirds of what is below."""

_DAY = 86400
_TICKS = 8
_HALF_MINUTE = 30


def stamps(times: Sequence[float], shown: Range) -> list[str]:
    """Milliseconds since 1970 as the times of the range's zone, which plotly draws as they are."""
    ahead = clock.offset(shown)
    return [datetime.fromtimestamp(one / 1000 + ahead, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] for one in times]


def with_gaps(
    times: Sequence[float], values: Sequence[Cell], spans: object, shown: Range
) -> tuple[list[float], list[float | None]]:
    """A line that is broken where samples are missing.

    Args:
        times: Milliseconds since 1970.
        values: As many.
        spans: Grafana's ``spanNulls``: true draws over all gaps, a number over those up to so many milliseconds.
        shown: The range, whose step is the least distance of two samples.
    """
    usual = min((after - before for before, after in pairwise(times)), default=0.0)
    usual = max(usual, shown.step(POINTS) * 1000) * 1.5
    bound = math.inf if spans is True else max(number(spans, 0), usual)
    found_times, found_values = list[float](), list[float | None]()
    for then, value in zip(times, values, strict=True):
        if found_times and then - found_times[-1] > bound:
            found_times.append(found_times[-1] + 1)
            found_values.append(None)
        if isinstance(value, float) and not math.isnan(value):
            found_times.append(then)
            found_values.append(value)
    return found_times, found_values


def lonely(values: Sequence[float | None]) -> list[bool]:
    """Which values have a neighbour on neither side, so that a line would not show them."""
    padded = [None, *values, None]
    return [
        here is not None and before is None and after is None
        for before, here, after in zip(padded, padded[1:], padded[2:], strict=False)
    ]


def base(context: Context) -> Json:
    """The layout of any plot over time."""
    theme, shown = context.theme, context.times
    long = shown.length > _DAY
    return {
        "margin": {"l": 8, "r": 12, "t": 8, "b": 24},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Inter, Helvetica, Arial, sans-serif", "size": 12, "color": theme.text},
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": theme.canvas, "bordercolor": theme.border, "font": {"color": theme.text}},
        "dragmode": "zoom",
        "xaxis": {
            "type": "date",
            "range": stamps([shown.begin * 1000, shown.end * 1000], shown),
            "gridcolor": theme.border,
            "zeroline": False,
            "tickformat": "%m/%d %H:%M" if long else "%H:%M:%S" if shown.length <= _TICKS * _HALF_MINUTE else "%H:%M",
            "hoverformat": "%Y-%m-%d %H:%M:%S",
            "nticks": _TICKS,
        },
    }


def mark_shapes(context: Context) -> list[Json]:
    """A line where something began and where it ended, and a faint area between, as Grafana draws them."""
    shapes = list[Json]()
    for mark in context.marks:
        begin, end = stamps([mark.begin * 1000, mark.end * 1000], context.times)
        upright = {"xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
        line = {"color": mark.colour, "width": 1, "dash": "dash"}
        shapes.append({**upright, "type": "line", "x0": begin, "x1": begin, "line": line})
        if mark.end > mark.begin:
            shapes.append({**upright, "type": "line", "x0": end, "x1": end, "line": line})
            area = {"fillcolor": faded(mark.colour, REGION), "line": {"width": 0}}
            shapes.append({**upright, "type": "rect", "x0": begin, "x1": end, **area})
    return shapes


def mark_notes(context: Context) -> list[Json]:
    """At the foot of each line a small triangle that tells on hovering what it is."""
    return [
        {
            "x": stamps([mark.begin * 1000], context.times)[0],
            "y": 0,
            "xref": "x",
            "yref": "paper",
            "yanchor": "bottom",
            "text": "▲",
            "hovertext": escape(mark.text),
            "showarrow": False,
            "font": {"color": mark.colour, "size": 9},
        }
        for mark in context.marks
    ]
