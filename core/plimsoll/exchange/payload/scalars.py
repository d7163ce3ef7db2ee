"""Single JSON values: which ones are numbers, and how an unexpected one is shown; and the parsing of a whole text.

A number is what the documentation calls one: plain decimal notation, as text or as a JSON number, within bounds that no
price, amount or id of the exchange comes near. What Python would take besides (``NaN``, ``1_000``, hexadecimal,
exponents of a million) is refused.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal

from plimsoll.errors import Malformed

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_POWERS = 40
"""No value may have more digits before or after the point: arithmetic on it stays cheap."""
_SHOWN = 40
"""Characters of an unexpected text that an error shows."""


def parse(text: str | bytes, where: str) -> object:
    """The JSON in an answer or a message, without binary floats: a number with a point becomes a ``Decimal``.

    Raises:
        Malformed: It is no JSON, or JSON that no reader should be asked to read (nested or long without measure).
    """
    try:
        found: object = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        failure = type(error).__name__
    else:
        return found
    # Raised out here so that it does not carry the parser's error, which holds the whole text, as its context.
    raise Malformed(f"{where}: not JSON ({failure})")


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def number(value: object) -> Decimal | None:
    """The value as a number, or ``None`` where it is none; truth values and binary floats are none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value) if abs(value) < 10**_POWERS else None
    written = str(value) if isinstance(value, Decimal) else value
    if not isinstance(written, str) or not _NUMBER.fullmatch(written):
        return None
    found = Decimal(written)
    return found if abs(found.adjusted()) <= _POWERS else None


def describe(value: object) -> str:
    """What was found in the place of a word or number, short, and safe to show whatever its size."""
    return repr(value[:_SHOWN]) if isinstance(value, str) and value else kind(value)


def kind(value: object) -> str:
    """The sort of thing that was found, without its content: an answer that is one bare text may be a key."""
    if value is None:
        return "null"
    if value == "":
        return "empty"
    names = {bool: "a truth value", str: "text", list: "a list", dict: "an object", float: "a binary float"}
    return names.get(type(value), "a number")
