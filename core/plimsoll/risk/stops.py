"""Which open orders are stops of a position, as the exchange would fill them.

A conditional order that has triggered is in both lists for a while, as itself and as the plain order it became: the two
are one stop here. A stop protects until it has ended, also between its trigger and its fill; one that hangs there has
been passed by the price, which ``overrun`` tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.model.account import Position
from plimsoll.model.orders import STOP_TYPES, Order
from plimsoll.model.terms import Direction, OrderBook, PriceKind, Side
from plimsoll.risk.unknown import ZERO

WORKING = frozenset({"NEW", "PARTIALLY_FILLED", "TRIGGERING", "TRIGGERED"})
"""States in which an order may still fill; one in a state that we do not know protects nothing."""

TRAILING = "TRAILING_STOP_MARKET"
STOP_LIMIT = "STOP"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """One working stop on the closing side of a position.

    Attributes:
        quantity: Base units it would still close; ``None`` for all that is held.
        trigger: In quote units; ``None`` for a trailing stop, whose trigger the exchange does not tell.
        fill: Price at which its loss is taken: the trigger, a stop-limit's limit; ``None`` where it cannot be known.
        covers: Whether it is in force: a trailing stop once activated; ``None`` while that is not told.
        may_open: It is not bound to the position: filling after the position is gone, it opens the reverse.
    """

    symbol: str
    quantity: Decimal | None
    trigger: Decimal | None
    fill: Decimal | None
    watches: PriceKind
    covers: bool | None
    may_open: bool


def closing_direction(side: Side) -> Direction:
    """Which way an order trades that closes a position of this side."""
    return Direction.SELL if side is Side.LONG else Direction.BUY


def closes(order: Order, position: Position) -> bool:
    """Whether an order is on the closing side of a position."""
    row = (order.symbol, order.position_side)
    return row == position.key and order.direction is closing_direction(position.side)


def working_stops(orders: Iterable[Order]) -> list[Order]:
    """The stops of both lists that may still fill, each once; those that have triggered as their conditional order."""
    listed = [order for order in orders if order.type in STOP_TYPES and order.status in WORKING]
    born = {(order.symbol, order.actual_order_id): order for order in listed if order.actual_order_id is not None}
    plain = {(order.symbol, order.order_id): order for order in listed if order.book is OrderBook.PLAIN}
    found = [order for order in listed if order.book is OrderBook.ALGO or (order.symbol, order.order_id) not in born]
    return [_joined(order, plain.get((order.symbol, order.actual_order_id or 0))) for order in found]


def stops_of(position: Position, stops: Iterable[Order]) -> tuple[Stop, ...]:
    """The stops on the closing side of a position, from ``working_stops``."""
    return tuple(_stop(order) for order in stops if closes(order, position))


def orphans(positions: Iterable[Position], stops: Iterable[Order]) -> int:
    """Stops that can only close and have no position to close; a plain stop without one may be an entry, so is none."""
    closable = {(position.key, closing_direction(position.side)) for position in positions}
    return sum(
        order.closes_side and ((order.symbol, order.position_side), order.direction) not in closable for order in stops
    )


def _joined(order: Order, became: Order | None) -> Order:
    """A conditional order with what the plain order that it became has filled."""
    return order if became is None else replace(order, executed=max(order.executed, became.executed))


def _stop(order: Order) -> Stop:
    return Stop(
        symbol=order.symbol,
        quantity=None if order.close_position else order.remaining,
        trigger=order.trigger_price,
        fill=_fill_price(order),
        watches=order.watches,
        covers=order.activated if order.type == TRAILING else True,
        may_open=not order.closes_side,
    )


def _fill_price(order: Order) -> Decimal | None:
    """A stop-limit without a price takes one from the book when it triggers: nobody knows it before."""
    if order.type == STOP_LIMIT:
        return order.price if order.price > ZERO else None
    return order.trigger_price
