"""Table panels: which cells they print, and the same as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.dashboards.preview.colours import faded, ink
from tools.dashboards.preview.context import Context, Drawn, View, anchor, escape, row_names, value_names
from tools.dashboards.preview.figures import nothing
from tools.dashboards.preview.frames import NUMBER, Cell, Field
from tools.dashboards.preview.looks import Look, Shown, shown
from tools.dashboards.preview.raw import at, number, objects, text, truth
from tools.dashboards.preview.transform import sorted_frame

CELLS = frozenset({"", "auto", "color-text", "color-background", "gauge"})
"""The kinds of cells that are understood."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column that is to be seen, in the order of the rows."""

    field: Field
    look: Look
    cells: Sequence[Shown]

    @property
    def kind(self) -> str:
        """How its cells are drawn."""
        return text(at(self.look.custom, "cellOptions.type"), "auto")

    @property
    def align(self) -> str:
        """Numbers stand right unless something else is set."""
        wanted = text(self.look.custom.get("align"), "auto")
        return wanted if wanted in {"left", "center", "right"} else "right" if self.field.kind == NUMBER else "left"


def columns(view: View, context: Context) -> list[Column]:
    """What the table prints: the columns of its frame, sorted, without those that are hidden."""
    if not view.frames:
        return []
    frame, looks = view.frames[0], view.looks[0]
    titles = [look.title for look in looks]
    for wanted in reversed(objects(view.panel.options.get("sortBy"))):
        name = text(wanted.get("displayName"))
        if name in titles:
            title = frame.titles()[titles.index(name)]
            frame = sorted_frame(frame, title, descending=truth(wanted.get("desc")))
    found = []
    for one, look in zip(frame.fields, looks, strict=True):
        if truth(look.custom.get("hidden")) or truth(at(look.custom, "hideFrom.viz")):
            continue
        cells = [shown(value, one, look, context.theme, context.moment) for value in one.values]
        found.append(Column(field=one, look=look, cells=cells))
    return found


def table(view: View, context: Context) -> Drawn:
    """A table."""
    found = columns(view, context)
    if not found or not found[0].cells:
        return nothing(view)
    ranges = [_range(column) for column in found]
    lines = []
    for place in range(len(found[0].cells)):
        names = row_names(
            [column.look.title for column in found], [_raw(column.field.values[place]) for column in found]
        )
        lines.append(
            "<tr>"
            + "".join(_cell(one, place, names, span, context) for one, span in zip(found, ranges, strict=True))
            + "</tr>"
        )
    head = "".join(_head(column) for column in found)
    shown_head = f"<thead><tr>{head}</tr></thead>" if truth(view.panel.options.get("showHeader"), default=True) else ""
    size = text(view.panel.options.get("cellHeight"), "sm")
    frames = f'<p class="fault">1 of {len(view.frames)} tables shown</p>' if len(view.frames) > 1 else ""
    body = f'<table class="grid {escape(size)}">{shown_head}<tbody>{"".join(lines)}</tbody></table>'
    label = f'class="scroll" tabindex="0" role="region" aria-label="Rows of {escape(view.panel.title)}"'
    return Drawn(body=f"{frames}<div {label}>{body}</div>")


def _head(column: Column) -> str:
    width, least = number(column.look.custom.get("width")), number(column.look.custom.get("minWidth"), 0)
    style = f"text-align:{column.align}" + (f";width:{width:g}px" if width else "")
    style += f";min-width:{least:g}px" if least else ""
    about = text(column.look.settings.get("description"))
    title = f' title="{escape(about)}"' if about else ""
    return f'<th scope="col" style="{style}"{title}>{escape(column.look.title)}</th>'


def _cell(column: Column, place: int, names: dict[str, str], span: tuple[float, float], context: Context) -> str:
    one, value = column.cells[place], column.field.values[place]
    inner = escape(one.text)
    if column.look.links and one.text:
        more = names | value_names(column.look, one.text, value, column.field.labels)
        inner = anchor(
            column.look.links[0], inner, context, more, "inherit" if column.kind == "color-background" else "link"
        )
    style = f"text-align:{column.align}"
    if column.kind == "color-background" and one.text:
        style += f";background:{one.colour};color:{ink(one.colour)}"
    if column.kind == "color-text":
        style += f";color:{one.colour}"
    if column.kind == "gauge" and one.number is not None:
        inner = _gauge(one, inner, span, text(at(column.look.custom, "cellOptions.valueDisplayMode"), "color"), context)
    return f'<td style="{style}">{inner}</td>'


def _gauge(one: Shown, inner: str, span: tuple[float, float], mode: str, context: Context) -> str:
    low, high = span
    share = min(1.0, max(0.0, ((one.number or 0.0) - low) / ((high - low) or 1.0)))
    fill = f"width:{share * 100:.2f}%;background:{faded(one.colour, 0.55)};border-color:{one.colour}"
    colour = one.colour if mode == "color" else context.theme.text
    value = "" if mode == "hidden" else f'<span class="value" style="color:{colour}">{inner}</span>'
    return f'<span class="bar"><span class="track"><span class="fill" style="{fill}"></span></span>{value}</span>'


def _range(column: Column) -> tuple[float, float]:
    numbers = column.field.numbers()
    low, high = column.look.bound("min"), column.look.bound("max")
    lowest = min([0.0, *numbers]) if low is None else low
    return lowest, max([lowest, *numbers]) if high is None else high


def _raw(value: Cell) -> str:
    return f"{value:.15g}" if isinstance(value, float) else value or ""
