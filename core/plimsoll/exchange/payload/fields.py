"""Reading single fields of an exchange answer: every value is checked, every fault names its place.

What a number is stands in ``scalars``. Additional fields are never looked at. "Absent" means missing, null or an empty
text, the exchange's three ways of saying nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from plimsoll.errors import Malformed
from plimsoll.exchange.payload.scalars import describe, kind, number

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_BOOLEANS = {"true": True, "false": False}

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One JSON object and where it was found.

    Attributes:
        where: Endpoint or event, for error messages, e.g. ``GET /fapi/v3/positionRisk [2]``.
    """

    where: str
    data: Mapping[str, object]

    def fault(self, key: str, problem: str) -> Malformed:
        """The error for one field of this row."""
        return Malformed(f"{self.where}: {key} {problem}")


def mapping(value: object, where: str) -> Row:
    """The value as a row.

    Raises:
        Malformed: It is no JSON object.
    """
    if not isinstance(value, dict):
        raise Malformed(f"{where}: expected an object, found {kind(value)}")
    return Row(where=where, data=value)


def rows(value: object, where: str) -> tuple[Row, ...]:
    """The value as a list of rows.

    Raises:
        Malformed: It is no JSON list, or one of its items is no object.
    """
    return tuple(mapping(item, place) for item, place in _items(value, where))


def good_rows(value: object, where: str, translate: Callable[[Row], T]) -> tuple[T, ...]:
    """Translations of an object or a list, without the rows that are broken: one odd symbol must not blind everyone.

    Raises:
        Malformed: The value is neither list nor object, or every single row of it is broken.
    """
    items = _items([value] if isinstance(value, dict) else value, where)
    good, first_fault = [], None
    for item, place in items:
        try:
            good.append(translate(mapping(item, place)))
        except Malformed as fault:
            first_fault = first_fault or fault
    if first_fault is not None and not good:
        raise first_fault
    return tuple(good)


def child(row: Row, key: str) -> Row:
    """The object in a field.

    Raises:
        Malformed: The field is missing or no object.
    """
    return mapping(_required(row, key), f"{row.where} {key}")


def children(row: Row, key: str) -> tuple[Row, ...]:
    """The list of objects in a field.

    Raises:
        Malformed: The field is missing, no list, or one of its items is no object.
    """
    return rows(_required(row, key), f"{row.where} {key}")


def optional_children(row: Row, key: str) -> tuple[Row, ...]:
    """As ``children``; nothing where the field is absent."""
    return () if absent(row, key) else children(row, key)


def absent(row: Row, key: str) -> bool:
    """Whether the field is missing, null or an empty text, the exchange's three ways of saying nothing."""
    value = row.data.get(key)
    return value is None or value == ""


def decimal(row: Row, key: str) -> Decimal:
    """The number in a field.

    Raises:
        Malformed: The field is missing, empty, null, or no finite number of sane size.
    """
    value = _required(row, key)
    found = number(value)
    if found is None:
        raise row.fault(key, f"should be a number, found {describe(value)}")
    return found


def optional_decimal(row: Row, key: str) -> Decimal | None:
    """As ``decimal``; ``None`` where the field is absent."""
    return None if absent(row, key) else decimal(row, key)


def positive(row: Row, key: str) -> Decimal:
    """As ``decimal``, and above zero: for prices that something is multiplied or divided with."""
    found = decimal(row, key)
    if found <= 0:
        raise row.fault(key, "should be above zero")
    return found


def optional_positive(row: Row, key: str) -> Decimal | None:
    """As ``decimal``; ``None`` where the field is absent or not above zero, which is how the exchange says "none"."""
    found = optional_decimal(row, key)
    return found if found is not None and found > 0 else None


def amount(row: Row, key: str) -> Decimal:
    """As ``decimal``, and not below zero: for quantities that have no direction."""
    found = decimal(row, key)
    if found < 0:
        raise row.fault(key, "should not be below zero")
    return found


def integer(row: Row, key: str) -> int:
    """The whole number in a field: an id, a counter, a time in milliseconds.

    Raises:
        Malformed: The field is missing, empty, null, or no whole number of at most 19 digits.
    """
    value = _required(row, key)
    found = number(value)
    if found is None or not _WHOLE.fullmatch(value if isinstance(value, str) else f"{found.normalize():f}"):
        raise row.fault(key, f"should be a whole number, found {describe(value)}")
    return int(found)


def optional_integer(row: Row, key: str) -> int | None:
    """As ``integer``; ``None`` where the field is absent."""
    return None if absent(row, key) else integer(row, key)


def positive_integer(row: Row, key: str) -> int:
    """As ``integer``, and above zero."""
    found = integer(row, key)
    if found <= 0:
        raise row.fault(key, "should be above zero")
    return found


def text(row: Row, key: str) -> str:
    """The text in a field.

    Raises:
        Malformed: The field is missing, empty, null, no text, or text that cannot be written as UTF-8.
    """
    value = _required(row, key)
    if not isinstance(value, str):
        raise row.fault(key, f"should be text, found {describe(value)}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise row.fault(key, "has characters that are none") from error
    return value


def optional_text(row: Row, key: str) -> str:
    """As ``text``; empty where the field is absent."""
    return "" if absent(row, key) else text(row, key)


def identifier(row: Row, key: str) -> str:
    """An id as text, whether the exchange writes it as text or as a number; empty where the field is absent."""
    if isinstance(row.data.get(key), str):
        return optional_text(row, key)
    found = optional_integer(row, key)
    return "" if found is None else str(found)


def boolean(row: Row, key: str, *, default: bool | None = None) -> bool:
    """The truth value in a field; older answers write it as the text ``"true"`` or ``"false"``.

    Raises:
        Malformed: It is neither, or absent and there is no default.
    """
    if default is not None and absent(row, key):
        return default
    value = _required(row, key)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _BOOLEANS:
        return _BOOLEANS[value]
    raise row.fault(key, f"should be true or false, found {describe(value)}")


def _required(row: Row, key: str) -> object:
    if key not in row.data:
        raise row.fault(key, "is missing")
    value = row.data[key]
    if absent(row, key):
        raise row.fault(key, f"should not be {describe(value)}")
    return value


def _items(value: object, where: str) -> tuple[tuple[object, str], ...]:
    if not isinstance(value, list):
        raise Malformed(f"{where}: expected a list, found {kind(value)}")
    return tuple((item, f"{where} [{index}]") for index, item in enumerate(value))
