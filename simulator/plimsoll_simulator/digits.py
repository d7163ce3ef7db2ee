"""How the exchange writes decimals: as strings, with a number of digits that depends on the field.

Only text is made here; nothing computes. ``exact`` is the arithmetic that all of the simulator is to be served in.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

ZERO = Decimal(0)
ONE = Decimal(1)
SMALLEST = Decimal("1E-8")
_PRECISION = 28


def exact() -> AbstractContextManager[Context]:
    """The simulator's own precision and rounding, whatever a client in the same process has set (as ccxt does)."""
    return localcontext(Context(prec=_PRECISION, rounding=ROUND_HALF_EVEN))


def eight(value: Decimal) -> str:
    """Money and marks: eight decimals, never an exponent, never a negative zero."""
    rounded = value.quantize(SMALLEST)
    return f"{rounded or abs(rounded):f}"


def asset_amount(value: Decimal) -> str:
    """An amount in ``assets[]``: as ``eight``, but a zero is written ``0E-8``, as recorded from the exchange."""
    text = eight(value)
    return "0E-8" if text == "0.00000000" else text


def plain(value: Decimal) -> str:
    """As short as it goes: ``91240.5``, ``900``, ``0``."""
    return f"{value.normalize():f}" if value else "0"


def stepped(value: Decimal, step: Decimal) -> str:
    """With as many decimals as ``step`` has; the step ``0.001`` gives ``0.150``."""
    return f"{value.quantize(step):f}"


def to_step(value: Decimal, step: Decimal) -> Decimal:
    """The multiple of ``step`` nearest to ``value``."""
    return (value / step).to_integral_value() * step
