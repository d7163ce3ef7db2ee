"""The stops of a book's positions, and what they do for them as far as the book alone tells.

Prices change little of that: which stops lie beyond the liquidation price, and what a quote asset is worth. The rest is
found once a book, however often prices come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.account import Position
from plimsoll.model.orders import Order
from plimsoll.model.terms import Side
from plimsoll.risk.holding import Held
from plimsoll.risk.protection_figures import PositionProtection, Slice
from plimsoll.risk.stops import Stop, orphans, stops_of, working_stops
from plimsoll.risk.unknown import ONE, ZERO, times, total
from plimsoll.state.book import Book

OVER_COVERED = Decimal("1.05")
"""Stops for more than this share of a position were placed twice: what is left of them opens the reverse or hangs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """The stops of one position, as the book alone tells them.

    Attributes:
        stops: Nearest first, trailing ones last; ``None`` while its symbol's orders are not known.
        far: Its protection where no stop lies beyond the liquidation price and prices are in USD: nearly always.
    """

    position: Position
    stops: tuple[Stop, ...] | None
    far: PositionProtection


@dataclass(frozen=True, kw_only=True, slots=True)
class Guards:
    """The stops of a book.

    Attributes:
        positions: One a position, in their order.
        known: Whether any orders are.
        orphans: Stops without a position; ``None`` until the orders of all symbols were read.
    """

    positions: tuple[Guard, ...]
    known: bool
    orphans: int | None


def guards_of(book: Book, held: Iterable[Held]) -> Guards:
    """Find the stops of every position of a book."""
    stops = None if book.orders is None else working_stops(book.orders.values())
    by_symbol: defaultdict[str, list[Order]] = defaultdict(list)
    for order in stops or ():
        by_symbol[order.symbol].append(order)
    positions = [each.position for each in held]
    return Guards(
        positions=tuple(
            guard_of(position, by_symbol[position.symbol] if book.knows_orders_of(position.symbol) else None)
            for position in positions
        ),
        known=stops is not None,
        orphans=orphans(positions, stops) if stops is not None and book.orders_complete else None,
    )


def guard_of(position: Position, orders: Iterable[Order] | None) -> Guard:
    """The stops of one position, from the working stops of its symbol; ``None`` for orders that are not known."""
    if orders is None:
        return Guard(position=position, stops=None, far=_unknown(position))
    falling = position.side is Side.LONG
    stops = tuple(sorted(stops_of(position, orders), key=lambda stop: _nearness(stop, falling=falling)))
    return Guard(position=position, stops=stops, far=protected(position, stops, (), ONE))


def protected(
    position: Position, stops: tuple[Stop, ...], beyond: Collection[int], quote_usd: Decimal | None
) -> PositionProtection:
    """What stops do for a position; those at the places ``beyond`` lie beyond its liquidation price."""
    covering = [stop for index, stop in enumerate(stops) if index not in beyond and stop.covers]
    quantity = position.quantity
    slices = _slices(quantity, covering)
    coverage = sum((piece.quantity for piece in slices), ZERO) / quantity
    maybe = any(stop.covers is None for stop in stops) and coverage < ONE
    nearest = next((stop for stop in covering if stop.trigger is not None), None)
    asked = total(quantity if stop.quantity is None else stop.quantity for stop in covering) or ZERO
    return PositionProtection(
        key=position.key,
        side=position.side,
        stops=stops,
        slices=() if maybe else slices,
        coverage=None if maybe else coverage,
        stop_price=None if nearest is None else nearest.trigger,
        watches=None if nearest is None else nearest.watches,
        loss=times(_loss(position, slices), quote_usd) if slices and not maybe else None,
        beyond_liquidation=bool(beyond),
        may_open=any(stop.may_open for stop in stops),
        over_covered=asked > OVER_COVERED * quantity,
    )


def _nearness(stop: Stop, *, falling: bool) -> tuple[bool, Decimal]:
    """Sorts stops as a falling, or rising, price meets them; the trigger of a trailing one is not known."""
    trigger = ZERO if stop.trigger is None else stop.trigger
    return stop.trigger is None, -trigger if falling else trigger


def _slices(quantity: Decimal, stops: Iterable[Stop]) -> tuple[Slice, ...]:
    found: list[Slice] = []
    left = quantity
    for stop in stops:
        part = left if stop.quantity is None else min(left, stop.quantity)
        if part > 0:
            found.append(Slice(quantity=part, price=stop.fill))
            left -= part
    return tuple(found)


def _loss(position: Position, slices: Iterable[Slice]) -> Decimal | None:
    """Covered quantity x (entry - fill), for a short x (fill - entry), in quote units."""
    sign = 1 if position.side is Side.LONG else -1
    entry = position.entry_price
    return total(None if each.price is None else sign * each.quantity * (entry - each.price) for each in slices)


def _unknown(position: Position) -> PositionProtection:
    return PositionProtection(
        key=position.key,
        side=position.side,
        stops=(),
        slices=(),
        coverage=None,
        stop_price=None,
        watches=None,
        loss=None,
        beyond_liquidation=None,
        may_open=None,
        over_covered=None,
    )
