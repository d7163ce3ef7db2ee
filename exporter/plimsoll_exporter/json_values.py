"""How single values are written in the JSON interface."""

from __future__ import annotations

from decimal import Decimal

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def text(value: Decimal | None) -> str | None:
    """A decimal without exponent, ``Infinity`` as a word."""
    return None if value is None else format(value, "f")
