"""Which open orders are stops of a position."""

from __future__ import annotations

from decimal import Decimal

import pytest

import builders
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, OrderBook, PositionSide
from plimsoll.risk.stops import Stop, orphans, stops_of, working_stops

LONG = builders.position("BTCUSDT", "2")
SHORT = builders.position("BTCUSDT", "-2")


def found(*orders: Order) -> tuple[Stop, ...]:
    """The stops of a long of 2 BTC among some orders."""
    return stops_of(LONG, working_stops(orders))


@pytest.mark.parametrize("type_", ["STOP_MARKET", "STOP", "TRAILING_STOP_MARKET"])
@pytest.mark.parametrize("book", list(OrderBook))
def test_every_stop_type_of_either_list_is_a_stop(type_: str, book: OrderBook):
    """STOP_MARKET, STOP and TRAILING_STOP_MARKET count, from the algo service and from the plain list."""
    assert len(found(builders.stop(type_=type_, book=book))) == 1


@pytest.mark.parametrize("type_", ["TAKE_PROFIT", "TAKE_PROFIT_MARKET", "LIMIT", "MARKET", "LIQUIDATION"])
def test_nothing_else_is_a_stop(type_: str):
    """A take-profit, a limit order and whatever else closes a position protect nothing."""
    assert found(builders.stop(type_=type_)) == ()


@pytest.mark.parametrize("status", ["NEW", "PARTIALLY_FILLED", "TRIGGERING", "TRIGGERED"])
def test_a_stop_counts_until_it_has_ended(status: str):
    """A stop that has triggered and waits for its fill is still a stop."""
    assert len(found(builders.order(type_="STOP_MARKET", direction=Direction.SELL, status=status))) == 1


@pytest.mark.parametrize("status", ["REJECTED", "CANCELED", "EXPIRED", "FINISHED", "FILLED", "PENDING_SOMETHING"])
def test_a_stop_in_any_other_state_counts_no_more(status: str):
    """An ended order, or one in a state that we do not know, is no stop."""
    assert found(builders.order(type_="STOP_MARKET", direction=Direction.SELL, status=status)) == ()


def test_only_the_closing_side_of_the_own_row_counts():
    """Another symbol, another side of the hedge and the direction that adds are no stops of a position."""
    hedged = builders.position("BTCUSDT", "2", position_side=PositionSide.LONG)
    others = [
        builders.stop("ETHUSDT"),
        builders.stop("BTCUSDT", Direction.BUY, order_id=2),
        builders.stop("BTCUSDT", order_id=3, position_side=PositionSide.SHORT),
    ]
    assert found(*others) == ()
    own = builders.stop("BTCUSDT", order_id=4, position_side=PositionSide.LONG, reduce_only=False)
    (stop,) = stops_of(hedged, working_stops([*others, own]))
    assert not stop.may_open


def test_a_short_is_closed_by_buying():
    """The stops of a short are its buys."""
    assert stops_of(SHORT, working_stops([builders.stop(direction=Direction.SELL)])) == ()
    assert len(stops_of(SHORT, working_stops([builders.stop(direction=Direction.BUY)]))) == 1


def test_a_stop_that_is_not_bound_to_the_position_may_open():
    """In one-way mode a plain closing-side stop is a stop, and may open the reverse."""
    (bound,), (loose,) = found(builders.stop()), found(builders.stop(reduce_only=False))
    assert not bound.may_open
    assert loose.may_open
    assert loose.covers is True


def test_a_closing_order_takes_all_and_another_what_it_has_not_filled():
    """A closePosition order has no quantity; a partly filled stop closes the rest."""
    (whole,) = found(builders.stop(close_position=True, reduce_only=False, quantity="0"))
    assert whole.quantity is None
    assert not whole.may_open
    partly = builders.order(type_="STOP", direction=Direction.SELL, quantity="2", executed="0.5", trigger="90")
    (rest,) = found(partly)
    assert rest.quantity == Decimal("1.5")


@pytest.mark.parametrize("activated", [True, False, None])
def test_a_trailing_stop_covers_once_activated(*, activated: bool | None):
    """Activated covers, waiting does not, untold is unknown; its trigger is never told."""
    order = builders.order(type_="TRAILING_STOP_MARKET", direction=Direction.SELL, activated=activated)
    (stop,) = found(order)
    assert stop.covers is activated
    assert (stop.trigger, stop.fill) == (None, None)


def test_the_loss_of_a_stop_limit_is_taken_at_its_limit():
    """A stop-limit fills at its limit price, and at an unknown one where the book gives it."""
    (limited,) = found(builders.order(type_="STOP", direction=Direction.SELL, price="88", trigger="90"))
    assert (limited.trigger, limited.fill) == (Decimal(90), Decimal(88))
    (matched,) = found(builders.order(type_="STOP", direction=Direction.SELL, price="0", trigger="90"))
    assert (matched.trigger, matched.fill) == (Decimal(90), None)
    (market,) = found(builders.stop(trigger="90"))
    assert market.fill == Decimal(90)


def triggered(actual: int | None, status: str = "TRIGGERED") -> Order:
    """A conditional stop of 2 that has become a plain order."""
    return builders.order(
        type_="STOP_MARKET",
        direction=Direction.SELL,
        quantity="2",
        trigger="90",
        order_id=77,
        book=OrderBook.ALGO,
        status=status,
        actual_order_id=actual,
        reduce_only=True,
    )


def plain(order_id: int, executed: str = "0", symbol: str = "BTCUSDT") -> Order:
    """The plain order that a conditional one becomes: it keeps the type it was placed with."""
    return builders.order(
        symbol, Direction.SELL, "2", "0", type_="STOP_MARKET", order_id=order_id, executed=executed, reduce_only=True
    )


def test_a_triggered_stop_and_the_order_it_became_count_once():
    """The two are joined over algo id and order id, and what is filled counts."""
    (stop,) = found(triggered(5), plain(5, executed="0.5"))
    assert stop.quantity == Decimal("1.5")
    assert stop.trigger == Decimal(90)


def test_a_triggered_stop_covers_before_and_after_its_plain_order_is_listed():
    """While the trigger is on its way, or the plain order has filled and the end is not told, the stop stands."""
    for order in (triggered(None, "TRIGGERING"), triggered(5)):
        (stop,) = found(order)
        assert stop.quantity == Decimal(2)


def test_orders_of_other_numbers_or_symbols_are_not_joined():
    """Order numbers are those of a symbol: the same number elsewhere is another order."""
    assert len(found(triggered(5), plain(6))) == 2
    other = builders.position("ETHUSDT", "2")
    assert len(stops_of(other, working_stops([triggered(5), plain(5, symbol="ETHUSDT")]))) == 1


def test_a_stop_without_a_position_is_an_orphan():
    """Stops that can only close count as orphans where nothing is on the side they close; entries by stop do not."""
    stops = [
        builders.stop("BTCUSDT", order_id=1),
        builders.stop("BTCUSDT", Direction.BUY, order_id=2),
        builders.stop("ETHUSDT", order_id=3, close_position=True, reduce_only=False),
        builders.stop("SOLUSDT", order_id=4, reduce_only=False),
    ]
    assert orphans([LONG], working_stops(stops)) == 2
    assert orphans([], working_stops(stops)) == 3
    assert orphans([SHORT], working_stops([builders.stop("BTCUSDT", Direction.BUY)])) == 0
