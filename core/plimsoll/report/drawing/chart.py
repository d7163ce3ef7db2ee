"""``draw``: one picture, by matplotlib. Imported only where pictures are wanted: the library is an extra.

The same picture becomes the same bytes: no time, no random names, none of the user's own settings, fonts of
matplotlib's own, as outlines. No text is taken for a formula.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from textwrap import shorten

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from plimsoll.report.document.forms import Moments
from plimsoll.report.drawing.labels import end_labels, marker_labels
from plimsoll.report.drawing.markup import inline
from plimsoll.report.drawing.scale import height_label, time_scale
from plimsoll.report.drawing.style import GRID, INK, MARKERS, PAPER, LineLook, look
from plimsoll.report.drawing.thinning import Line, line
from plimsoll.report.model import MarkerKind, Period, Picture, PictureKind, Role, Unit

_SIZE = (7.3, 3.3)
_FRAME = {"left": 0.12, "right": 0.78, "top": 0.86}
_BOTTOM, _ABOVE_LEGEND = 0.165, 0.235
_DOTS = 144
_RUG = 0.04
_CEILING = 0.97
_AIR = 0.07
_LONGEST_NAME = 30

_SETTINGS = {
    "svg.hashsalt": "plimsoll",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """A picture in both forms.

    Attributes:
        svg: An element to stand in a page; ``markup.standalone`` makes a file of it.
        png: A file; empty where none was wanted.
    """

    svg: str
    png: bytes = b""


def draw(picture: Picture, period: Period, *, name: str, png: bool = False) -> Drawing:
    """Draw one picture.

    Args:
        picture: What is in it.
        period: From the left edge to the right one.
        name: Unique in the page.
        png: Whether a PNG file is wanted too.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)  # type: ignore[arg-type] # its keys are a closed list to mypy alone
        figure = _figure(picture, period)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        pixels = io.BytesIO()
        if png:
            figure.savefig(pixels, format="png", dpi=_DOTS, metadata={"Software": None})
    return Drawing(svg=inline(text.getvalue(), prefix=name, title=picture.title), png=pixels.getvalue())


def _figure(picture: Picture, period: Period) -> Figure:
    figure = Figure(figsize=_SIZE)
    figure.subplots_adjust(**_FRAME, bottom=_ABOVE_LEGEND if picture.markers else _BOTTOM)
    axes = figure.add_subplot()
    lines = _lines(picture)
    _time_axis(axes, period)
    _height_axis(axes, picture, [drawn for _, drawn, _ in lines])
    for _, drawn, how in lines:
        _draw_line(axes, drawn, how, steps=picture.kind is PictureKind.MIRROR)
    end_labels(axes, [(name, drawn.last, how.color) for name, drawn, how in lines])
    _draw_markers(axes, picture)
    return figure


def _lines(picture: Picture) -> list[tuple[str, Line, LineLook]]:
    """Name, points and look of each line, in the order in which they are drawn: the measured ones on top."""
    seen: Counter[Role] = Counter()
    found: list[tuple[Role, tuple[str, Line, LineLook]]] = []
    for series in picture.series:
        name = shorten(series.name, _LONGEST_NAME * 2, placeholder="...")
        found.append((series.role, (name, line(series.points), look(series.role, seen[series.role]))))
        seen[series.role] += 1
    found.sort(key=lambda pair: pair[0] is Role.MEASURED)
    return [one for _, one in found]


def _time_axis(axes: Axes, period: Period) -> None:
    scale = time_scale(period.since, period.until)
    zones = Moments(period.zone).zones
    axes.set_xlim(period.since, period.until)
    axes.xaxis.set_major_locator(FixedLocator(scale.ticks))
    axes.set_xticklabels(scale.labels(zones[0][1]))
    axes.set_xlabel(scale.title(*zones[0]))
    axes.spines["top"].set_visible(len(zones) > 1)
    if len(zones) > 1:
        above = axes.secondary_xaxis("top")
        above.set_xticks(scale.ticks, labels=scale.labels(zones[1][1]))
        above.set_xlabel(scale.title(*zones[1]))


def _height_axis(axes: Axes, picture: Picture, lines: list[Line]) -> None:
    heights = [height for one in lines for height in one.heights]
    heights += [float(one.value) for one in picture.markers if one.value is not None and one.value.is_finite()]
    low, high = (min(heights), max(heights)) if heights else (0.0, 1.0)
    air = (high - low) * _AIR or abs(high) * _AIR or 1.0
    axes.set_ylim(low - air, high + (air * 2 if picture.markers else air))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ticks = [float(tick) for tick in axes.get_yticks()]
    spread = abs(ticks[1] - ticks[0]) if len(ticks) > 1 else 1.0
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: height_label(value, picture.unit, spread)))
    axes.set_ylabel(_unit(picture))
    axes.grid(visible=True, color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)


_UNITS = {"ratio": "Percent", "x": "Times equity"}
_QUOTES = ("USDT", "USDC")


def _unit(picture: Picture) -> str:
    """What stands at the axis; a quantity is named by its coin where the symbol tells it."""
    quote = next((one for one in _QUOTES if picture.symbol.endswith(one) and picture.symbol != one), "")
    if picture.unit is Unit.QUANTITY and quote:
        return picture.symbol.removesuffix(quote)
    return _UNITS.get(picture.unit.value, picture.unit.value)


def _draw_line(axes: Axes, drawn: Line, how: LineLook, *, steps: bool) -> None:
    for run in drawn.runs:
        times, heights = [dot[0] for dot in run], [dot[1] for dot in run]
        axes.plot(
            times,
            heights,
            color=how.color,
            linewidth=how.width,
            linestyle=how.style,
            drawstyle="steps-post" if steps else "default",
            marker="." if len(run) == 1 else "",
            solid_capstyle="butt",
        )
    if drawn.endless:
        ceiling = [_CEILING] * len(drawn.endless)
        axes.plot(
            drawn.endless, ceiling, transform=axes.get_xaxis_transform(), color=how.color, marker="^", linestyle="none"
        )
        axes.text(
            drawn.endless[0],
            _CEILING - _AIR,
            "infinite ",
            transform=axes.get_xaxis_transform(),
            color=how.color,
            ha="right",
            va="center",
        )


def _draw_markers(axes: Axes, picture: Picture) -> None:
    known = {kind: [one for one in picture.markers if one.kind is kind] for kind in MarkerKind}
    low, high = axes.get_ylim()
    floor = low + (high - low) * _RUG
    places = [(one.time, floor if one.value is None else float(one.value)) for one in picture.markers]
    for kind, shown in known.items():
        if not shown:
            continue
        how = MARKERS[kind]
        spots = [place for one, place in zip(picture.markers, places, strict=True) if one.kind is kind]
        axes.plot(
            [time for time, _ in spots],
            [height for _, height in spots],
            linestyle="none",
            marker=how.shape,
            color=how.color,
            markerfacecolor=how.color if how.filled else "none",
            markersize=6.5 if how.filled else 9,
            markeredgewidth=1.6,
            label=kind.value,
            clip_on=False,
            zorder=5,
        )
    if picture.markers:
        marker_labels(axes, places)
        axes.figure.legend(
            loc="lower center", ncols=len(MarkerKind), frameon=False, borderaxespad=0.2, handletextpad=0.2
        )
