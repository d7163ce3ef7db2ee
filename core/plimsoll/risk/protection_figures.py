"""What stops do for an account: the types that ``protection`` fills in, beside those of ``figures``.

``None`` is "cannot be known now". Prices are in the symbol's quote units, money is in USD.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.account import PositionKey
from plimsoll.model.terms import PriceKind, Side
from plimsoll.risk.stops import Stop


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """The part of a position that one stop would close; both are in the symbol's own units.

    Attributes:
        price: Where it fills; ``None`` where that cannot be known.
    """

    quantity: Decimal
    price: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionProtection:
    """The stops of one position.

    Attributes:
        stops: Those on its closing side, covering or not, nearest first, trailing ones last; empty while unknown.
        slices: What they would close, the nearest first.
        coverage: Covered share of the quantity, at most 1; ``None`` while unknown.
        stop_price: Nearest trigger of a stop that covers, in quote units; trailing stops tell none.
        watches: The price that this stop watches.
        loss: In USD from entry if every slice fills; negative is a gain kept; ``None`` without a stop.
        beyond_liquidation: Some stop lies beyond the liquidation price, where it comes too late.
        may_open: Some stop is not bound to the position.
        over_covered: The stops are for more than 105 % of the position.
    """

    key: PositionKey
    side: Side
    stops: tuple[Stop, ...]
    slices: tuple[Slice, ...]
    coverage: Decimal | None
    stop_price: Decimal | None
    watches: PriceKind | None
    loss: Decimal | None
    beyond_liquidation: bool | None
    may_open: bool | None
    over_covered: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Protection:
    """The stops of one account.

    Attributes:
        positions: One a position, in the order of the figures they were made from.
        coverage: Covered share of the gross exposure; 1 where nothing is held.
        unprotected: Exposure without a stop, in USD.
        loss: Sum of the losses of the covered parts from entry, in USD.
        orphans: Stops without a position; ``None`` until the orders of all symbols were read.
    """

    positions: tuple[PositionProtection, ...]
    coverage: Decimal | None
    unprotected: Decimal | None
    loss: Decimal | None
    orphans: int | None
