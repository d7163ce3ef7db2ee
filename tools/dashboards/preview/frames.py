"""Tables of values between an answer of Prometheus and a panel: what Grafana calls frames and fields.

Nothing is formatted here. Times are milliseconds since 1970.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tools.dashboards.preview.board import Target
from tools.dashboards.preview.raw import Json, at, items, mapping, objects

Cell = float | str | None
TIME, NUMBER, STRING = "time", "number", "string"
_VERBOSE = "verbose"
_LABEL = re.compile(r"\{\{\s*(.+?)\s*\}\}")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column.

    Attributes:
        kind: ``time``, ``number`` or ``string``.
        title: Its name where the query gave it one.
    """

    name: str
    kind: str
    values: Sequence[Cell]
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str = ""

    def numbers(self) -> list[float]:
        """The values that are numbers."""
        return [one for one in self.values if isinstance(one, float) and not math.isnan(one)]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One table: columns of the same length, of the query ``ref``."""

    ref: str
    fields: Sequence[Field]

    @property
    def length(self) -> int:
        """Number of rows."""
        return len(self.fields[0].values) if self.fields else 0

    def titles(self) -> list[str]:
        """What the columns are called, each name once."""
        return unique([title_of(one) for one in self.fields])

    def rows(self) -> list[tuple[Cell, ...]]:
        """Row by row."""
        return list(zip(*(one.values for one in self.fields), strict=True))

    def with_values(self, columns: Sequence[Sequence[Cell]]) -> Frame:
        """The same columns with other values."""
        fields = [replace(one, values=list(values)) for one, values in zip(self.fields, columns, strict=True)]
        return replace(self, fields=fields)

    def with_rows(self, rows: Sequence[Sequence[Cell]]) -> Frame:
        """The same columns with other rows."""
        return self.with_values(list(zip(*rows, strict=True)) if rows else [[] for _ in self.fields])


def title_of(one: Field) -> str:
    """What a column is called: by its query, else by its name."""
    return one.title or one.name


def named(frames: Sequence[Frame]) -> list[Frame]:
    """Series that no legend names get Grafana's name: their one label where that tells them apart, else all labels."""
    labels = {key for frame in frames for one in frame.fields for key in one.labels}
    single = next(iter(labels)) if len(labels) == 1 else None

    def name(one: Field) -> Field:
        if one.title or not one.labels:
            return one
        told = ", ".join(f'{key}="{value}"' for key, value in sorted(one.labels.items()))
        return replace(one, title=one.labels.get(single, "") if single else f"{{{told}}}")

    return [replace(frame, fields=[name(one) for one in frame.fields]) for frame in frames]


def unique(names: Sequence[str]) -> list[str]:
    """Names that are there several times get a number behind them, as Grafana does."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(f"{name} {seen[name]}" if names.count(name) > 1 else name)
    return found


def legend(form: str, labels: Mapping[str, str]) -> str:
    """A legend with its labels filled in; nothing for what is missing."""
    if form == _VERBOSE:
        told = ", ".join(f'{key}="{value}"' for key, value in sorted(labels.items()) if key != "__name__")
        return labels.get("__name__", "") + (f"{{{told}}}" if told else "")
    return _LABEL.sub(lambda match: labels.get(match[1], ""), form)


def read_answer(target: Target, data: Json, *, several: bool) -> list[Frame]:
    """The frames of one query's answer.

    Args:
        target: The query.
        data: ``data`` of Prometheus's answer.
        several: Whether the panel has more queries than this one, which then tells their columns apart.
    """
    series = objects(data.get("result"))
    if data.get("resultType") == "scalar":
        series = [{"metric": {}, "value": data.get("result")}]
    if target.table:
        frame = _table(target, series, several=several)
        return [frame] if frame.length else []
    return [_series(target, one) for one in series]


def _labels(series: Json) -> dict[str, str]:
    return {key: str(value) for key, value in mapping(series.get("metric")).items()}


def _points(series: Json) -> list[tuple[float, float]]:
    pairs = items(series.get("values")) or ([series["value"]] if "value" in series else [])
    return [(float(str(items(pair)[0])) * 1000, float(str(items(pair)[1]))) for pair in pairs]


def _series(target: Target, series: Json) -> Frame:
    labels, points = _labels(series), _points(series)
    title = "" if target.legend == "__auto" else legend(target.legend or _VERBOSE, labels)
    if not labels and target.legend in {"", "__auto"}:
        title = target.expr
    return Frame(
        ref=target.ref,
        fields=[
            Field(name="Time", kind=TIME, values=[then for then, _ in points]),
            Field(name="Value", kind=NUMBER, values=[value for _, value in points], labels=labels, title=title),
        ],
    )


def _table(target: Target, series: Sequence[Json], *, several: bool) -> Frame:
    rows = [(_labels(one), point) for one in series for point in _points(one)]
    names = sorted({name for labels, _ in rows for name in labels})
    columns = [Field(name=name, kind=STRING, values=[labels.get(name, "") for labels, _ in rows]) for name in names]
    value = f"Value #{target.ref}" if several else "Value"
    return Frame(
        ref=target.ref,
        fields=[
            Field(name="Time", kind=TIME, values=[point[0] for _, point in rows]),
            *columns,
            Field(name=value, kind=NUMBER, values=[point[1] for _, point in rows]),
        ],
    )


def result_of(answer: Json) -> Json:
    """``data`` of an answer of Prometheus's API."""
    return mapping(at(answer, "data"))
