"""The project's own payload files (``tests/payloads``) for tests: reading them, and spoiling one field of them."""

from __future__ import annotations

from pathlib import Path

from plimsoll.exchange.payload.scalars import parse

FOLDER = Path(__file__).parents[1] / "payloads"
MISSING = object()
"""As a value for ``changed``: the field is taken out."""


def payload(name: str) -> object:
    """The parsed file of that name."""
    return parse((FOLDER / f"{name}.json").read_bytes(), name)


def names(beginning: str) -> list[str]:
    """The names of all files that begin so."""
    return sorted(path.stem for path in FOLDER.glob(f"{beginning}*.json"))


def changed(json: object, path: tuple[str | int, ...], value: object) -> object:
    """A copy with another value, or none (``MISSING``), at the end of the path."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(json, list):
        return [changed(item, rest, value) if index == head else item for index, item in enumerate(json)]
    if not isinstance(json, dict):
        raise TypeError(f"nothing at {head!r}")
    if not rest and value is MISSING:
        return {key: item for key, item in json.items() if key != head}
    return {**json, head: changed(json.get(head), rest, value)}
