"""How an order ended, as a stream tells it: filled, cancelled, expired or rejected, and whether it opened or closed.

A conditional order that triggered becomes a plain one, and that one's end counts; so one order never counts twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.events import AlgoUpdate, OrderUpdate
from plimsoll.model.orders import Order
from plimsoll.model.terms import OrderBook, PositionMode, PositionSide
from plimsoll.risk.protective_ends import OUTCOMES, Outcome
from plimsoll.risk.rejections import Intent, Reason, intent_of, reason_of
from plimsoll.risk.unknown import ZERO
from plimsoll.state.book import Book

PRICE_PROTECTION = "9"
"""``er`` of a market order whose remainder was cancelled because the book was too far away: the one expiry of a plain
order that is a rejection. All others are what an order asked for (IOC, GTE, self-trade prevention), the end of its
position, or a liquidation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderEnd:
    """The end of one order.

    Attributes:
        identity: Different for any two orders of an account, the same for every event about one.
        rejection: The reason where the end is a rejection; ``None`` for every other.
        text: The exchange's words or code, where it gives any.
        time_ms: The exchange's time of the end.
    """

    identity: str
    order: Order
    outcome: Outcome
    intent: Intent
    rejection: Reason | None
    text: str
    time_ms: int


def order_end(event: OrderUpdate | AlgoUpdate, before: Book | None) -> OrderEnd | None:
    """The end of an order that an event tells; ``None`` where it tells none.

    Args:
        event: Any event about an order.
        before: The book before the event, for the position of then; ``None`` where it is not known.
    """
    order = event.order
    if order.status not in OUTCOMES:
        return None
    rejection = _rejection(order)
    return OrderEnd(
        identity=f"algo:{order.order_id}" if order.book is OrderBook.ALGO else f"{order.symbol}:{order.order_id}",
        order=order,
        outcome=OUTCOMES[order.status] if rejection is None else Outcome.REJECTED,
        intent=order_intent(order, before),
        rejection=rejection,
        text=order.reason,
        time_ms=event.time_ms,
    )


def order_intent(order: Order, before: Book | None) -> Intent:
    """Whether an order opens or closes, by its flags, its side, or the position of then."""
    return intent_of(
        closes=order.reduce_only or order.close_position,
        direction=order.direction,
        position_side=order.position_side,
        position=held(before, order.symbol),
    )


def held(book: Book | None, symbol: str) -> Decimal | None:
    """The one-way position of a symbol, base units, short negative, 0 for none; ``None`` where it is not known."""
    if book is None or book.settings.position_mode is not PositionMode.ONE_WAY:
        return None
    position = book.positions.get((symbol, PositionSide.BOTH))
    return ZERO if position is None else position.amount


def _rejection(order: Order) -> Reason | None:
    if order.status == "REJECTED" or (order.book is OrderBook.ALGO and order.status == "EXPIRED" and order.reason):
        return reason_of(None, order.reason)
    if order.book is OrderBook.PLAIN and order.status == "EXPIRED" and order.reason == PRICE_PROTECTION:
        return Reason.PRICE_BAND
    return None
