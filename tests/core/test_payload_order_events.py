"""What the events about orders, plain and conditional, say in the product's language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payload_files import MISSING, changed, payload
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import events
from plimsoll.model.events import AlgoUpdate, Fill, OrderUpdate
from plimsoll.model.terms import OrderBook, PriceKind

SENT, DONE = 1795165200007, 1795165200004


def _order_update(name: str) -> OrderUpdate:
    event = events.account_event(payload(name))
    assert isinstance(event, OrderUpdate)
    return event


def _algo_update(name: str) -> AlgoUpdate:
    event = events.account_event(payload(name))
    assert isinstance(event, AlgoUpdate)
    return event


def test_a_new_order():
    """No trade, no fill; a commission of null is none; the order is as of the transaction time."""
    event = _order_update("ev_order_new")
    assert (event.time_ms, event.event_ms, event.execution, event.fill) == (DONE, SENT, "NEW", None)
    assert (event.order.book, event.order.key) == (OrderBook.PLAIN, (OrderBook.PLAIN, 99120100))
    assert (event.order.updated_ms, event.order.reason, event.order.reduce_only) == (DONE, "", True)
    assert (event.order.watches, event.order.trigger_price) == (PriceKind.LAST, None)


def test_a_trade():
    """A partial fill with its price, profit and commission."""
    event = _order_update("ev_order_trade")
    assert (event.order.status, event.order.executed, event.order.remaining) == ("PARTIALLY_FILLED", 4, 6)
    assert event.fill == Fill(
        trade_id=881200501,
        quantity=Decimal(4),
        price=Decimal("186.01"),
        realized_pnl=Decimal("14.44"),
        commission=Decimal("0.297616"),
        commission_asset="USDT",
    )


def test_the_average_price_of_all_fills():
    """An order tells the average of its fills once it has any."""
    told = events.account_event(changed(payload("ev_order_trade"), ("o", "ap"), "186.01"))
    assert isinstance(told, OrderUpdate)
    assert told.average_price == Decimal("186.01")
    assert _order_update("ev_order_new").average_price is None


def test_a_trade_without_commission():
    """The commission and its asset may be left out when there was none."""
    fill = _order_update("ev_order_trade_free").fill
    assert fill is not None
    assert (fill.commission, fill.commission_asset, fill.quantity) == (0, "", 6)


def test_a_commission_needs_its_asset():
    """A commission in an unknown asset could not be booked."""
    with pytest.raises(Malformed, match="ORDER_TRADE_UPDATE o: N is missing"):
        events.account_event(changed(payload("ev_order_trade"), ("o", "N"), MISSING))


def test_a_market_order_cut_off():
    """An order that expired unfilled has a reason and no fill, even if it filled before."""
    event = _order_update("ev_order_expired")
    assert (event.execution, event.order.reason, event.fill, event.order.ended) == ("EXPIRED", "9", None, True)


def test_a_trade_of_nothing_is_no_fill():
    """An execution that filled nothing is no fill."""
    event = events.account_event(changed(payload("ev_order_trade"), ("o", "l"), "0"))
    assert isinstance(event, OrderUpdate)
    assert event.fill is None


def test_a_liquidation():
    """The exchange's own execution is a fill like any other; its unknown order type is kept."""
    event = _order_update("ev_order_liquidation")
    assert (event.execution, event.order.type, event.order.client_id[:9]) == ("CALCULATED", "LIQUIDATION", "autoclose")
    assert event.fill is not None
    assert event.fill.realized_pnl == -613


def test_a_new_conditional_order():
    """Before the trigger nothing is filled and no order was born."""
    event = _algo_update("ev_algo_new")
    assert (event.time_ms, event.event_ms, event.average_price, event.filled) == (DONE, SENT, None, None)
    assert (event.order.book, event.order.trigger_price) == (OrderBook.ALGO, Decimal("171.5"))
    assert (event.order.actual_order_id, event.order.activated, event.order.reason) == (None, None, "")
    assert (event.order.watches, event.order.executed) == (PriceKind.MARK, 0)


def test_a_close_all_stop():
    """A close-all order has the quantity zero."""
    order = _algo_update("ev_algo_close_all").order
    assert (order.close_position, order.quantity) == (True, 0)


def test_a_trailing_stop_tells_its_activation():
    """Activated or not, or not told; never a trigger price."""
    assert _algo_update("ev_algo_trailing_activated").order.activated is True
    assert _algo_update("ev_algo_trailing_untold").order.activated is None
    assert _algo_update("ev_algo_trailing_activated").order.trigger_price is None


def test_a_triggered_conditional_order():
    """The order it became is named; nothing is filled yet, so there is no average price."""
    event = _algo_update("ev_algo_triggered")
    assert (event.order.status, event.order.actual_order_id) == ("TRIGGERED", 99120200)
    assert (event.average_price, event.filled) == (None, 0)


def test_a_finished_conditional_order():
    """What the order it became filled, and at which price."""
    event = _algo_update("ev_algo_finished")
    assert (event.average_price, event.filled, event.order.executed) == (Decimal("171.38"), 40, 40)


def test_a_rejected_conditional_order():
    """The exchange's reason is kept: it is told nowhere else."""
    event = _algo_update("ev_algo_rejected")
    assert (event.order.status, event.order.reason, event.order.ended) == ("REJECTED", "Reduce Only reject", True)
    assert (event.average_price, event.filled) == (None, 0)
