"""How far an account that copies another is from what it should hold, symbol by symbol.

Only positions are compared, so it does not matter who copies, or how. In hedge mode a long and a short are compared
each for itself: they are never netted. Both accounts have to be live; that is for the caller to see to.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.terms import PositionMode, Side
from plimsoll.risk.unknown import ZERO, times
from plimsoll.risk.valuation import quote_price
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState

LegKey = tuple[str, Side | None]
"""Symbol and side; no side where both accounts are in one-way mode."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MirrorLeg:
    """One symbol, in hedge mode one side of it, that source or destination holds.

    Attributes:
        expected: What the destination should hold: the source's signed quantity x scale, not rounded to lots.
        actual: What it holds, signed.
        drift_ratio: |actual - expected| / the larger of the two: 1 when only one of them is there, 2 when they are as
            large and opposite.
        drift_usd: |actual - expected| at the mark; unknown without one.
    """

    key: LegKey
    expected: Decimal
    actual: Decimal
    drift_ratio: Decimal
    drift_usd: Decimal | None

    def drifts(self, tolerance: Decimal, min_usd: Decimal) -> bool | None:
        """Whether it is further off than both bounds; unknown where that hangs on a price that is."""
        if self.drift_ratio <= tolerance:
            return False
        return None if self.drift_usd is None else self.drift_usd > min_usd


def mirror_legs(source: Book, destination: Book, scale: Decimal, market: MarketState) -> tuple[MirrorLeg, ...]:
    """Every leg that one of two accounts holds, sorted; none where both are flat.

    As soon as one of the accounts is in hedge mode, sides are compared: a one-way position counts on the side of its
    sign, so that a copy that can hold only the net of a long and a short is shown to lack both.

    Args:
        source: The account that is copied.
        destination: The one that copies it.
        market: The prices of now.
        scale: Share of the source's quantities that the destination should hold, above zero.
    """
    by_side = any(book.settings.position_mode is PositionMode.HEDGE for book in (source, destination))
    wanted, held = _amounts(source, by_side=by_side), _amounts(destination, by_side=by_side)
    assets = {row.symbol: row.margin_asset for book in (destination, source) for row in book.positions.values()}
    legs = (
        _leg(key, wanted[key] * scale, held[key], _price(key[0], assets[key[0]], market))
        for key in wanted.keys() | held.keys()
    )
    return tuple(sorted(legs, key=lambda leg: (leg.key[0], leg.key[1] or "")))


def _amounts(book: Book, *, by_side: bool) -> defaultdict[LegKey, Decimal]:
    amounts: defaultdict[LegKey, Decimal] = defaultdict(lambda: ZERO)
    for row in book.positions.values():
        amounts[row.symbol, row.side if by_side else None] += row.amount
    return amounts


def _price(symbol: str, margin_asset: str, market: MarketState) -> Decimal | None:
    mark = market.marks.get(symbol)
    return times(None if mark is None else mark.price, quote_price(symbol, margin_asset, market))


def _leg(key: LegKey, expected: Decimal, actual: Decimal, price: Decimal | None) -> MirrorLeg:
    apart = abs(actual - expected)
    return MirrorLeg(
        key=key,
        expected=expected,
        actual=actual,
        drift_ratio=apart / max(abs(expected), abs(actual)),
        drift_usd=times(apart, price),
    )
