"""What of a dashboard the preview does not show as Grafana would; nothing is left out without a word.

Settings that change nothing in a picture (tooltips' order, filters in a table's head, the editor's own) are not named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tools.dashboards.preview import choices, looks, table, timeseries, transform
from tools.dashboards.preview.board import Board, Panel, read
from tools.dashboards.preview.draw import KINDS
from tools.dashboards.preview.raw import Json, at, items, mapping, number, objects, text
from tools.dashboards.preview.reduce import CALCS
from tools.dashboards.preview.units import known
from tools.dashboards.preview.variables import FORMAT_NAMES

_COLOURS = frozenset({"thresholds", "fixed", "shades", "palette-classic", "palette-classic-by-name"})
_DEFAULTS = frozenset({
    *("unit", "decimals", "min", "max", "noValue", "displayName", "thresholds", "mappings", "color", "links"),
    *("description", "custom", "filterable"),
})  # fmt: skip
_INERT_CUSTOM = frozenset({
    *("tooltip", "inspect", "filterable", "axisBorderShow", "axisColorMode", "axisGridShow", "gradientMode"),
    *("barAlignment", "barWidthFactor", "insertNulls", "wrapText", "wrapHeaderText", "footer", "showValues"),
})  # fmt: skip
_CUSTOM: Mapping[str, frozenset[str]] = {
    "timeseries": frozenset({
        *("drawStyle", "lineInterpolation", "lineWidth", "fillOpacity", "showPoints", "pointSize", "spanNulls"),
        *("lineStyle", "axisPlacement", "axisSoftMin", "axisSoftMax", "axisLabel", "stacking", "thresholdsStyle"),
        *("hideFrom", "scaleDistribution", "axisCenteredZero"),
    }),
    "table": frozenset({"align", "width", "minWidth", "hidden", "hideFrom", "cellOptions"}),
    "state-timeline": frozenset({"fillOpacity", "lineWidth", "spanNulls", "hideFrom"}),
    "stat": frozenset(),
    "bargauge": frozenset({"neutral"}),
}  # fmt: skip
_INERT_OPTIONS = frozenset(
    {"tooltip", "timezone", "frameIndex", "footer", "enablePagination", "perPage", "namePlacement"}
)
_OPTIONS: Mapping[str, frozenset[str]] = {
    "stat": frozenset({
        *("colorMode", "graphMode", "textMode", "orientation", "reduceOptions", "justifyMode", "wideLayout", "text"),
        *("showPercentChange", "percentChangeColorMode"),
    }),
    "bargauge": frozenset({
        *("displayMode", "orientation", "reduceOptions", "showUnfilled", "valueMode", "text", "sizing", "legend"),
        *("minVizHeight", "minVizWidth", "maxVizHeight"),
    }),
    "timeseries": frozenset({"legend"}),
    "table": frozenset({"showHeader", "cellHeight", "sortBy", "showTypeIcons"}),
    "state-timeline": frozenset({"mergeValues", "rowHeight", "showValue", "alignValue", "legend"}),
    "text": frozenset({"mode", "content", "code"}),
}  # fmt: skip
_ONLY: Mapping[tuple[str, str], frozenset[object]] = {
    ("stat", "showPercentChange"): frozenset({False, None}),
    ("bargauge", "orientation"): frozenset({"horizontal", "auto", None}),
    ("bargauge", "displayMode"): frozenset({"basic", "gradient", None}),
    ("table", "showTypeIcons"): frozenset({False, None}),
    ("text", "mode"): frozenset({"markdown", None}),
}
_ONLY_CUSTOM: Mapping[str, tuple[str, frozenset[object]]] = {
    "scaleDistribution": ("type", frozenset({"linear", None})),
    "stacking": ("mode", frozenset({"none", "normal", None})),
    "thresholdsStyle": ("mode", frozenset({"off", "line", "dashed", "area", "line+area", "dashed+area", None})),
    "lineStyle": ("fill", frozenset({*timeseries.STYLES, None})),
    "cellOptions": ("type", frozenset({*table.CELLS, None})),
}
_FORMAT = re.compile(r"\$\{(\w+):([^}]+)\}")


def unsupported(board: Board | Json) -> list[str]:
    """What the preview does not show as Grafana would, one sentence each; an empty list is what is wanted."""
    whole = board if isinstance(board, Board) else read(board)
    found = [f"variable {spec.name}: type {spec.kind!r}" for spec in whole.variables if spec.kind not in choices.KINDS]
    found += [
        f"variable {spec.name}: query {spec.query!r}"
        for spec in whole.variables
        if spec.kind == "query" and not re.match(r"\s*(label_values|query_result)\(", spec.query)
    ]
    found += [f"row {row.title!r}: repeat" for row in whole.panels if row.kind == "row" and row.raw.get("repeat")]
    for panel in whole.every_panel():
        found += [f"panel {panel.title!r}: {fault}" for fault in of_panel(panel)]
    return found


def of_panel(panel: Panel) -> list[str]:
    """The same of one panel."""
    if panel.kind not in KINDS:
        return [f"type {panel.kind!r}"]
    return list(dict.fromkeys([*_options(panel), *_transformations(panel), *_fields(panel), *_queries(panel)]))


def _options(panel: Panel) -> Iterator[str]:
    for name, value in panel.options.items():
        if name not in _OPTIONS[panel.kind] | _INERT_OPTIONS:
            yield f"option {name}"
        wanted = _ONLY.get((panel.kind, name))
        if wanted is not None and value not in wanted:
            yield f"option {name} = {value!r}"
    calcs = [*items(at(panel.options, "reduceOptions.calcs")), *items(at(panel.options, "legend.calcs"))]
    yield from (f"calculation {calc!r}" for calc in calcs if calc not in CALCS)


def _transformations(panel: Panel) -> Iterator[str]:
    for one in panel.transformations:
        name = text(one.get("id"))
        if name not in transform.SUPPORTED:
            yield f"transformation {name!r}"
        if name == "configFromData":
            keys = {text(entry.get("handlerKey")) for entry in objects(at(one, "options.mappings"))}
            yield from (f"configFromData to {key!r}" for key in sorted(keys - transform.CONFIG_KEYS))


def _fields(panel: Panel) -> Iterator[str]:
    yield from (f"field setting {name}" for name in panel.defaults if name not in _DEFAULTS)
    yield from _settings(panel, panel.defaults)
    for name, value in mapping(panel.defaults.get("custom")).items():
        yield from _custom(panel.kind, name, value)
    for override in panel.overrides:
        kind = text(at(override, "matcher.id"))
        if kind not in looks.MATCHERS:
            yield f"override by {kind!r}"
        for change in objects(override.get("properties")):
            name = text(change.get("id"))
            if name.startswith("custom."):
                yield from _custom(panel.kind, name.removeprefix("custom."), change.get("value"))
            elif name not in _DEFAULTS:
                yield f"override of {name}"
            else:
                yield from _settings(panel, {name: change.get("value")})


def _settings(panel: Panel, settings: Json) -> Iterator[str]:
    unit = text(settings.get("unit"))
    if unit and not known(unit):
        yield f"unit {unit!r}"
    mode = text(at(settings, "color.mode"), "thresholds")
    if mode not in _COLOURS and panel.kind != "text":
        yield f"colour mode {mode!r}"
    for one in objects(settings.get("mappings")):
        if text(one.get("type")) not in looks.MAPPING_KINDS:
            yield f"value mapping {one.get('type')!r}"


def _custom(kind: str, name: str, value: object) -> Iterator[str]:
    head = name.partition(".")[0]
    if head not in _CUSTOM.get(kind, frozenset()) | _INERT_CUSTOM:
        yield f"field setting custom.{name}"
    elif head in _ONLY_CUSTOM and isinstance(value, Mapping):
        inner, wanted = _ONLY_CUSTOM[head]
        if value.get(inner) not in wanted:
            yield f"field setting custom.{head}.{inner} = {value.get(inner)!r}"
    if head == "axisCenteredZero" and value is True:
        yield "field setting custom.axisCenteredZero"
    if head == "hideFrom" and number(value) is not None:
        yield f"field setting custom.hideFrom = {value!r}"


def _queries(panel: Panel) -> Iterator[str]:
    texts: Sequence[str] = [panel.title, *(target.expr for target in panel.targets)]
    for words in texts:
        yield from (f"format ${{{name}:{form}}}" for name, form in _FORMAT.findall(words) if form not in FORMAT_NAMES)
