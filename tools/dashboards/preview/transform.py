"""Grafana's transformations, as far as our dashboards use them: from frames to frames.

One that is not here is named by ``unsupported`` and on the panel.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tools.dashboards.preview.board import Panel
from tools.dashboards.preview.frames import NUMBER, STRING, TIME, Cell, Field, Frame, title_of
from tools.dashboards.preview.looks import pattern
from tools.dashboards.preview.raw import Json, at, items, mapping, number, objects, text, truth
from tools.dashboards.preview.reduce import reduce

Settings = Mapping[tuple[int, int], Json]


@dataclass(frozen=True, kw_only=True)
class Data:
    """What a panel shows.

    Attributes:
        settings: What the data itself says of how a field is shown, by frame and field.
    """

    frames: Sequence[Frame]
    settings: Settings = field(default_factory=dict)


def transformed(panel: Panel, frames: Sequence[Frame]) -> Data:
    """The frames after all transformations of a panel that are understood and switched on."""
    data = Data(frames=frames)
    for one in panel.transformations:
        name, options = text(one.get("id")), mapping(one.get("options"))
        if truth(one.get("disabled")) or name not in SUPPORTED:
            continue
        wanted = text(at(one, "filter.options")) if one.get("filter") else ""
        if name == "configFromData":
            data = _config_from_data(data, options)
        else:
            chosen = [frame for frame in data.frames if not wanted or pattern(wanted).search(frame.ref)]
            rest = [frame for frame in data.frames if frame not in chosen]
            data = Data(frames=[*SUPPORTED[name](chosen, options), *rest])
    return data


def merge(frames: Sequence[Frame], _options: Json) -> list[Frame]:
    """One table of all: rows that agree in what all tables have become one, unless they contradict each other."""
    full = [frame for frame in frames if frame.fields]
    if len(full) <= 1:
        return list(full)
    columns: dict[str, Field] = {}
    for frame in full:
        for one, title in zip(frame.fields, frame.titles(), strict=True):
            columns.setdefault(title, replace(one, name=title, title="", labels={}))
    common = [name for name in columns if all(name in frame.titles() for frame in full)]
    rows: dict[tuple[Cell, ...], list[dict[str, Cell]]] = {}
    for frame in full:
        for values in frame.rows():
            row = dict(zip(frame.titles(), values, strict=True))
            same = rows.setdefault(tuple(row[name] for name in common), [])
            fitting = next((one for one in same if _agree(one, row)), None)
            if fitting is None:
                same.append(row)
            else:
                fitting.update(row)
    flat = [row for same in rows.values() for row in same]
    fields = [replace(one, values=[row.get(name) for row in flat]) for name, one in columns.items()]
    return [Frame(ref="merge", fields=fields)]


def _agree(one: Mapping[str, Cell], other: Mapping[str, Cell]) -> bool:
    return all(one.get(key, value) == value for key, value in other.items())


def organize(frames: Sequence[Frame], options: Json) -> list[Frame]:
    """Columns left out, ordered and renamed."""
    excluded, included = mapping(options.get("excludeByName")), mapping(options.get("includeByName"))
    order, names = mapping(options.get("indexByName")), mapping(options.get("renameByName"))

    def one_frame(frame: Frame) -> Frame:
        kept = [
            (title, one)
            for title, one in zip(frame.titles(), frame.fields, strict=True)
            if not excluded.get(title) and (not included or included.get(title))
        ]
        if order:
            kept.sort(key=lambda pair: number(order.get(pair[0]), math.inf))
        return replace(frame, fields=[_renamed(one, text(names.get(title)) or "") for title, one in kept])

    return [one_frame(frame) for frame in frames]


def _renamed(one: Field, name: str) -> Field:
    return replace(one, name=name, title=name, labels={}) if name else one


def join_by_field(frames: Sequence[Frame], options: Json) -> list[Frame]:
    """One table with a row for each value of one column, from all tables that have it."""
    name = text(options.get("byField"))
    inner = options.get("mode") == "inner"
    joinable = [frame for frame in frames if (name in frame.titles() if name else frame.fields)]
    if len(joinable) <= 1:
        return list(joinable)
    keyed = []
    for frame in joinable:
        place = frame.titles().index(name) if name else 0
        keyed.append((place, frame, {row[place]: row for row in reversed(frame.rows())}))
    keys: list[Cell] = list(dict.fromkeys(key for _, frame, _ in keyed for key in _column(frame, name)))
    if inner:
        keys = [key for key in keys if all(key in rows for _, _, rows in keyed)]
    if keyed[0][1].fields[keyed[0][0]].kind == TIME:
        keys.sort(key=lambda key: key if isinstance(key, float) else 0.0)
    first_place, first, _ = keyed[0]
    fields = [replace(first.fields[first_place], values=keys)]
    for place, frame, rows in keyed:
        for column, one in enumerate(frame.fields):
            if column != place:
                fields.append(replace(one, values=[rows[key][column] if key in rows else None for key in keys]))
    return [Frame(ref=f"joinByField-{'-'.join(frame.ref for frame in joinable)}", fields=fields)]


def _column(frame: Frame, name: str) -> Sequence[Cell]:
    return frame.fields[frame.titles().index(name) if name else 0].values


def labels_to_fields(frames: Sequence[Frame], options: Json) -> list[Frame]:
    """Labels become columns, or rows where that is asked for."""
    kept = {text(name) for name in items(options.get("keepLabels"))}
    value_label = text(options.get("valueLabel"))
    found = []
    for frame in frames:
        fields: list[Field] = [one for one in frame.fields if not one.labels]
        for one in (one for one in frame.fields if one.labels):
            chosen = {key: value for key, value in one.labels.items() if not kept or key in kept}
            if options.get("mode") == "rows":
                found.append(_label_rows(frame, chosen))
                continue
            fields += [
                Field(name=key, kind=STRING, values=[value] * frame.length)
                for key, value in sorted(chosen.items())
                if key != value_label
            ]
            fields.append(replace(one, name=one.labels.get(value_label) or title_of(one), title="", labels={}))
        if options.get("mode") != "rows":
            found.append(replace(frame, fields=fields))
    return found if options.get("mode") == "rows" else merge(found, {})


def _label_rows(frame: Frame, labels: Mapping[str, str]) -> Frame:
    names, values = sorted(labels), [labels[key] for key in sorted(labels)]
    return Frame(
        ref=frame.ref,
        fields=[Field(name="label", kind=STRING, values=names), Field(name="value", kind=STRING, values=values)],
    )


def series_to_rows(frames: Sequence[Frame], _options: Json) -> list[Frame]:
    """All series below one another: time, name of the series, value; the newest first."""
    rows: list[tuple[Cell, Cell, Cell]] = []
    for frame in frames:
        time = next((one for one in frame.fields if one.kind == TIME), None)
        for one in frame.fields:
            if one.kind == NUMBER and time is not None:
                rows += [(then, title_of(one), value) for then, value in zip(time.values, one.values, strict=True)]
    rows.sort(key=lambda row: row[0] if isinstance(row[0], float) else 0.0, reverse=True)
    heads = (("Time", TIME), ("Metric", STRING), ("Value", NUMBER))
    columns: list[list[Cell]] = [[row[place] for row in rows] for place in range(3)]
    fields = [Field(name=name, kind=kind, values=values) for (name, kind), values in zip(heads, columns, strict=True)]
    return [Frame(ref="A", fields=fields)]


def filter_fields(frames: Sequence[Frame], options: Json) -> list[Frame]:
    """Only the columns that are named, or that are not."""

    def named(setting: Json, title: str) -> bool:
        names, written = items(setting.get("names")), text(setting.get("pattern"))
        return title in names or bool(written and pattern(written).search(title))

    include, exclude = mapping(options.get("include")), mapping(options.get("exclude"))

    def kept(title: str) -> bool:
        return (not include or named(include, title)) and not (exclude and named(exclude, title))

    return [
        replace(frame, fields=[one for one, title in zip(frame.fields, frame.titles(), strict=True) if kept(title)])
        for frame in frames
    ]


def sort_by(frames: Sequence[Frame], options: Json) -> list[Frame]:
    """Rows in the order of a column."""
    wanted = objects(options.get("sort"))
    if not wanted:
        return list(frames)
    name, down = text(wanted[0].get("field")), truth(wanted[0].get("desc"))
    return [sorted_frame(frame, name, descending=down) for frame in frames]


def sorted_frame(frame: Frame, title: str, *, descending: bool) -> Frame:
    """A table in the order of a column; what has no value there comes last."""
    if title not in frame.titles():
        return frame
    place, rows = frame.titles().index(title), frame.rows()

    def absent(row: tuple[Cell, ...]) -> bool:
        value = row[place]
        return value is None or (isinstance(value, float) and math.isnan(value))

    def order(row: tuple[Cell, ...]) -> tuple[float, str]:
        value = row[place]
        return (value, "") if isinstance(value, float) else (0.0, str(value))

    present = sorted((row for row in rows if not absent(row)), key=order, reverse=descending)
    return frame.with_rows([*present, *(row for row in rows if absent(row))])


def rename_by_regex(frames: Sequence[Frame], options: Json) -> list[Frame]:
    """Columns renamed by a pattern."""
    wanted, put = pattern(text(options.get("regex"))), re.sub(r"\$(\d)", r"\\\1", text(options.get("renamePattern")))

    def rename(one: Field) -> Field:
        title = title_of(one)
        return replace(one, title=wanted.sub(put, title)) if wanted.search(title) and one.kind != TIME else one

    return [replace(frame, fields=[rename(one) for one in frame.fields]) for frame in frames]


def limit(frames: Sequence[Frame], options: Json) -> list[Frame]:
    """The first rows only."""
    most = int(number(options.get("limitField")) or 10)
    return [frame.with_rows(frame.rows()[:most]) for frame in frames]


def grouping_to_matrix(frames: Sequence[Frame], options: Json) -> list[Frame]:
    """A row for each value of one column, a column for each value of another."""
    down, across = text(options.get("rowField")), text(options.get("columnField"))
    titles = frames[0].titles() if len(frames) == 1 else []
    value = text(options.get("valueField"))
    if not {down, across, value} <= set(titles):
        return list(frames)
    places = [titles.index(name) for name in (down, across, value)]
    cells = {(row[places[0]], row[places[1]]): row[places[2]] for row in frames[0].rows()}
    rows, heads = (list(dict.fromkeys(frames[0].fields[place].values)) for place in places[:2])
    empty: Cell = None if text(options.get("emptyValue"), "empty") == "null" else ""
    kind = frames[0].fields[places[2]].kind
    fields = [Field(name=f"{down}\\{across}", kind=STRING, values=rows)]
    fields += [
        Field(name=str(head), kind=kind, values=[cells.get((row, head), empty) for row in rows]) for head in heads
    ]
    return [Frame(ref=frames[0].ref, fields=fields)]


def _config_from_data(data: Data, options: Json) -> Data:
    """Settings of the fields from another query's values, which is then shown no more."""
    ref = text(options.get("configRefId"))
    source = next((frame for frame in data.frames if frame.ref == ref and frame.length), None)
    if source is None:
        return data
    brought: dict[str, object] = {}
    titles = dict(zip(source.titles(), source.fields, strict=True))
    for one in objects(options.get("mappings")):
        found = titles.get(text(one.get("fieldName")))
        if found is None:
            continue
        value = reduce(found, text(one.get("reducerId"), "lastNotNull"))
        key = text(one.get("handlerKey"))
        if key == "threshold1" and isinstance(value, float):
            colour = text(at(one, "handlerArguments.threshold.color"), "red")
            steps = [{"value": None, "color": "green"}, {"value": value, "color": colour}]
            brought["thresholds"] = {"mode": "absolute", "steps": steps}
        elif value is not None and key not in {"threshold1", "__ignore"}:
            brought[key] = value
    frames = [frame for frame in data.frames if frame.ref != ref]
    settings = {
        (place, column): {**data.settings.get((place, column), {}), **brought}
        for place, frame in enumerate(frames)
        for column, one in enumerate(frame.fields)
        if one.kind == NUMBER
    }
    return Data(frames=frames, settings=settings)


SUPPORTED: Mapping[str, Callable[[Sequence[Frame], Json], list[Frame]]] = {
    "merge": merge,
    "organize": organize,
    "joinByField": join_by_field,
    "labelsToFields": labels_to_fields,
    "seriesToRows": series_to_rows,
    "filterFieldsByName": filter_fields,
    "sortBy": sort_by,
    "renameByRegex": rename_by_regex,
    "limit": limit,
    "groupingToMatrix": grouping_to_matrix,
    "configFromData": lambda frames, _options: list(frames),
}
"""The transformations that are understood, by Grafana's name."""

CONFIG_KEYS = frozenset({"threshold1", "min", "max", "decimals", "unit", "displayName", "noValue", "__ignore"})
"""What a field's settings may take from another query."""
