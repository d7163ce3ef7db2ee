"""How orders end, as streams tell it: outcomes, rejections among them, and intents."""

from __future__ import annotations

from dataclasses import replace

import pytest

import builders
from plimsoll.model.events import AlgoUpdate, OrderUpdate
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, OrderBook, PositionMode
from plimsoll.risk.order_ends import held, order_end
from plimsoll.risk.protective_ends import Outcome
from plimsoll.risk.rejections import Intent, Reason

LONG = builders.book([builders.position("BTCUSDT", "4", "91000")])


def told(order: Order) -> OrderUpdate | AlgoUpdate:
    """The event of an order's own list."""
    if order.book is OrderBook.ALGO:
        return AlgoUpdate(time_ms=5, event_ms=6, order=order, average_price=None, filled=None)
    return OrderUpdate(time_ms=5, event_ms=6, order=order, execution="EXPIRED", fill=None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("FILLED", Outcome.FILLED),
        ("CANCELED", Outcome.CANCELLED),
        ("EXPIRED", Outcome.EXPIRED),
        ("EXPIRED_IN_MATCH", Outcome.EXPIRED),
    ],
)
@pytest.mark.parametrize("book", OrderBook)
def test_an_end_that_is_no_rejection(status: str, outcome: Outcome, book: OrderBook):
    """The exchange's state is the outcome; the two lists number their orders independently."""
    end = order_end(told(builders.order(order_id=7, status=status, book=book)), LONG)
    assert end is not None
    assert (end.outcome, end.rejection, end.intent, end.time_ms) == (outcome, None, Intent.OPEN, 5)
    assert end.identity == ("algo:7" if book is OrderBook.ALGO else "BTCUSDT:7")


@pytest.mark.parametrize("status", ["NEW", "PARTIALLY_FILLED", "TRIGGERING", "TRIGGERED", "FINISHED"])
def test_an_order_that_goes_on_has_no_end(status: str):
    """A finished conditional order goes on as the plain order it became, whose end counts."""
    assert order_end(told(builders.order(status=status)), LONG) is None


@pytest.mark.parametrize(
    ("book", "status", "words", "reason"),
    [
        (OrderBook.ALGO, "REJECTED", "Margin is insufficient.", Reason.INSUFFICIENT_MARGIN),
        (OrderBook.ALGO, "REJECTED", "", Reason.OTHER),
        (OrderBook.ALGO, "EXPIRED", "Reduce Only reject", Reason.REDUCE_ONLY),
        (OrderBook.PLAIN, "REJECTED", "", Reason.OTHER),
        (OrderBook.PLAIN, "EXPIRED", "9", Reason.PRICE_BAND),
    ],
)
def test_a_rejection_is_told_with_its_reason(book: OrderBook, status: str, words: str, reason: Reason):
    """REJECTED is one, a conditional order's expiry with words too, and of plain expiries price protection alone."""
    end = order_end(told(builders.order(book=book, status=status, reason=words)), LONG)
    assert end is not None
    assert (end.outcome, end.rejection, end.text) == (Outcome.REJECTED, reason, words)


@pytest.mark.parametrize("code", ["1", "2", "3", "4", "5", "6", "7", "8"])
def test_other_expiries_of_plain_orders_are_no_rejections(code: str):
    """They are what the order asked for, the end of its position, or a liquidation: no page may come of them."""
    end = order_end(told(builders.order(status="EXPIRED", reason=code)), LONG)
    assert end is not None
    assert (end.outcome, end.rejection) == (Outcome.EXPIRED, None)


def test_the_intent_goes_by_the_position_of_then():
    """One-way, an order against the position closes; reduce-only closes anyway; with no book nobody knows."""
    sell = told(builders.order(direction=Direction.SELL, status="FILLED"))
    reduce = told(builders.order(direction=Direction.SELL, status="FILLED", reduce_only=True))
    ends = [order_end(sell, LONG), order_end(sell, None), order_end(reduce, None)]
    assert [end and end.intent for end in ends] == [Intent.CLOSE, Intent.UNKNOWN, Intent.CLOSE]


def test_the_position_held_is_signed_and_none_in_hedge_mode():
    """0 says that nothing is held, ``None`` that a single number cannot say it."""
    hedge = replace(LONG, settings=replace(LONG.settings, position_mode=PositionMode.HEDGE))
    assert [held(LONG, "BTCUSDT"), held(LONG, "ETHUSDT"), held(hedge, "BTCUSDT"), held(None, "BTCUSDT")] == [
        4,
        0,
        None,
        None,
    ]
