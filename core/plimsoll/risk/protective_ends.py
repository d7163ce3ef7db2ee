"""Stops that ended and why, and how far from its trigger one filled.

An order that triggered is told of twice, by the algo service and by the matching engine; ``identity`` is the same for
both, so that whoever counts by it counts once. That an order of a closed position expires is normal; the exchange may
tell the expiry before the close.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from plimsoll.model.account import PositionKey
from plimsoll.model.events import AlgoUpdate, OrderUpdate
from plimsoll.model.orders import STOP_TYPES, Order
from plimsoll.model.terms import Direction, OrderBook, Side
from plimsoll.risk.stops import closes
from plimsoll.risk.unknown import ZERO
from plimsoll.state.book import Book


class Outcome(StrEnum):
    """Why a protective order ended; the label ``outcome``."""

    FILLED = "filled"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OUTCOMES = {
    "FILLED": Outcome.FILLED,
    "CANCELED": Outcome.CANCELLED,
    "REJECTED": Outcome.REJECTED,
    "EXPIRED": Outcome.EXPIRED,
    "EXPIRED_IN_MATCH": Outcome.EXPIRED,
}
"""By the exchange's state; ``FINISHED`` of an algo order says only that the order which it became has ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtectiveEnd:
    """One stop that will never work again.

    Attributes:
        identity: The same for every event about the same stop; different for any two stops of an account.
        key: The row of the position it was for.
        side: Of that position.
        time_ms: The exchange's time of the end.
        reason: The exchange's words or code, where it gives any.
        slippage: Adverse share of the fill against the trigger, never below 0; ``None`` where nothing was filled, and
            where the trigger is not known (trailing stops).
    """

    identity: str
    key: PositionKey
    side: Side
    outcome: Outcome
    time_ms: int
    reason: str
    slippage: Decimal | None


def protective_end(event: AlgoUpdate | OrderUpdate, before: Book) -> ProtectiveEnd | None:
    """The end of a stop that an event tells; ``None`` where it tells none.

    Args:
        event: Any event about an order.
        before: The book before the event. A stop that is not bound to a position counts only while there is one that
            it closes; the order of a triggered conditional stop only through that stop.
    """
    order = event.order
    if order.type not in STOP_TYPES or not order.ended or not _protects(order, before) or born_of_algo(order, before):
        return None
    return ProtectiveEnd(
        identity=_identity(order),
        key=(order.symbol, order.position_side),
        side=Side.LONG if order.direction is Direction.SELL else Side.SHORT,
        outcome=outcome_of(event),
        time_ms=event.time_ms,
        reason=order.reason,
        slippage=slippage(order, event.average_price),
    )


def slippage(order: Order, average_price: Decimal | None) -> Decimal | None:
    """How much worse than its trigger a stop filled: (fill - trigger) / trigger for a buy, mirrored for a sell."""
    if order.trigger_price is None or average_price is None:
        return None
    worse = average_price - order.trigger_price
    return max(ZERO, (worse if order.direction is Direction.BUY else -worse) / order.trigger_price)


def _protects(order: Order, book: Book) -> bool:
    position = book.positions.get((order.symbol, order.position_side))
    return order.closes_side or (position is not None and closes(order, position))


def born_of_algo(order: Order, book: Book) -> bool:
    """Whether a plain order is what a conditional one of the book became."""
    return order.book is OrderBook.PLAIN and any(
        (each.symbol, each.actual_order_id) == (order.symbol, order.order_id) for each in (book.orders or {}).values()
    )


def _identity(order: Order) -> str:
    """The matching engine's number where the stop ever had one: it numbers the orders of each symbol."""
    if order.book is OrderBook.PLAIN:
        return f"{order.symbol}:{order.order_id}"
    return f"{order.symbol}:{order.actual_order_id}" if order.actual_order_id else f"algo:{order.order_id}"


def outcome_of(event: AlgoUpdate | OrderUpdate) -> Outcome:
    """How an order ended that an event tells of as ended."""
    if event.order.status == "FINISHED":
        return Outcome.FILLED if event.order.executed > 0 or event.average_price is not None else Outcome.CANCELLED
    return OUTCOMES[event.order.status]
