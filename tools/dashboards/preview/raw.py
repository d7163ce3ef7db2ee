"""Reading Grafana's JSON, whose values may be anything, as the types that are expected of them.

A value of another type counts as absent; ``tools.dashboards.preview.unsupported`` says what is not understood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import overload

Json = Mapping[str, object]
"""An object of JSON, as read."""

EMPTY: Json = {}


def mapping(value: object) -> Json:
    """The value as an object; an empty one if it is none."""
    return {str(key): one for key, one in value.items()} if isinstance(value, Mapping) else EMPTY


def items(value: object) -> Sequence[object]:
    """The value as a list; an empty one if it is none."""
    return value if isinstance(value, list | tuple) else ()


def objects(value: object) -> Sequence[Json]:
    """The objects of a list."""
    return [mapping(one) for one in items(value) if isinstance(one, Mapping)]


def text(value: object, default: str = "") -> str:
    """The value as text."""
    return value if isinstance(value, str) else default


@overload
def number(value: object) -> float | None: ...
@overload
def number(value: object, default: float) -> float: ...
def number(value: object, default: float | None = None) -> float | None:
    """The value as a number, from text too, since Grafana writes some as text."""
    if isinstance(value, bool) or value is None:
        return default
    try:
        return float(str(value))
    except ValueError:
        return default


def truth(value: object, *, default: bool = False) -> bool:
    """The value as yes or no."""
    return value if isinstance(value, bool) else default


def at(value: object, path: str) -> object:
    """What stands at a dotted path; ``None`` where nothing does."""
    found: object = value
    for name in path.split("."):
        found = mapping(found).get(name)
    return found
