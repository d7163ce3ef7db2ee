"""Open orders, plain and conditional, in one shape."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.terms import Direction, OrderBook, PositionSide, PriceKind, Purpose

STOP_TYPES = frozenset({"STOP", "STOP_MARKET", "TRAILING_STOP_MARKET"})
TAKE_PROFIT_TYPES = frozenset({"TAKE_PROFIT", "TAKE_PROFIT_MARKET"})

ENDED = frozenset({"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED", "FINISHED"})
"""States, plain and algo, after which an order never works again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One order, as REST lists it or an event tells it.

    Attributes:
        order_id: ``orderId`` of a plain order, ``algoId`` of a conditional one.
        type: The exchange's type as placed, e.g. ``LIMIT``, ``STOP_MARKET``; unknown ones are kept as they are.
        quantity: Base units asked for; 0 for a close-all order.
        executed: Base units filled so far.
        price: Limit price; 0 for a market order.
        trigger_price: ``None`` where the order has none.
        watches: The price a conditional order compares with its trigger.
        status: The exchange's state, e.g. ``NEW``, ``PARTIALLY_FILLED``, ``TRIGGERED``.
        activated: Trailing stops only: whether the activation price was reached; ``None`` when not told.
        actual_order_id: Conditional orders only: the plain order born when it triggered.
        reason: Why it ended, when the exchange says (``rm`` of an algo order, ``er`` of a plain one).
    """

    book: OrderBook
    order_id: int
    client_id: str
    symbol: str
    direction: Direction
    position_side: PositionSide
    type: str
    quantity: Decimal
    executed: Decimal
    price: Decimal
    trigger_price: Decimal | None
    watches: PriceKind
    reduce_only: bool
    close_position: bool
    status: str
    time_in_force: str
    updated_ms: int
    activated: bool | None = None
    actual_order_id: int | None = None
    reason: str = ""

    @property
    def key(self) -> OrderKey:
        """What identifies it: the two books number their orders independently."""
        return (self.book, self.order_id)

    @property
    def ended(self) -> bool:
        """Whether it will never work again."""
        return self.status in ENDED

    @property
    def remaining(self) -> Decimal:
        """Base units not filled yet."""
        return self.quantity - self.executed

    @property
    def closes_side(self) -> bool:
        """Whether the order can only make a position smaller, by its flags or its hedge side."""
        hedge_close = (self.position_side, self.direction) in {
            (PositionSide.LONG, Direction.SELL),
            (PositionSide.SHORT, Direction.BUY),
        }
        return self.reduce_only or self.close_position or hedge_close

    @property
    def purpose(self) -> Purpose:
        """What it is for: a stop or take-profit by its type, else an entry unless it can only reduce."""
        if self.type in STOP_TYPES:
            return Purpose.STOP
        if self.type in TAKE_PROFIT_TYPES:
            return Purpose.TAKE_PROFIT
        return Purpose.REDUCE if self.closes_side else Purpose.ENTRY


OrderKey = tuple[OrderBook, int]
