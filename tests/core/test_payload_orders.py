"""What the lists of open orders say in the product's language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payload_files import MISSING, changed, payload
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import orders
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, OrderBook, PositionSide, PriceKind, Purpose


def test_a_plain_limit_order():
    """Every field of a resting order."""
    assert orders.plain_orders(payload("rest_open_orders"))[0] == Order(
        book=OrderBook.PLAIN,
        order_id=99120001,
        client_id="bot-a1",
        symbol="SOLUSDT",
        direction=Direction.BUY,
        position_side=PositionSide.BOTH,
        type="LIMIT",
        quantity=Decimal(12),
        executed=Decimal(0),
        price=Decimal("180.50"),
        trigger_price=None,
        watches=PriceKind.LAST,
        reduce_only=False,
        close_position=False,
        status="NEW",
        time_in_force="GTC",
        updated_ms=1795165091000,
    )


def test_a_partly_filled_reduce_only_order():
    """What is filled is told, and what remains follows."""
    order = orders.plain_orders(payload("rest_open_orders"))[1]
    assert (order.status, order.executed, order.remaining) == ("PARTIALLY_FILLED", 5, 7)
    assert (order.reduce_only, order.purpose) == (True, Purpose.REDUCE)


def test_the_type_is_the_one_it_was_placed_as():
    """A limit order born from a take-profit stays a take-profit, with its trigger and the price it watched."""
    order = orders.plain_orders(payload("rest_open_orders"))[2]
    assert (order.type, order.trigger_price, order.watches) == ("TAKE_PROFIT", 198, PriceKind.MARK)


def test_a_trailing_stop_has_no_trigger_price():
    """The trigger of a trailing stop moves; the stop price in the answer means nothing."""
    order = orders.plain_orders(payload("rest_open_orders"))[3]
    assert (order.type, order.trigger_price, order.activated) == ("TRAILING_STOP_MARKET", None, None)


def test_unknown_words_of_an_order_are_kept():
    """An unknown type, state or time in force is text like any other."""
    order = orders.plain_orders(payload("rest_open_orders"))[4]
    assert (order.type, order.status, order.time_in_force) == ("SCALED", "PENDING_NEW", "GTE_GTC")


def test_a_conditional_stop():
    """Every field of a conditional order that has not triggered."""
    assert orders.algo_orders(payload("rest_open_algo_orders"))[0] == Order(
        book=OrderBook.ALGO,
        order_id=4000002220000001,
        client_id="sl-1",
        symbol="SOLUSDT",
        direction=Direction.SELL,
        position_side=PositionSide.BOTH,
        type="STOP_MARKET",
        quantity=Decimal(40),
        executed=Decimal(0),
        price=Decimal(0),
        trigger_price=Decimal("171.50"),
        watches=PriceKind.MARK,
        reduce_only=True,
        close_position=False,
        status="NEW",
        time_in_force="GTC",
        updated_ms=1795165080000,
    )


def test_a_conditional_trailing_stop():
    """The list tells neither a trigger price nor whether it is activated."""
    order = orders.algo_orders(payload("rest_open_algo_orders"))[1]
    assert (order.type, order.trigger_price, order.activated) == ("TRAILING_STOP_MARKET", None, None)


def test_a_close_all_order_needs_no_quantity():
    """The quantity of a close-all order may be zero or left out."""
    zero, bare = orders.algo_orders(payload("rest_open_algo_orders"))[2:4]
    assert (zero.quantity, zero.close_position, zero.time_in_force) == (0, True, "GTE_GTC")
    assert (bare.quantity, bare.close_position) == (0, True)


def test_a_triggered_order_names_the_order_it_became():
    """The id of the plain order, a text in the answer, becomes a number."""
    order = orders.algo_orders(payload("rest_open_algo_orders"))[4]
    assert (order.status, order.actual_order_id, order.price) == ("TRIGGERED", 99120077, 191)


@pytest.mark.parametrize("value", ["0", "", None, MISSING])
def test_before_the_trigger_there_is_no_actual_order(value: object):
    """Zero, an empty text or nothing: no order was born yet."""
    json = changed(payload("rest_open_algo_orders"), (4, "actualOrderId"), value)
    assert orders.algo_orders(json)[4].actual_order_id is None


@pytest.mark.parametrize("value", [MISSING, None, "CONTRACT_PRICE"])
def test_the_last_price_is_watched_unless_told_otherwise(value: object):
    """The exchange's default is the price of the last trade."""
    json = changed(payload("rest_open_algo_orders"), (0, "workingType"), value)
    assert orders.algo_orders(json)[0].watches is PriceKind.LAST


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("side", "HOLD"),
        ("side", MISSING),
        ("positionSide", "NET"),
        ("workingType", "INDEX_PRICE"),
        ("reduceOnly", None),
        ("price", "NaN"),
        ("timeInForce", ""),
        ("updateTime", MISSING),
        ("symbol", 7),
    ],
)
def test_one_broken_order_refuses_the_list(field: str, value: object):
    """A list with an order that cannot be read is refused whole, in either book, and the field is named."""
    for read, name in ((orders.plain_orders, "rest_open_orders"), (orders.algo_orders, "rest_open_algo_orders")):
        with pytest.raises(Malformed, match=rf"Orders \[0\]: {field} "):
            read(changed(payload(name), (0, field), value))


@pytest.mark.parametrize(
    ("field", "value"),
    [("orderId", "abc"), ("origQty", MISSING), ("executedQty", "-1"), ("type", 1), ("status", MISSING)],
)
def test_what_only_a_plain_order_has(field: str, value: object):
    """Ids, quantities and states of plain orders are required; a type that is told once must be told well."""
    json = changed(payload("rest_open_orders"), (4, field), value)
    with pytest.raises(Malformed, match=rf"openOrders \[4\]: {field} "):
        orders.plain_orders(json)


@pytest.mark.parametrize(
    ("field", "value"),
    [("algoId", 1.5), ("quantity", ""), ("orderType", MISSING), ("algoStatus", None), ("triggerPrice", "x")],
)
def test_what_only_a_conditional_order_has(field: str, value: object):
    """A conditional order that closes no whole position must have a quantity, and always an id, a type and a state."""
    json = changed(payload("rest_open_algo_orders"), (0, field), value)
    with pytest.raises(Malformed, match=rf"openAlgoOrders \[0\]: {field} "):
        orders.algo_orders(json)


def test_no_orders():
    """An empty list is no orders; anything but a list is an error."""
    assert orders.plain_orders([]) == ()
    assert orders.algo_orders([]) == ()
    with pytest.raises(Malformed, match="GET /fapi/v1/openAlgoOrders: expected a list"):
        orders.algo_orders({"code": -1000})


def test_a_conditional_order_that_is_asked_for_by_its_id():
    """The answer is the event that would tell its last change: state, fill, price and the order it became."""
    told = orders.algo_order(payload("rest_algo_order"))
    assert (told.order.key, told.order.status) == ((OrderBook.ALGO, 4000001910701524), "FINISHED")
    assert (told.order.actual_order_id, told.order.trigger_price) == (712350001111, 88500)
    assert (told.average_price, told.filled, told.order.executed) == (Decimal("88471.20"), *[Decimal("0.150")] * 2)
    assert (told.time_ms, told.event_ms, told.order.updated_ms) == (1795164007040,) * 3


def test_a_conditional_order_that_never_triggered_tells_no_fill():
    """Quantity and type of the order it would have become are absent, its price is zero, and no reason is told."""
    json = payload("rest_algo_order")
    for field, value in (
        ("algoStatus", "REJECTED"),
        ("actualQty", MISSING),
        ("actualType", MISSING),
        ("actualPrice", "0.00"),
        ("actualOrderId", ""),
    ):
        json = changed(json, (field,), value)
    told = orders.algo_order(json)
    assert (told.order.status, told.order.reason, told.order.actual_order_id) == ("REJECTED", "", None)
    assert (told.average_price, told.filled) == (None, 0)
    with pytest.raises(Malformed):
        orders.algo_order([])
