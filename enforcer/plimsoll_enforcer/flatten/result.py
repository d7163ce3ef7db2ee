"""What a flatten came to: what was closed at what price, what is left, and for how long it went on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.terms import PositionSide


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """One position that was open when the run began.

    Attributes:
        amount: Base units at the beginning, signed.
        closed: Base units that our orders closed, absolute.
        average_price: Of our fills, in quote units; ``None`` without any (another closed it).
        left: Base units that are left, absolute.
        why_left: In words why anything is left; empty where nothing is.
        mark_price: In quote units, when the run saw the position first; ``None`` where nobody noted it.
    """

    symbol: str
    position_side: PositionSide
    amount: Decimal
    closed: Decimal
    average_price: Decimal | None
    left: Decimal
    why_left: str = ""
    mark_price: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FlattenResult:
    """The end of a flatten.

    Attributes:
        flat: The account was read back with no position, plain order or conditional order left.
        seconds_to_flat: From the beginning to the first clean read-back; ``None`` where there was none.
        confirmed: A second clean read-back at least 2 s later agreed.
        residual_exposure_usd: Notional that is left at mark; ``None`` where it could not be read.
        orders_cancelled: Plain and conditional.
        orders_left: Plain and conditional.
    """

    flat: bool
    seconds_to_flat: float | None
    confirmed: bool
    residual_exposure_usd: Decimal | None
    positions: tuple[Closed, ...]
    orders_cancelled: int
    orders_left: int
