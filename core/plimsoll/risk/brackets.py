"""The exchange's maintenance-margin table of a symbol, which asks for a higher rate the larger a position is.

All amounts are in the symbol's quote units.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from plimsoll.model.market import Bracket


def bracket_at(brackets: Sequence[Bracket], notional: Decimal) -> Bracket | None:
    """The step with floor <= notional < cap; the last one beyond the table; ``None`` without a table."""
    for bracket in brackets:
        if notional < bracket.cap:
            return bracket
    return brackets[-1] if brackets else None


def maintenance_margin(brackets: Sequence[Bracket], notional: Decimal | None) -> Decimal | None:
    """|N| x rate - deduction, by the bracket of |N|; unknown without a table or a notional.

    The deductions are made so that the margin is continuous where one bracket ends and the next begins.
    """
    if notional is None:
        return None
    size = abs(notional)
    bracket = bracket_at(brackets, size)
    return None if bracket is None else size * bracket.maintenance_ratio - bracket.deduction
