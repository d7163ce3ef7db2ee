"""Time series panels: a figure for plotly, and the legend as HTML, whose values are printed as Grafana prints them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.dashboards.preview import plotting
from tools.dashboards.preview.axis import Axis, axis
from tools.dashboards.preview.colours import faded
from tools.dashboards.preview.context import Context, Drawn, View, escape
from tools.dashboards.preview.figures import nothing
from tools.dashboards.preview.frames import NUMBER, TIME, Field
from tools.dashboards.preview.looks import Look, colour_of, scaled_steps, shown
from tools.dashboards.preview.raw import Json, at, items, number, text, truth
from tools.dashboards.preview.reduce import NAMES, reduce

SHAPES = {"linear": "linear", "smooth": "spline", "stepBefore": "vh", "stepAfter": "hv"}
"""Grafana's ways from point to point, and plotly's."""

STYLES = {"solid": "solid", "dash": "dash", "dot": "dot", "square": "dash"}
_TICK_HEIGHT = 38
_LEGEND_HEIGHT = 34


@dataclass(frozen=True, kw_only=True)
class Line:
    """One series."""

    times: Sequence[float]
    field: Field
    look: Look

    @property
    def right(self) -> bool:
        """Whether it belongs to the axis on the right."""
        return self.look.custom.get("axisPlacement") == "right"

    @property
    def hidden(self) -> bool:
        """Whether it is left out of the plot."""
        return truth(at(self.look.custom, "hideFrom.viz"))


def lines(view: View) -> list[Line]:
    """The series that a panel has."""
    return list(_lines(view))


def _lines(view: View) -> Iterator[Line]:
    for frame, looks in zip(view.frames, view.looks, strict=True):
        time = next((one for one in frame.fields if one.kind == TIME), None)
        if time is None:
            continue
        times = [one if isinstance(one, float) else math.nan for one in time.values]
        for one, look in zip(frame.fields, looks, strict=True):
            if one.kind == NUMBER:
                yield Line(times=times, field=one, look=look)


def time_series(view: View, context: Context) -> Drawn:
    """Lines over time."""
    found = [line for line in lines(view) if not line.hidden]
    if not any(line.field.numbers() for line in found):
        return nothing(view)
    most = max(2, (view.panel.grid.height - _LEGEND_HEIGHT - 60) // _TICK_HEIGHT)
    sides = {
        side: axis(_drawn_values(group), group[0].look, context.moment, most)
        for side, group in (("y", [one for one in found if not one.right]), ("y2", [one for one in found if one.right]))
        if group
    }
    figure = {
        "data": [_trace(line, context, index) for index, line in enumerate(found)],
        "layout": _layout(found, sides, context),
    }
    legend = _legend(view, found, context)
    place = "beside" if text(at(view.panel.options, "legend.placement")) == "right" and legend else "below"
    return Drawn(body=f'<div class="plotted {place}"><div class="plot"></div>{legend}</div>', figure=figure)


def _drawn_values(group: Sequence[Line]) -> list[float]:
    if _stacked(group[0].look):
        sums: dict[float, float] = {}
        for line in group:
            for then, value in zip(line.times, line.field.values, strict=True):
                sums[then] = sums.get(then, 0.0) + (value if isinstance(value, float) else 0.0)
        return [0.0, *sums.values()]
    values = [value for line in group for value in line.field.numbers()]
    if any(line.look.custom.get("drawStyle") == "bars" for line in group):
        values.append(0.0)
    return values


def _stacked(look: Look) -> bool:
    return text(at(look.custom, "stacking.mode"), "none") == "normal"


def _trace(line: Line, context: Context, index: int) -> Json:
    custom, look = line.look.custom, line.look
    colour = line_colour(line, context)
    times, values = plotting.with_gaps(line.times, line.field.values, custom.get("spanNulls"), context.times)
    style = text(custom.get("drawStyle"), "line")
    told = [
        None if value is None else shown(value, line.field, look, context.theme, context.moment).text
        for value in values
    ]
    trace: dict[str, object] = {
        "x": plotting.stamps(times, context.times),
        "y": [value if value is None or math.isfinite(value) else None for value in values],
        "text": told,
        "name": escape(look.title),
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        "yaxis": "y2" if line.right else "y",
        "meta": index,
    }
    if style == "bars":
        opacity = number(custom.get("fillOpacity"), 80) / 100
        return trace | {
            "type": "bar",
            "marker": {"color": faded(colour, max(0.2, opacity)), "line": {"color": colour, "width": 1}},
        }
    return trace | _strokes(look, colour, values, style)


def _strokes(look: Look, colour: str, values: Sequence[float | None], style: str) -> dict[str, object]:
    custom = look.custom
    opacity = number(custom.get("fillOpacity"), 0) / 100
    points = text(custom.get("showPoints"), "auto")
    size = number(custom.get("pointSize"), 5)
    sizes = [size if points == "always" or style == "points" or lonely else 0.0 for lonely in plotting.lonely(values)]
    stroke: dict[str, object] = {
        "type": "scatter",
        "mode": "markers" if style == "points" else "lines+markers" if any(sizes) else "lines",
        "line": {
            "color": colour,
            "width": number(custom.get("lineWidth"), 1),
            "shape": SHAPES.get(text(custom.get("lineInterpolation"), "linear"), "linear"),
            "dash": _dash(custom),
        },
        "connectgaps": False,
    }
    if any(sizes):
        stroke["marker"] = {"color": colour, "size": sizes, "line": {"width": 0}}
    if _stacked(look):
        stroke["stackgroup"] = text(at(custom, "stacking.group"), "A")
    if opacity:
        stroke |= {"fill": "tonexty" if _stacked(look) else "tozeroy", "fillcolor": faded(colour, opacity)}
    return stroke


def _dash(custom: Json) -> str:
    lengths = [number(one, 0) for one in items(at(custom, "lineStyle.dash"))]
    if lengths and text(at(custom, "lineStyle.fill")) == "dash":
        return ",".join(f"{one:g}px" for one in lengths)
    return STYLES.get(text(at(custom, "lineStyle.fill"), "solid"), "solid")


def line_colour(line: Line, context: Context) -> str:
    """A series' colour: where thresholds decide, that of its last value, as in Grafana's legend."""
    value = reduce(line.field, "lastNotNull")
    return colour_of(value if isinstance(value, float) else None, line.look, context.theme)


def _layout(found: Sequence[Line], sides: dict[str, Axis], context: Context) -> Json:
    theme = context.theme
    layout: dict[str, object] = {
        **plotting.base(context),
        "shapes": [*_thresholds(found, sides, context), *plotting.mark_shapes(context)],
        "annotations": plotting.mark_notes(context),
        "barmode": "stack" if _stacked(found[0].look) else "overlay",
    }
    for side, group in sides.items():
        look = next(line.look for line in found if line.right == (side == "y2"))
        hidden = look.custom.get("axisPlacement") == "hidden"
        ticks = {"tickvals": [value for value, _ in group.ticks], "ticktext": [words for _, words in group.ticks]}
        layout["yaxis" if side == "y" else "yaxis2"] = {
            "range": [group.low, group.high],
            **ticks,
            "gridcolor": theme.border,
            "zeroline": False,
            "automargin": True,
            "fixedrange": True,
            "visible": not hidden,
            "title": {"text": escape(text(look.custom.get("axisLabel"))), "font": {"size": 12}},
            **({"overlaying": "y", "side": "right", "showgrid": False} if side == "y2" and "y" in sides else {}),
        }
    return layout


def _thresholds(found: Sequence[Line], sides: dict[str, Axis], context: Context) -> list[Json]:
    """Lines and areas where thresholds lie, where the panel shows them."""
    look = found[0].look
    style = text(at(look.custom, "thresholdsStyle.mode"), "off")
    side = next(iter(sides))
    steps, group, shapes = scaled_steps(look), sides[side], list[Json]()
    for place, (start, name) in enumerate(steps):
        colour = context.theme.colour(name)
        top = steps[place + 1][0] if place + 1 < len(steps) else group.high
        place_of = {"xref": "paper", "x0": 0, "x1": 1, "yref": side, "layer": "below"}
        if "area" in style and name != "transparent":
            low, high = max(start, group.low), min(top, group.high)
            if high > low:
                filled = {"type": "rect", "y0": low, "y1": high, "fillcolor": faded(colour, 0.12), "line": {"width": 0}}
                shapes.append({**place_of, **filled})
        if ("line" in style or "dashed" in style) and group.low <= start <= group.high:
            stroke = {"color": colour, "width": 1.5, "dash": "dash" if "dashed" in style else "solid"}
            shapes.append({**place_of, "type": "line", "y0": start, "y1": start, "line": stroke, "layer": "above"})
    return shapes


def _legend(view: View, found: Sequence[Line], context: Context) -> str:
    options = at(view.panel.options, "legend")
    if not truth(at(options, "showLegend"), default=True) or at(options, "displayMode") == "hidden":
        return ""
    calcs = [text(one) for one in items(at(options, "calcs"))]
    listed = [line for line in found if not truth(at(line.look.custom, "hideFrom.legend"))]
    if text(at(options, "displayMode")) == "table":
        heads = "".join(f'<th scope="col">{escape(NAMES.get(calc, calc))}</th>' for calc in ("Name", *calcs))
        rows = "".join(_legend_row(line, calcs, context) for line in listed)
        return f'<table class="legend"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    entries = "".join(_legend_entry(line, calcs, context) for line in listed)
    return f'<ul class="legend">{entries}</ul>'


def _swatch(line: Line, context: Context) -> str:
    dashed = text(at(line.look.custom, "lineStyle.fill"), "solid") != "solid"
    style = "dashed" if dashed else "solid"
    return f'<span class="swatch" style="border-top:3px {style} {line_colour(line, context)}"></span>'


def printed(line: Line, calc: str, context: Context) -> str:
    """A series' value as the legend prints it."""
    value = reduce(line.field, calc)
    return shown(value, line.field, line.look, context.theme, context.moment).text if value is not None else ""


def _legend_entry(line: Line, calcs: Sequence[str], context: Context) -> str:
    values = "".join(
        f" <b>{escape(NAMES.get(calc, calc))}: {escape(printed(line, calc, context))}</b>" for calc in calcs
    )
    return f"<li>{_swatch(line, context)}{escape(line.look.title)}{values}</li>"


def _legend_row(line: Line, calcs: Sequence[str], context: Context) -> str:
    cells = "".join(f"<td>{escape(printed(line, calc, context))}</td>" for calc in calcs)
    return f"<tr><td>{_swatch(line, context)}{escape(line.look.title)}</td>{cells}</tr>"
