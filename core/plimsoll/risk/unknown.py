"""Arithmetic that lets the unknown spread: ``None`` in, ``None`` out, never 0 in its place.

Every other module of this package adds, scales and divides through these three functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
INFINITY = Decimal("Infinity")


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; unknown as soon as one part is. The sum of nothing is 0."""
    result = ZERO
    for value in values:
        if value is None:
            return None
        result += value
    return result


def times(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    """The product; unknown when either factor is."""
    return None if left is None or right is None else left * right


def share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """``part / whole`` for a burden that something has to carry: exposure or margin over equity or margin balance.

    No burden is 0 whatever carries it, also when that is zero, negative or unknown. A burden on a whole at or below
    zero is Infinity.
    """
    if part is None:
        return None
    if part == 0:
        return ZERO
    if whole is None:
        return None
    return part / whole if whole > 0 else INFINITY
