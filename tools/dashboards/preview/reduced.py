"""Panels that print one value for each series: which values those are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tools.dashboards.preview.context import Context, View
from tools.dashboards.preview.frames import NUMBER, TIME, Cell, Field
from tools.dashboards.preview.looks import Look, Shown, pattern, shown
from tools.dashboards.preview.raw import at, items, number, text, truth
from tools.dashboards.preview.reduce import reduce


@dataclass(frozen=True, kw_only=True)
class One:
    """One value of a panel."""

    title: str
    shown: Shown
    raw: Cell
    field: Field
    look: Look
    row: Mapping[str, Cell]


def values(view: View, context: Context) -> list[One]:
    """The values that a stat panel or a bar gauge shows, in order."""
    options = at(view.panel.options, "reduceOptions")
    wanted = text(at(options, "fields"))
    every_row, most = truth(at(options, "values")), int(number(at(options, "limit"), 25))
    calc = next((text(one) for one in items(at(options, "calcs"))), "lastNotNull")
    found = []
    for one, look, row_of in _fields(view, wanted):
        cells = one.values[:most] if every_row else [reduce(one, calc)] if one.values else []
        for place, value in enumerate(cells):
            printed = shown(value, one, look, context.theme, context.moment)
            row = row_of(place if every_row else -1)
            found.append(One(title=look.title, shown=printed, raw=value, field=one, look=look, row=row))
    return found


class _Row:
    """The other columns' values beside one."""

    def __init__(self, titles: list[str], fields: list[Field]) -> None:
        self._titles, self._fields = titles, fields

    def __call__(self, place: int) -> dict[str, Cell]:
        return {title: one.values[place] for title, one in zip(self._titles, self._fields, strict=True) if one.values}


def _fields(view: View, wanted: str) -> Iterator[tuple[Field, Look, _Row]]:
    for frame, looks in zip(view.frames, view.looks, strict=True):
        row = _Row([look.title for look in looks], list(frame.fields))
        for one, look in zip(frame.fields, looks, strict=True):
            chosen = bool(pattern(wanted).search(look.title)) if wanted else one.kind == NUMBER
            if chosen and (one.kind != TIME or wanted not in {"", "/.*/"}):
                yield one, look, row
