"""Which values the variables of a dashboard can take and have, from Prometheus and from what was asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tools.dashboards.preview.board import Board, VariableSpec
from tools.dashboards.preview.looks import pattern
from tools.dashboards.preview.raw import Json, items, mapping, text
from tools.dashboards.preview.source import Prometheus
from tools.dashboards.preview.times import Range
from tools.dashboards.preview.variables import ALL, Scope, Value

KINDS = frozenset({"datasource", "query", "custom", "constant", "textbox", "interval"})
"""The kinds of variables that are understood."""

_LABEL_VALUES = re.compile(r"label_values\(\s*(?:(?P<selector>.+?)\s*,\s*)?(?P<label>[a-zA-Z_]\w*)\s*\)", re.DOTALL)
_RESULT = re.compile(r"query_result\((?P<expr>.*)\)", re.DOTALL)


def values(board: Board, asked: Mapping[str, Sequence[str]], source: Prometheus, times: Range) -> dict[str, Value]:
    """The value of every variable, each after those that it depends on.

    Args:
        board: The dashboard.
        asked: Values by name, as an address gives them.
        source: Prometheus.
        times: Of which the values are wanted.

    Raises:
        SourceError: Prometheus gave no answer.
    """
    found: dict[str, Value] = {}
    for spec in board.variables:
        options = _options(spec, Scope(values=found), source, times)
        found[spec.name] = chosen(spec, options, asked.get(spec.name, ()))
    return found


def _options(spec: VariableSpec, scope: Scope, source: Prometheus, times: Range) -> list[str]:
    if spec.kind == "query":
        return _asked(spec, scope, source, times)
    if spec.kind == "datasource":
        return [*spec.current] or ["prometheus"]
    if spec.kind in {"custom", "interval"}:
        return [one.split(" : ")[-1].strip() for one in spec.query.split(",")]
    return [scope.fill(spec.query)]


def _asked(spec: VariableSpec, scope: Scope, source: Prometheus, times: Range) -> list[str]:
    query = scope.query(spec.query).strip()
    if match := _LABEL_VALUES.fullmatch(query):
        raw = source.label_values(match["label"], match["selector"] or "", times.begin, times.end)
    elif match := _RESULT.fullmatch(query):
        raw = [_told(one) for one in source.query_result(match["expr"], times.end)]
    else:
        raw = []
    return ordered([one for one in (_matched(spec.regex, value) for value in raw) if one], spec.sort)


def _told(series: Json) -> str:
    labels = mapping(series.get("metric"))
    inner = ",".join(f'{key}="{value}"' for key, value in labels.items() if key != "__name__")
    value, then = [str(one) for one in reversed(items(series.get("value")))]
    return f"{text(labels.get('__name__'))}{{{inner}}} {value} {float(then) * 1000:.0f}"


def _matched(regex: str, value: str) -> str:
    if not regex:
        return value
    match = pattern(regex).search(value)
    return (match[1] if match.groups() else match[0]) if match else ""


def ordered(options: Sequence[str], sort: int) -> list[str]:
    """Values each once, in Grafana's order of that number."""
    unique = list(dict.fromkeys(options))
    down = sort % 2 == 0
    if sort in {1, 2}:
        return sorted(unique, reverse=down)
    if sort in {3, 4}:
        return sorted(unique, key=lambda one: float((re.findall(r"\d+", one) or ["-1"])[0]), reverse=down)
    return sorted(unique, key=str.lower, reverse=down) if sort in {5, 6, 7, 8} else unique


def chosen(spec: VariableSpec, options: Sequence[str], asked: Sequence[str]) -> Value:
    """What a variable stands for: what was asked for, else what was saved, else all, else the first."""
    wanted = [one for one in (asked or spec.current) if one]
    everything = spec.include_all and (not wanted or bool({ALL, "All"} & set(wanted)))
    if not asked and spec.kind == "query":
        wanted = [one for one in wanted if one in options]
        everything = spec.include_all and not wanted
    values = [one for one in wanted if one not in {ALL, "All"}] or list(options[:1])
    return Value(
        values=values if spec.multi else values[:1],
        options=options,
        everything=everything,
        all_value=spec.all_value,
        many=spec.multi or spec.include_all,
    )
