"""From a series to one number, by Grafana's names of the ways (``lastNotNull``, ``max`` ...)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from statistics import fmean

from tools.dashboards.preview.frames import Cell, Field

_NUMBERS: Mapping[str, Callable[[list[float]], float]] = {
    "min": min,
    "max": max,
    "mean": fmean,
    "sum": sum,
    "range": lambda values: max(values) - min(values),
    "diff": lambda values: values[-1] - values[0],
    "delta": lambda values: sum(max(0.0, after - before) for before, after in pairwise(values)),
}
CALCS = frozenset({*_NUMBERS, "last", "lastNotNull", "first", "firstNotNull", "count"})
"""The ways that are understood."""

NAMES = {
    "lastNotNull": "Last *",
    "firstNotNull": "First *",
    "last": "Last",
    "first": "First",
    "min": "Min",
    "max": "Max",
    "mean": "Mean",
    "sum": "Total",
    "range": "Range",
    "diff": "Difference",
    "delta": "Delta",
    "count": "Count",
}
"""What legends call them."""


def reduce(one: Field, calc: str) -> Cell:
    """One value for a column; ``None`` where it has none."""
    numbers = one.numbers()
    if calc == "count":
        return float(len(one.values))
    if calc in {"last", "first"}:
        place = -1 if calc == "last" else 0
        return one.values[place] if one.values else None
    if calc in {"lastNotNull", "firstNotNull"}:
        present = [value for value in one.values if value is not None and value == value]  # noqa: PLR0124 - not a number
        return (present[-1] if calc == "lastNotNull" else present[0]) if present else None
    return _NUMBERS[calc](numbers) if numbers and calc in _NUMBERS else None
