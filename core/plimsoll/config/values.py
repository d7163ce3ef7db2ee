"""Kinds of single values that are counted or chosen: numbers, shares, durations, switches, words.

A number is a plain decimal, nothing else: YAML's octals, hexadecimals, sexagesimals, underscores and infinities are
refused, and so is a number in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from plimsoll.config.reading import Schema, Value, Wrong
from plimsoll.config.tree import Form, Scalar
from plimsoll.text import shortened

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,8})")
_TRAPS = (
    (re.compile(r"[-+]?0[0-9_]+"), "which YAML reads as an octal number"),
    (re.compile(r"[-+]?0[xXbB].*"), "which is not a decimal number"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-9]+)+(\.[0-9]*)?"), "which YAML reads in base 60"),
    (re.compile(r"[-+]?\.?(inf|nan)", re.IGNORECASE), "which is not finite"),
    (re.compile(r"[-+]?[0-9.]+[eE][-+]?[0-9]+"), "which has an exponent"),
    (re.compile(r"[-+]?[0-9][0-9_.]*_[0-9_.]*"), "which has underscores"),
    (re.compile(r"[-+]?[0-9]+,[0-9]+"), "which has a comma"),
    (re.compile(r"[-+]?[0-9.]+ ?%"), "which is a percentage"),
)
_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 366 * 86400
_DURATION_SCHEMA: Schema = {"type": "string", "pattern": rf"^{_DURATION.pattern}$"}


def number(
    *,
    above: Decimal | None = None,
    at_least: Decimal | None = None,
    at_most: Decimal | None = None,
    hint: str = "",
) -> Value:
    """A decimal number within bounds; ``hint`` ends the sentence about what would be right."""
    bounds = [
        *([f"above {above}"] if above is not None else []),
        *([f"of at least {at_least}"] if at_least is not None else []),
        *([f"at most {at_most}"] if at_most is not None else []),
    ]

    def read(node: Scalar, _folder: Path) -> Decimal:
        value = Decimal(_plain(node, _DECIMAL))
        low = (above is not None and value <= above) or (at_least is not None and value < at_least)
        if low or (at_most is not None and value > at_most):
            raise Wrong
        return value

    schema: Schema = {"type": "number"}
    if above is not None:
        schema["exclusiveMinimum"] = int(above)
    if at_least is not None:
        schema["minimum"] = int(at_least)
    if at_most is not None:
        schema["maximum"] = int(at_most)
    return Value(expected=f"a number {' and '.join(bounds)}{hint}", schema=schema, read=read)


def share() -> Value:
    """A ratio above 0 and at most 1."""
    return number(above=Decimal(0), at_most=Decimal(1), hint=" (10 % is 0.1)")


def whole(low: int, high: int) -> Value:
    """A whole number within bounds."""

    def read(node: Scalar, _folder: Path) -> int:
        value = int(_plain(node, _WHOLE))
        if not low <= value <= high:
            raise Wrong
        return value

    schema: Schema = {"type": "integer", "minimum": low, "maximum": high}
    return Value(expected=f"a whole number from {low} to {high}", schema=schema, read=read)


def _plain(node: Scalar, pattern: re.Pattern[str]) -> str:
    """The characters of a plainly written number.

    Raises:
        Wrong: It is something else; a known trap is named.
    """
    if node.form in {Form.NUMBER, Form.RAW} and pattern.fullmatch(node.text):
        return node.text
    if node.form is Form.TEXT and _DECIMAL.fullmatch(node.text):
        raise Wrong(f'the text "{node.text}"')
    for trap, meaning in _TRAPS:
        if trap.fullmatch(node.text):
            raise Wrong(f"{shortened(node.text, 40)} ({meaning})")
    raise Wrong


def switch() -> Value:
    """``true`` or ``false``, and none of YAML's other spellings."""

    def read(node: Scalar, _folder: Path) -> bool:
        if node.form is Form.TEXT or node.text not in {"true", "false"}:
            raise Wrong
        return node.text == "true"

    return Value(expected="true or false", schema={"type": "boolean"}, read=read)


def words(*allowed: str, hint: str = "") -> Value:
    """One word of a closed list; ``off`` may be written as it is, though YAML takes it for false."""

    def read(node: Scalar, _folder: Path) -> str:
        if node.text not in allowed:
            raise Wrong
        return node.text

    schema: Schema = {"enum": [*allowed, *([False] if "off" in allowed else [])]}
    return Value(expected=f"{alternatives(allowed)}{hint}", schema=schema, read=read)


def alternatives(names: Sequence[str]) -> str:
    """``a, b or c``."""
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def member(enum: type[StrEnum]) -> Value:
    """One member of an enumeration."""
    plain = words(*(item.value for item in enum))

    def read(node: Scalar, folder: Path) -> StrEnum:
        plain.read(node, folder)
        return enum(node.text)

    return Value(expected=plain.expected, schema=plain.schema, read=read)


def duration(*, or_words: tuple[str, ...] = ()) -> Value:
    """A time such as ``30s``, ``5m`` or ``2h`` in seconds, or one of some words."""

    def read(node: Scalar, _folder: Path) -> str | float:
        if node.text in or_words:
            return node.text
        found = _DURATION.fullmatch(node.text)
        if found is None:
            raise Wrong
        seconds = float(found[1]) * _SECONDS[found[2]]
        if seconds > _LONGEST or (or_words and seconds == 0):
            raise Wrong
        return seconds

    expected = "a duration such as 30s, 5m or 2h, at most 366d"
    if not or_words:
        return Value(expected=expected, schema=_DURATION_SCHEMA, read=read)
    schema: Schema = {"anyOf": [{"enum": list(or_words)}, _DURATION_SCHEMA]}
    return Value(expected=f"{', '.join(or_words)} or {expected} and not 0", schema=schema, read=read)
