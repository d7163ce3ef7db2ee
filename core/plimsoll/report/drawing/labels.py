"""Words on a picture: the name of each line at its end, the number of each marker beside it."""

from __future__ import annotations

from textwrap import wrap

from matplotlib.axes import Axes

from plimsoll.report.drawing.scale import spread_out, together
from plimsoll.report.drawing.style import INK
from plimsoll.report.drawing.thinning import Dot

_BESIDE = 1.012
_WIDEST = 24
_MOST_LINES = 3
_LINE_SHARE = 0.058
"""Height of a line of text, as a share of the picture's."""

_NEAR_PIXELS = 11.0
MOST_NUMBERED = 30
"""Markers; where there are more, none has a number, since they would hide one another."""


def end_labels(axes: Axes, lines: list[tuple[str, Dot | None, str]]) -> None:
    """Write the name of each line at the right of its last point, so that none hides another."""
    low, high = axes.get_ylim()
    shown = [(wrap(name, _WIDEST)[:_MOST_LINES], last, color) for name, last, color in lines if last is not None]
    if not shown:
        return
    rows = max(len(words) for words, _, _ in shown)
    shares = [(last[1] - low) / (high - low) for _, last, _ in shown]
    places = spread_out(shares, _LINE_SHARE * rows + 0.012, 0.02, 0.98)
    for (words, _, color), place in zip(shown, places, strict=True):
        axes.text(
            _BESIDE,
            place,
            "\n".join(words),
            transform=axes.transAxes,
            color=color,
            va="center",
            fontweight="bold",
            fontsize=7.5,
            linespacing=1.05,
        )


def marker_labels(axes: Axes, places: list[Dot]) -> None:
    """Write at each marker which it is, from 1; those that stand together share a label (``2-5``)."""
    if len(places) > MOST_NUMBERED:
        return
    pixels = [tuple(map(float, axes.transData.transform(place))) for place in places]
    for group in together([(x, y) for x, y in pixels], _NEAR_PIXELS):
        text = str(group.start + 1) if len(group) == 1 else f"{group.start + 1}-{group.stop}"
        axes.annotate(
            text,
            places[group.start],
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            color=INK,
            fontsize=7.5,
            fontweight="bold",
            annotation_clip=False,
        )
