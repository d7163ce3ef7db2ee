"""Whether a price has reached a stop that is still working: it should have filled, or watches another price.

Liquidation follows the mark price, a stop the price it watches: the two are told apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.market import LastPrice
from plimsoll.model.terms import PriceKind, Side
from plimsoll.risk.figures import PositionFigures
from plimsoll.risk.protection_figures import PositionProtection
from plimsoll.risk.stops import Stop


@dataclass(frozen=True, kw_only=True, slots=True)
class Overrun:
    """What has passed the trigger of a position's stops; ``None`` is unknown.

    Attributes:
        watched: The price that the stop watches: the exchange should have triggered it.
        mark: The mark price, which liquidates.
    """

    watched: bool | None
    mark: bool | None


def overrun(row: PositionFigures, stops: PositionProtection, lasts: Mapping[str, LastPrice]) -> Overrun:
    """Whether any stop of a position has been reached, at the mark of now and the last prices that are known."""
    if stops.coverage is None and not stops.stops:
        return Overrun(watched=None, mark=None)
    told = lasts.get(row.position.symbol)
    last = None if told is None else told.price
    falling = stops.side is Side.LONG
    mark = [_reached(stop, row.mark_price, falling=falling) for stop in stops.stops]
    watched = [
        found if stop.watches is PriceKind.MARK else _reached(stop, last, falling=falling)
        for stop, found in zip(stops.stops, mark, strict=True)
    ]
    return Overrun(watched=_any(watched), mark=_any(mark))


def _reached(stop: Stop, price: Decimal | None, *, falling: bool) -> bool | None:
    """The exchange's own rule: a stop triggers at its price, not only beyond; a trailing one tells no trigger."""
    if stop.trigger is None:
        return False
    if price is None:
        return None
    return price <= stop.trigger if falling else price >= stop.trigger


def _any(answers: Collection[bool | None]) -> bool | None:
    """Yes as soon as one says so; else unknown as soon as one is."""
    if True in answers:
        return True
    return None if None in answers else False
