"""Stat panels, bar gauges and text panels as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from tools.dashboards.preview import markdown, reduced
from tools.dashboards.preview.colours import faded, ink
from tools.dashboards.preview.context import Context, Drawn, View, anchor, escape, row_names, value_names
from tools.dashboards.preview.frames import TIME
from tools.dashboards.preview.raw import text, truth
from tools.dashboards.preview.reduced import One

_COLUMN = 52
"""Width of one of the grid's columns on a screen of 1280 pixels."""

_LEAST = 2.4
"""Ems that a value has room for at least, so that a short one is not larger than all others."""


def stat(view: View, context: Context) -> Drawn:
    """Large numbers, coloured by value, with a line of how each came to be where that is asked for."""
    found = reduced.values(view, context)
    if not found:
        return nothing(view)
    options = view.panel.options
    mode = text(options.get("colorMode"), "value")
    blocks = "".join(_block(one, view, context, mode, several=len(found) > 1) for one in found)
    wide = text(options.get("orientation"), "auto")
    row = wide == "vertical" or (wide == "auto" and view.panel.grid.w * _COLUMN > view.panel.grid.height)
    ground = found[0].shown.colour if mode.startswith("background") and len(found) == 1 else None
    return Drawn(
        body=f'<div class="stats {"across" if row or len(found) == 1 else "down"}">{blocks}</div>', ground=ground
    )


def _block(one: One, view: View, context: Context, mode: str, *, several: bool) -> str:
    options = view.panel.options
    named = text(options.get("textMode"), "auto")
    name = one.title if named in {"name", "value_and_name"} or (named == "auto" and several) else ""
    value = one.shown.text if named not in {"name", "none"} else ""
    colour = one.shown.colour if mode == "value" else context.theme.text
    style = f"color:{colour}"
    if mode.startswith("background"):
        style = f"background:{one.shown.colour};color:{ink(one.shown.colour)}"
    length = max(_LEAST, sum(_width(letter) for letter in value))
    inner = f'<span class="name">{escape(name)}</span>' if name else ""
    if value:
        inner += f'<span class="value" style="--length:{length:.2f}">{_linked(one, escape(value), context)}</span>'
    if text(options.get("graphMode"), "area") == "area":
        inner += _spark(view, one, mode)
    return f'<div class="stat" style="{style}">{inner}</div>'


def _width(letter: str) -> float:
    """About how wide a letter is, in ems."""
    if letter in " .,:;'!|iljtfr":
        return 0.34
    return 0.72 if letter.isupper() or letter in "%mw" else 0.58


def _linked(one: One, inner: str, context: Context) -> str:
    if not one.look.links:
        return inner
    names = value_names(one.look, one.shown.text, one.raw, one.field.labels)
    names |= row_names(list(one.row), [str(value) for value in one.row.values()])
    return anchor(one.look.links[0], inner, context, names, "inherit")


def _spark(view: View, one: One, mode: str) -> str:
    """The series as a small area below the number; nothing where it is one sample."""
    frame = next((frame for frame in view.frames if one.field in frame.fields), None)
    time = next((column for column in frame.fields if column.kind == TIME), None) if frame else None
    if time is None or len(one.field.numbers()) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    points = [
        (then, value)
        for then, value in zip(time.values, one.field.values, strict=True)
        if isinstance(then, float) and isinstance(value, float) and value == value  # noqa: PLR0124 - not a number
    ]
    (first, last), heights = (points[0][0], points[-1][0]), [value for _, value in points]
    low, span = min(heights), (max(heights) - min(heights)) or 1.0
    line = " ".join(
        f"{(then - first) / ((last - first) or 1.0) * 100:.2f},{38 - (value - low) / span * 34:.2f}"
        for then, value in points
    )
    colour = "rgba(255,255,255,0.7)" if mode.startswith("background") else one.shown.colour
    return (
        '<svg class="spark" viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">'
        f'<polygon points="0,40 {line} 100,40" fill="{faded(colour, 0.2)}"/>'
        f'<polyline points="{line}" fill="none" stroke="{colour}" vector-effect="non-scaling-stroke"/></svg>'
    )


def bar_gauge(view: View, context: Context) -> Drawn:
    """A bar for each value, as long as its share of the range."""
    found = reduced.values(view, context)
    if not found:
        return nothing(view)
    low, high = _range(found)
    bars = "".join(_bar(one, low, high, context, several=len(found) > 1) for one in found)
    return Drawn(body=f'<div class="bars">{bars}</div>')


def _range(found: Sequence[One]) -> tuple[float, float]:
    numbers = [one.shown.number for one in found if one.shown.number is not None]
    low, high = found[0].look.bound("min"), found[0].look.bound("max")
    lowest = min([0.0, *numbers]) if low is None else low
    highest = max([*numbers, lowest + 1e-9]) if high is None else high
    return lowest, highest


def _bar(one: One, low: float, high: float, context: Context, *, several: bool) -> str:
    share = 0.0 if one.shown.number is None else min(1.0, max(0.0, (one.shown.number - low) / ((high - low) or 1.0)))
    name = f'<span class="name">{escape(one.title)}</span>' if several else ""
    value = _linked(one, escape(one.shown.text), context)
    fill = f"width:{share * 100:.2f}%;background:{faded(one.shown.colour, 0.55)};border-color:{one.shown.colour}"
    bar = f'<span class="track"><span class="fill" style="{fill}"></span></span>'
    return f'<div class="bar">{name}{bar}<span class="value" style="color:{one.shown.colour}">{value}</span></div>'


def words(view: View, context: Context) -> Drawn:
    """A text panel."""
    content = context.scope.fill(text(view.panel.options.get("content")), "text")
    mode = text(view.panel.options.get("mode"), "markdown")
    if mode == "markdown":
        return Drawn(body=f'<div class="words">{markdown.render(content, context.addresses)}</div>')
    return Drawn(body=f'<pre class="words">{escape(content)}</pre>')


def nothing(view: View) -> Drawn:
    """A panel without data."""
    return Drawn(body=f'<div class="nothing">{escape(view.panel.no_value)}</div>')


def transparent(view: View) -> bool:
    """Whether the panel has no ground of its own."""
    return truth(view.panel.raw.get("transparent"))
