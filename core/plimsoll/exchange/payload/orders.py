"""Translation of open orders, plain and conditional, from REST lists and from events, into one ``Order``.

The exchange keeps two books, and names the same things differently in each, in lists and in events: ``_Names`` is the
table of that. A list with a broken order is refused whole: a stop that is not seen is a stop that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.exchange.payload import words
from plimsoll.exchange.payload.fields import (
    Row,
    absent,
    amount,
    boolean,
    decimal,
    identifier,
    integer,
    mapping,
    optional_integer,
    optional_positive,
    optional_text,
    rows,
    text,
)
from plimsoll.model.account import ZERO
from plimsoll.model.events import AlgoUpdate
from plimsoll.model.orders import Order
from plimsoll.model.terms import OrderBook

_TRAILING = "TRAILING_STOP_MARKET"
_NOT_TOLD = ""
"""The name of a field that a form of an order does not have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Names:
    """How one form of an order spells its fields.

    Attributes:
        placed_type: The type as placed, where the form tells it besides the present one.
        actual_id: The plain order that a conditional one became.
        reason: Why it ended.
    """

    order_id: str
    client_id: str
    symbol: str
    direction: str
    position_side: str
    type: str
    placed_type: str
    quantity: str
    executed: str
    price: str
    trigger: str
    watches: str
    reduce_only: str
    close_position: str
    status: str
    time_in_force: str
    activated: str = _NOT_TOLD
    actual_id: str = _NOT_TOLD
    reason: str = _NOT_TOLD


_PLAIN_LISTED = _Names(
    order_id="orderId",
    client_id="clientOrderId",
    symbol="symbol",
    direction="side",
    position_side="positionSide",
    type="type",
    placed_type="origType",
    quantity="origQty",
    executed="executedQty",
    price="price",
    trigger="stopPrice",
    watches="workingType",
    reduce_only="reduceOnly",
    close_position="closePosition",
    status="status",
    time_in_force="timeInForce",
)
_ALGO_LISTED = replace(
    _PLAIN_LISTED,
    order_id="algoId",
    client_id="clientAlgoId",
    type="orderType",
    placed_type=_NOT_TOLD,
    quantity="quantity",
    executed=_NOT_TOLD,
    trigger="triggerPrice",
    status="algoStatus",
    actual_id="actualOrderId",
)
_ALGO_ASKED = replace(_ALGO_LISTED, executed="actualQty")
_PLAIN_TOLD = _Names(
    order_id="i",
    client_id="c",
    symbol="s",
    direction="S",
    position_side="ps",
    type="o",
    placed_type="ot",
    quantity="q",
    executed="z",
    price="p",
    trigger="sp",
    watches="wt",
    reduce_only="R",
    close_position="cp",
    status="X",
    time_in_force="f",
    reason="er",
)
_ALGO_TOLD = replace(
    _PLAIN_TOLD,
    order_id="aid",
    client_id="caid",
    placed_type=_NOT_TOLD,
    executed="aq",
    trigger="tp",
    activated="ia",
    actual_id="ai",
    reason="rm",
)


def plain_orders(json: object) -> tuple[Order, ...]:
    """Translate ``GET /fapi/v1/openOrders``.

    Raises:
        Malformed: It is no list, or any order of it is broken.
    """
    found = rows(json, "GET /fapi/v1/openOrders")
    return tuple(_order(row, _PLAIN_LISTED, OrderBook.PLAIN, integer(row, "updateTime")) for row in found)


def algo_orders(json: object) -> tuple[Order, ...]:
    """Translate ``GET /fapi/v1/openAlgoOrders``; the list does not tell whether a trailing stop is activated.

    Raises:
        Malformed: It is no list, or any order of it is broken.
    """
    found = rows(json, "GET /fapi/v1/openAlgoOrders")
    return tuple(_order(row, _ALGO_LISTED, OrderBook.ALGO, integer(row, "updateTime")) for row in found)


def algo_order(json: object) -> AlgoUpdate:
    """Translate ``GET /fapi/v1/algoOrder`` into the event that would tell the order's last change.

    Raises:
        Malformed: Any field of it is broken.
    """
    row = mapping(json, "GET /fapi/v1/algoOrder")
    time_ms = integer(row, "updateTime")
    order = _order(row, _ALGO_ASKED, OrderBook.ALGO, time_ms)
    return AlgoUpdate(
        time_ms=time_ms,
        event_ms=time_ms,
        order=order,
        average_price=optional_positive(row, "actualPrice"),
        filled=order.executed,
    )


def plain_order_told(row: Row, *, time_ms: int) -> Order:
    """The order inside an ``ORDER_TRADE_UPDATE``, as it stands at the event's transaction time.

    Raises:
        Malformed: Any field of it is broken.
    """
    return _order(row, _PLAIN_TOLD, OrderBook.PLAIN, time_ms)


def algo_order_told(row: Row, *, time_ms: int) -> Order:
    """The order inside an ``ALGO_UPDATE``, as it stands at the event's transaction time.

    Raises:
        Malformed: Any field of it is broken.
    """
    return _order(row, _ALGO_TOLD, OrderBook.ALGO, time_ms)


def _order(row: Row, names: _Names, book: OrderBook, updated_ms: int) -> Order:
    placed_type = optional_text(row, names.placed_type) or text(row, names.type)
    close_position = boolean(row, names.close_position, default=False)
    return Order(
        book=book,
        order_id=integer(row, names.order_id),
        client_id=optional_text(row, names.client_id),
        symbol=text(row, names.symbol),
        direction=words.direction(row, names.direction),
        position_side=words.position_side(row, names.position_side),
        type=placed_type,
        quantity=_quantity(row, names.quantity, may_be_absent=close_position),
        executed=_quantity(row, names.executed, may_be_absent=book is OrderBook.ALGO),
        price=decimal(row, names.price),
        trigger_price=None if placed_type == _TRAILING else optional_positive(row, names.trigger),
        watches=words.price_kind(row, names.watches),
        reduce_only=boolean(row, names.reduce_only),
        close_position=close_position,
        status=text(row, names.status),
        time_in_force=text(row, names.time_in_force),
        updated_ms=updated_ms,
        activated=_activated(row, names.activated) if placed_type == _TRAILING else None,
        actual_order_id=optional_integer(row, names.actual_id) or None,
        reason=_reason(row, names.reason),
    )


def _quantity(row: Row, key: str, *, may_be_absent: bool) -> Decimal:
    """Base units; a close-all order may leave them out, and a conditional one has filled nothing before it triggers."""
    return ZERO if may_be_absent and absent(row, key) else amount(row, key)


def _activated(row: Row, key: str) -> bool | None:
    return None if absent(row, key) else boolean(row, key)


def _reason(row: Row, key: str) -> str:
    """Why the order ended; the exchange's code "0" is no reason."""
    reason = identifier(row, key)
    return "" if reason == "0" else reason
