"""Material of reports as JSON and back: what a run of the real programs left, kept in ``tests/payloads/reports``.

Points of a curve that repeat on its grid are written once with how often.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from plimsoll.report.material import Curve, Material
from plimsoll.report.pictures import Point

FOLDER = Path(__file__).resolve().parents[1] / "payloads" / "reports"


def recorded(name: str) -> Material:
    """A recording."""
    material: Material = decoded(Material, json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
    return material


def keep(name: str, material: Material, folder: Path) -> Path:
    """Write a recording; ``folder`` is where the programs had their data, and is not part of it."""
    path = FOLDER / f"{name}.json"
    text = json.dumps(encoded(material, material.step), separators=(",", ":"), ensure_ascii=False)
    path.write_text(text.replace(str(folder), "data") + "\n", encoding="utf-8")
    return path


def encoded(value: object, step: float) -> Any:  # noqa: ANN401 - JSON of any shape
    """A value as JSON has it."""
    if isinstance(value, Curve):
        return {"name": value.name, "labels": dict(value.labels), "points": list(_packed(value.points, step))}
    if dataclasses.is_dataclass(value):
        return {one.name: encoded(getattr(value, one.name), step) for one in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [encoded(one, step) for one in value]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Decimal) else value


def decoded(kind: Any, found: Any) -> Any:  # noqa: ANN401 - any type, JSON of any shape
    """A value of a type, from JSON."""
    if kind is Curve:
        return Curve(name=found["name"], labels=found["labels"], points=tuple(_unpacked(found["points"])))
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: decoded(hints[name], part) for name, part in found.items()})
    if isinstance(kind, types.UnionType):
        return None if found is None else decoded(typing.get_args(kind)[0], found)
    if typing.get_origin(kind) is tuple:
        return tuple(decoded(typing.get_args(kind)[0], part) for part in found)
    if isinstance(kind, type) and issubclass(kind, Decimal | Enum | float):
        return kind(found)
    return found


def _packed(points: Iterable[Point], step: float) -> Iterator[list[Any]]:
    """Runs of equal values on the grid: time, value as text, how many, seconds apart."""
    run: list[Any] = []
    for time, value in points:
        text = None if value is None else str(value)
        if run and run[1] == text and abs(run[0] + run[2] * step - time) < 1e-6:
            run[2] += 1
            continue
        if run:
            yield run
        run = [time, text, 1, step]
    if run:
        yield run


def _unpacked(runs: Iterable[list[Any]]) -> Iterator[Point]:
    for time, text, count, step in runs:
        for number in range(count):
            yield round(time + number * step, 3), None if text is None else Decimal(text)
