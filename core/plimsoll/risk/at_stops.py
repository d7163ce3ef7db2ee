"""What the account is worth after every stop has filled at its trigger, from the marks of now."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from plimsoll.model.terms import Side
from plimsoll.risk.figures import AccountFigures, PositionFigures
from plimsoll.risk.protection_figures import PositionProtection, Slice
from plimsoll.risk.unknown import ONE, times, total

TAKER_FEE = Decimal("0.0005")
"""What the exchange takes of a market order's notional from accounts without a discount: the dearest case."""


def equity_at_stops(figures: AccountFigures, *, taker_fee: Decimal = TAKER_FEE) -> Decimal | None:
    """Equity in USD if every stop fills where it triggers (a stop-limit at its limit), fees paid.

    Unknown while any position is not fully covered, for then the worst is not at the stops; equity itself where nothing
    is held.
    """
    pairs = zip(figures.positions, figures.protection.positions, strict=True)
    return total((figures.equity, *(_change(row, stops, taker_fee) for row, stops in pairs)))


def _change(row: PositionFigures, stops: PositionProtection, taker_fee: Decimal) -> Decimal | None:
    """What equity gains from the mark of now to the fills, in USD; a loss is negative."""
    if stops.coverage != ONE or row.mark_price is None:
        return None
    return times(total(_changes(row, row.mark_price, stops.slices, taker_fee)), row.quote_usd)


def _changes(row: PositionFigures, mark: Decimal, slices: Iterable[Slice], fee: Decimal) -> Iterable[Decimal | None]:
    sign = 1 if row.side is Side.LONG else -1
    for each in slices:
        if each.price is None:
            yield None
        else:
            yield each.quantity * (sign * (each.price - mark) - each.price * fee)
