"""Stops that ended and why, and how far from its trigger one filled."""

from __future__ import annotations

from decimal import Decimal

import pytest

import builders
from plimsoll.model.events import AlgoUpdate, OrderUpdate
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, OrderBook, PositionSide, Side
from plimsoll.risk.protective_ends import Outcome, protective_end, slippage

SHORT = builders.position("BNBUSDT", "-2.17", "896.80")
HELD = builders.book([SHORT])


def stop(status: str, **more: object) -> Order:
    """November's stop of BNB in some state."""
    given: dict[str, object] = {
        "symbol": "BNBUSDT",
        "direction": Direction.BUY,
        "quantity": "2.17",
        "trigger": "914.74",
        "type_": "STOP_MARKET",
        "book": OrderBook.ALGO,
        "order_id": 7,
        "reduce_only": True,
    }
    return builders.order(**(given | more), status=status)  # type: ignore[arg-type] # the builder's own arguments


def algo(order: Order, average: str | None = None) -> AlgoUpdate:
    """``ALGO_UPDATE`` of an order."""
    price = None if average is None else Decimal(average)
    return AlgoUpdate(time_ms=5, event_ms=6, order=order, average_price=price, filled=order.executed)


def plain(order: Order, average: str | None = None) -> OrderUpdate:
    """``ORDER_TRADE_UPDATE`` of an order."""
    price = None if average is None else Decimal(average)
    return OrderUpdate(time_ms=5, event_ms=6, order=order, execution="TRADE", fill=None, average_price=price)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("CANCELED", Outcome.CANCELLED), ("EXPIRED", Outcome.EXPIRED), ("REJECTED", Outcome.REJECTED)],
)
def test_a_stop_that_never_filled_tells_why(status: str, outcome: Outcome):
    """The exchange's state is the outcome, its words the reason; there is no slippage."""
    end = protective_end(algo(stop(status, reason="Margin is insufficient.")), HELD)
    assert end is not None
    assert (end.outcome, end.reason, end.slippage) == (outcome, "Margin is insufficient.", None)
    assert (end.identity, end.key, end.side, end.time_ms) == ("algo:7", SHORT.key, Side.SHORT, 5)


def test_a_finished_stop_has_filled_only_if_something_was_filled():
    """FINISHED covers filled and cancelled in the matching engine alike; either of quantity or price tells a fill."""
    filled = protective_end(algo(stop("FINISHED", executed="2.17", actual_order_id=99), "921.00"), HELD)
    priced = protective_end(algo(stop("FINISHED", actual_order_id=99), "921.00"), HELD)
    empty = protective_end(algo(stop("FINISHED", actual_order_id=99)), HELD)
    assert filled is not None
    assert priced is not None
    assert empty is not None
    assert [end.outcome for end in (filled, priced, empty)] == [Outcome.FILLED, Outcome.FILLED, Outcome.CANCELLED]
    assert filled.slippage is not None
    assert round(filled.slippage, 4) == Decimal("0.0068")
    assert empty.slippage is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("FILLED", Outcome.FILLED), ("EXPIRED_IN_MATCH", Outcome.EXPIRED), ("CANCELED", Outcome.CANCELLED)],
)
def test_a_plain_stop_ends_by_its_own_event(status: str, outcome: Outcome):
    """A stop of the old list has no conditional order that would tell its end."""
    end = protective_end(plain(stop(status, book=OrderBook.PLAIN), "921.00"), HELD)
    assert end is not None
    assert (end.outcome, end.identity) == (outcome, "BNBUSDT:7")
    assert end.slippage is not None


def test_the_two_events_of_one_stop_have_one_identity():
    """Whoever counts by identity counts a triggered stop once, whichever event comes first."""
    child = stop("FILLED", book=OrderBook.PLAIN, order_id=99)
    told_by_engine = protective_end(plain(child, "921"), HELD)
    told_by_service = protective_end(algo(stop("FINISHED", executed="2.17", actual_order_id=99), "921"), HELD)
    assert told_by_engine is not None
    assert told_by_service is not None
    assert told_by_engine.identity == told_by_service.identity


def test_the_order_that_a_known_stop_became_tells_no_end_of_its_own():
    """While the triggered stop is in the book, its own end is waited for; other orders in the book do not matter."""
    parent = stop("TRIGGERED", actual_order_id=99)
    book = builders.book([SHORT], orders=[parent])
    assert protective_end(plain(stop("FILLED", book=OrderBook.PLAIN, order_id=99), "921"), book) is None
    assert protective_end(plain(stop("FILLED", book=OrderBook.PLAIN, order_id=98), "921"), book) is not None
    unknown = builders.book([SHORT], orders=None)
    assert protective_end(plain(stop("FILLED", book=OrderBook.PLAIN, order_id=99), "921"), unknown) is not None


def test_what_is_no_protective_end_is_none():
    """Stops that still work, other orders, and stop entries tell nothing."""
    assert protective_end(algo(stop("TRIGGERED")), HELD) is None
    assert protective_end(algo(stop("CANCELED", type_="TAKE_PROFIT_MARKET")), HELD) is None
    entry = stop("CANCELED", reduce_only=False, direction=Direction.SELL)
    assert protective_end(algo(entry), HELD) is None
    assert protective_end(algo(stop("CANCELED", reduce_only=False)), builders.book()) is None


def test_a_loose_stop_protects_while_there_is_a_position_that_it_closes():
    """A plain closing-side stop in one-way mode is a stop of the position."""
    end = protective_end(algo(stop("CANCELED", reduce_only=False)), HELD)
    assert end is not None
    assert end.outcome is Outcome.CANCELLED


def test_a_hedge_stop_belongs_to_its_side():
    """The row of the position is symbol and side."""
    order = stop("EXPIRED", direction=Direction.SELL, position_side=PositionSide.LONG, reduce_only=False)
    end = protective_end(algo(order), builders.book())
    assert end is not None
    assert (end.key, end.side) == (("BNBUSDT", PositionSide.LONG), Side.LONG)


def test_slippage_is_the_adverse_part_only():
    """A buy that fills above its trigger, a sell below; a better fill counts 0; without a trigger there is none."""
    assert slippage(stop("FILLED"), Decimal(905)) == 0
    sold = stop("FILLED", direction=Direction.SELL, trigger="100")
    assert slippage(sold, Decimal(99)) == Decimal("0.01")
    assert slippage(sold, Decimal(101)) == 0
    assert slippage(sold, None) is None
    assert slippage(stop("FILLED", trigger=None), Decimal(99)) is None
