"""Where every panel stands: repeated panels multiplied, and the board cut at its collapsed rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.dashboards.preview.board import COLUMNS, Grid, Panel
from tools.dashboards.preview.raw import number, text
from tools.dashboards.preview.variables import Scope


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One panel to be drawn, and what holds for it: a repeated one has a variable of its own."""

    panel: Panel
    scope: Scope

    @property
    def key(self) -> str:
        """A name for it, the same at every drawing."""
        return f"{self.panel.number}-{self.panel.grid.x}-{self.panel.grid.y}"


@dataclass(frozen=True, kw_only=True)
class Section:
    """Panels on one grid; below the head of a collapsed row, or in the open."""

    panels: Sequence[Placed]
    collapsed: Panel | None = None


def sections(panels: Sequence[Panel], scope: Scope) -> list[Section]:
    """The board as pieces, in order; an open row is a panel among the others."""
    found: list[Section] = []
    run: list[Panel] = []
    for panel in panels:
        if panel.kind == "row" and panel.collapsed:
            found += [Section(panels=placed(run, scope))] if run else []
            found.append(Section(panels=placed(panel.panels, scope), collapsed=panel))
            run = []
        else:
            run.append(panel)
    return [*found, Section(panels=placed(run, scope))] if run else found


def placed(panels: Sequence[Panel], scope: Scope) -> list[Placed]:
    """Panels from the first line on, each repeated as often as its variable has values."""
    top = min((panel.grid.y for panel in panels), default=0)
    found, pushed = list[Placed](), 0
    for panel in panels:
        copies = _copies(panel, scope)
        for grid, inner in copies:
            moved = replace(grid, y=grid.y - top + pushed)
            found.append(Placed(panel=replace(panel, grid=moved), scope=inner))
        pushed += max(grid.y + grid.h for grid, _ in copies) - panel.grid.y - panel.grid.h
    return found


def _copies(panel: Panel, scope: Scope) -> list[tuple[Grid, Scope]]:
    name = text(panel.raw.get("repeat"))
    value = scope.values.get(name)
    if value is None:
        return [(panel.grid, scope)]
    values = list(value.options if value.everything else value.values)
    down = panel.raw.get("repeatDirection") == "v"
    across = 1 if down else max(1, min(len(values), int(number(panel.raw.get("maxPerRow"), 4))))
    width = panel.grid.w if down else COLUMNS // across
    found = []
    for place, one in enumerate(values):
        grid = replace(
            panel.grid,
            x=panel.grid.x if down else place % across * width,
            y=panel.grid.y + place // across * panel.grid.h,
            w=width,
        )
        found.append((grid, scope.with_value(name, replace(value, values=[one], everything=False))))
    return found or [(panel.grid, scope)]
