"""State timelines as HTML: a bar for each series, a piece for each state with its word in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.dashboards.preview import times as clock
from tools.dashboards.preview.colours import faded, ink
from tools.dashboards.preview.context import Context, Drawn, View, escape
from tools.dashboards.preview.figures import nothing
from tools.dashboards.preview.looks import Shown, shown
from tools.dashboards.preview.plotting import POINTS, with_gaps
from tools.dashboards.preview.raw import at, number, text, truth
from tools.dashboards.preview.timeseries import Line, lines
from tools.dashboards.preview.units import print_value

_LETTER = 7
_WIDTH = 1000


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One state, from when to when in milliseconds since 1970."""

    begin: float
    end: float
    shown: Shown


def pieces(line: Line, context: Context, *, merged: bool) -> list[Piece]:
    """The states of a series, neighbours of the same word made one where that is asked for."""
    times, values = with_gaps(line.times, line.field.values, line.look.custom.get("spanNulls"), context.times)
    found = list[Piece]()
    step = context.times.step(POINTS) * 1000
    for place, (then, value) in enumerate(zip(times, values, strict=True)):
        if value is None:
            continue
        end = times[place + 1] if place + 1 < len(times) else min(then + step, context.times.end * 1000)
        if place + 1 < len(times) and values[place + 1] is None:
            end = then + step
        state = shown(value, line.field, line.look, context.theme, context.moment)
        last = found[-1] if found else None
        if merged and last and last.end >= then and (last.shown.text, last.shown.colour) == (state.text, state.colour):
            found[-1] = Piece(begin=last.begin, end=end, shown=last.shown)
        else:
            found.append(Piece(begin=then, end=end, shown=state))
    return found


def state_timeline(view: View, context: Context) -> Drawn:
    """When each series was in which state."""
    found = [line for line in lines(view) if not line.hidden]
    if not any(line.field.numbers() for line in found):
        return nothing(view)
    merged = truth(view.panel.options.get("mergeValues"), default=True)
    rows = "".join(_row(line, pieces(line, context, merged=merged), view, context) for line in found)
    return Drawn(
        body=f'<div class="timeline">{rows}{_ticks(context)}</div>{_legend(view, found, context, merged=merged)}'
    )


def _share(then: float, context: Context) -> float:
    share = (then / 1000 - context.times.begin) / context.times.length
    return 100 * min(1.0, max(0.0, share))


def _row(line: Line, found: Sequence[Piece], view: View, context: Context) -> str:
    parts = "".join(_piece(one, line, view, context) for one in found)
    height = 100 * number(view.panel.options.get("rowHeight"), 0.9)
    name = f'<span class="name" title="{escape(line.look.title)}">{escape(line.look.title)}</span>'
    return f'<div class="state">{name}<span class="track" style="height:{height:g}%">{parts}</span></div>'


def _piece(one: Piece, line: Line, view: View, context: Context) -> str:
    left, right = _share(one.begin, context), _share(one.end, context)
    ground = faded(one.shown.colour, number(line.look.custom.get("fillOpacity"), 70) / 100)
    mode = text(view.panel.options.get("showValue"), "auto")
    fits = (right - left) / 100 * _WIDTH > _LETTER * len(one.shown.text)
    words = escape(one.shown.text) if mode == "always" or (mode == "auto" and fits) else ""
    begin, end = (str(print_value(then, "dateTimeAsSystem", None, context.moment)) for then in (one.begin, one.end))
    style = f"left:{left:.3f}%;width:{max(right - left, 0.15):.3f}%;background:{ground};color:{ink(one.shown.colour)}"
    align = text(view.panel.options.get("alignValue"), "left")
    title = escape(f"{one.shown.text}: {begin} to {end}")
    return f'<span class="piece {escape(align)}" style="{style}" title="{title}">{words}</span>'


def _ticks(context: Context) -> str:
    marks = clock.ticks(context.times, 8)
    parts = "".join(
        f'<span style="left:{_share(then * 1000, context):.3f}%">{escape(words)}</span>' for then, words in marks
    )
    return f'<div class="state ticks"><span class="name"></span><span class="track">{parts}</span></div>'


def _legend(view: View, found: Sequence[Line], context: Context, *, merged: bool) -> str:
    options = at(view.panel.options, "legend")
    if not truth(at(options, "showLegend"), default=True):
        return ""
    states = {one.shown.text: one.shown.colour for line in found for one in pieces(line, context, merged=merged)}
    entries = "".join(
        f'<li><span class="swatch" style="border-top:10px solid {colour}"></span>{escape(words)}</li>'
        for words, colour in states.items()
    )
    return f'<ul class="legend">{entries}</ul>'
