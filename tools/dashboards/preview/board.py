"""A dashboard as Grafana's classic JSON tells it, in the preview's own types; nothing here asks or draws anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tools.dashboards.preview.raw import Json, at, items, mapping, number, objects, text, truth

UNIT = 30
"""Height of one unit of Grafana's grid, in pixels."""

GAP = 8
"""Between two panels, in pixels."""

COLUMNS = 24
"""Width of Grafana's grid."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A panel's place on the grid."""

    x: int
    y: int
    w: int
    h: int

    @property
    def height(self) -> int:
        """In pixels."""
        return self.h * UNIT + max(0, self.h - 1) * GAP


@dataclass(frozen=True, kw_only=True)
class Target:
    """One query of a panel.

    Attributes:
        table: Wanted as rows rather than as series.
    """

    ref: str
    expr: str
    legend: str
    instant: bool
    table: bool
    interval: str
    hidden: bool


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel; ``raw`` is all that its JSON says.

    Attributes:
        panels: The panels of a row that is collapsed.
    """

    number: int
    kind: str
    title: str
    description: str
    grid: Grid
    targets: Sequence[Target]
    raw: Json
    panels: Sequence[Panel] = ()
    collapsed: bool = False

    @property
    def options(self) -> Json:
        """What is set for this kind of panel."""
        return mapping(self.raw.get("options"))

    @property
    def defaults(self) -> Json:
        """How fields are shown unless an override says otherwise."""
        return mapping(at(self.raw, "fieldConfig.defaults"))

    @property
    def overrides(self) -> Sequence[Json]:
        """How some fields are shown."""
        return objects(at(self.raw, "fieldConfig.overrides"))

    @property
    def transformations(self) -> Sequence[Json]:
        """What is done with the answers before they are shown."""
        return objects(self.raw.get("transformations"))

    @property
    def links(self) -> Sequence[Json]:
        """Links of the panel as a whole."""
        return objects(self.raw.get("links"))

    @property
    def no_value(self) -> str:
        """What stands where there is nothing to show."""
        return text(self.defaults.get("noValue")) or "No data"


@dataclass(frozen=True, kw_only=True)
class VariableSpec:
    """A variable as the dashboard defines it."""

    name: str
    kind: str
    label: str
    hidden: bool
    query: str
    regex: str
    multi: bool
    include_all: bool
    all_value: str
    sort: int
    current: Sequence[str]
    options: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """A query whose samples are drawn as marks over the plots."""

    name: str
    expr: str
    colour: str
    title: str
    text: str
    tags: Sequence[str]
    step: str


@dataclass(frozen=True, kw_only=True)
class Board:
    """A whole dashboard; ``raw`` is all that its JSON says."""

    uid: str
    title: str
    description: str
    zone: str
    refresh: str
    begin: str
    end: str
    tags: Sequence[str]
    variables: Sequence[VariableSpec]
    annotations: Sequence[Annotation]
    links: Sequence[Json]
    panels: Sequence[Panel]
    raw: Json

    def every_panel(self) -> Sequence[Panel]:
        """All panels, those of collapsed rows among them, rows themselves not."""
        flat = [one for panel in self.panels for one in (panel, *panel.panels)]
        return [panel for panel in flat if panel.kind != "row"]


def load(path: Path) -> Board:
    """The dashboard in a file."""
    return read(mapping(json.loads(path.read_text(encoding="utf-8"))))


def read(raw: Json) -> Board:
    """The dashboard that JSON describes."""
    return Board(
        uid=text(raw.get("uid")),
        title=text(raw.get("title")),
        description=text(raw.get("description")),
        zone=text(raw.get("timezone"), "browser") or "browser",
        refresh=text(raw.get("refresh")),
        begin=text(at(raw, "time.from"), "now-6h"),
        end=text(at(raw, "time.to"), "now"),
        tags=[text(tag) for tag in items(raw.get("tags"))],
        variables=[_variable(one) for one in objects(at(raw, "templating.list"))],
        annotations=[
            _annotation(one)
            for one in objects(at(raw, "annotations.list"))
            if truth(one.get("enable"), default=True) and not truth(one.get("builtIn")) and one.get("builtIn") != 1
        ],
        links=objects(raw.get("links")),
        panels=_panels(objects(raw.get("panels"))),
        raw=raw,
    )


def _panels(raws: Sequence[Json]) -> Sequence[Panel]:
    """In reading order, each below an open row given to no row: Grafana keeps those side by side with it."""
    panels = [_panel(raw) for raw in raws]
    return sorted(panels, key=lambda panel: (panel.grid.y, panel.grid.x))


def _panel(raw: Json) -> Panel:
    grid = mapping(raw.get("gridPos"))
    panel = Panel(
        number=int(number(raw.get("id")) or 0),
        kind=text(raw.get("type")),
        title=text(raw.get("title")),
        description=text(raw.get("description")),
        grid=Grid(**{key: int(number(grid.get(key)) or 0) for key in "xywh"}),
        targets=[_target(one) for one in objects(raw.get("targets"))],
        raw=raw,
    )
    if panel.kind != "row":
        return panel
    return replace(panel, panels=_panels(objects(raw.get("panels"))), collapsed=truth(raw.get("collapsed")))


def _target(raw: Json) -> Target:
    return Target(
        ref=text(raw.get("refId"), "A"),
        expr=text(raw.get("expr")),
        legend=text(raw.get("legendFormat")),
        instant=truth(raw.get("instant")),
        table=raw.get("format") == "table",
        interval=text(raw.get("interval")),
        hidden=truth(raw.get("hide")),
    )


def _variable(raw: Json) -> VariableSpec:
    query, current = raw.get("query"), at(raw, "current.value")
    return VariableSpec(
        name=text(raw.get("name")),
        kind=text(raw.get("type")),
        label=text(raw.get("label")) or text(raw.get("name")),
        hidden=raw.get("hide") in {2, "hideVariable"},
        query=query if isinstance(query, str) else text(mapping(query).get("query")),
        regex=text(raw.get("regex")),
        multi=truth(raw.get("multi")),
        include_all=truth(raw.get("includeAll")),
        all_value=text(raw.get("allValue")),
        sort=int(number(raw.get("sort")) or 0),
        current=[current] if isinstance(current, str) else [text(one) for one in items(current)],
        options=[text(one.get("value")) for one in objects(raw.get("options"))],
    )


def _annotation(raw: Json) -> Annotation:
    keys = raw.get("tagKeys")
    return Annotation(
        name=text(raw.get("name")),
        expr=text(raw.get("expr")) or text(at(raw, "target.expr")),
        colour=text(raw.get("iconColor"), "blue"),
        title=text(raw.get("titleFormat")),
        text=text(raw.get("textFormat")),
        tags=[key.strip() for key in text(keys).split(",") if key.strip()],
        step=text(raw.get("step")),
    )
