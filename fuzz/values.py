"""What must hold for every value that a reader hands on, whatever came in."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal

from fuzz.target import demand

POWERS = 40
"""No number has more digits before or after the point."""


def sound(value: object, *, seconds: bool = False) -> None:
    """See that a result can be reckoned with, kept and shown.

    Args:
        value: Values, frozen or in lists and tables.
        seconds: Floats may be in it: they are times.

    Raises:
        Broken: A number is not finite or beyond all measure, a binary float is where none belongs, or a text cannot be
            written as UTF-8.
    """
    for found in _leaves(value):
        if isinstance(found, Decimal):
            demand(found.is_finite() and abs(found.adjusted()) <= POWERS, f"a number without measure: {found!r:.80}")
        elif isinstance(found, float):
            demand(seconds and math.isfinite(found), f"a binary float: {found!r}")
        elif isinstance(found, str):
            written(found)


def written(text: str) -> None:
    """See that a text can be written to a file.

    Raises:
        Broken: It cannot.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        demand(held=False, what=f"a text that cannot be written: {text!r:.80}")


def shown(error: Exception, *, longest: int = 400) -> None:
    """See that an error is one line that a person can read.

    Raises:
        Broken: It is empty, endless, or has what cannot be shown.
    """
    text = str(error)
    demand(held=0 < len(text) <= longest, what=f"an error of {len(text)} characters: {text!r:.200}")
    demand(held=text.isprintable(), what=f"an error that cannot be shown: {text!r:.200}")


def _leaves(value: object) -> Iterator[object]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _leaves(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(key)
            yield from _leaves(inner)
    elif isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value
