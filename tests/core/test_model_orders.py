"""What an order says of itself: whether it has ended, what remains, what it is for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from plimsoll.model.events import PositionChange
from plimsoll.model.orders import ENDED, Order
from plimsoll.model.terms import Direction, MarginMode, OrderBook, PositionSide, PriceKind, Purpose

BUY = Order(
    book=OrderBook.PLAIN,
    order_id=7,
    client_id="bot-1",
    symbol="SOLUSDT",
    direction=Direction.BUY,
    position_side=PositionSide.BOTH,
    type="LIMIT",
    quantity=Decimal(12),
    executed=Decimal(5),
    price=Decimal(180),
    trigger_price=None,
    watches=PriceKind.LAST,
    reduce_only=False,
    close_position=False,
    status="NEW",
    time_in_force="GTC",
    updated_ms=1,
)


def test_an_order_is_identified_by_book_and_id():
    """The same number in the other book is another order."""
    assert BUY.key == (OrderBook.PLAIN, 7)
    assert replace(BUY, book=OrderBook.ALGO).key != BUY.key


def test_what_remains():
    """What was asked for less what was filled."""
    assert BUY.remaining == 7


@pytest.mark.parametrize("status", sorted(ENDED))
def test_final_states(status: str):
    """An order in a final state never works again."""
    assert replace(BUY, status=status).ended


@pytest.mark.parametrize("status", ["NEW", "PARTIALLY_FILLED", "TRIGGERING", "TRIGGERED", "PENDING_NEW"])
def test_states_in_which_an_order_works(status: str):
    """Any other state, unknown ones included, is taken to be working."""
    assert not replace(BUY, status=status).ended


@pytest.mark.parametrize(
    ("side", "direction", "closes"),
    [
        (PositionSide.BOTH, Direction.BUY, False),
        (PositionSide.BOTH, Direction.SELL, False),
        (PositionSide.LONG, Direction.SELL, True),
        (PositionSide.LONG, Direction.BUY, False),
        (PositionSide.SHORT, Direction.BUY, True),
        (PositionSide.SHORT, Direction.SELL, False),
    ],
)
def test_hedge_sides_tell_whether_an_order_closes(side: PositionSide, direction: Direction, closes: object):
    """In hedge mode, selling a long and buying a short can only close."""
    order = replace(BUY, position_side=side, direction=direction)
    assert order.closes_side is closes
    assert order.purpose is (Purpose.REDUCE if closes else Purpose.ENTRY)


@pytest.mark.parametrize("flag", ["reduce_only", "close_position"])
def test_flags_tell_whether_an_order_closes(flag: str):
    """Either flag makes an order one that can only reduce."""
    assert replace(BUY, **{flag: True}).closes_side
    assert replace(BUY, **{flag: True}).purpose is Purpose.REDUCE


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [
        ("STOP", Purpose.STOP),
        ("STOP_MARKET", Purpose.STOP),
        ("TRAILING_STOP_MARKET", Purpose.STOP),
        ("TAKE_PROFIT", Purpose.TAKE_PROFIT),
        ("TAKE_PROFIT_MARKET", Purpose.TAKE_PROFIT),
        ("MARKET", Purpose.ENTRY),
        ("SOMETHING_NEW", Purpose.ENTRY),
    ],
)
def test_the_type_tells_stops_and_take_profits(kind: str, purpose: Purpose):
    """Stops and take-profits are told by their type; anything else that may open is an entry."""
    assert replace(BUY, type=kind).purpose is purpose


def test_the_row_that_a_change_is_about():
    """A change of a position names the row it belongs to."""
    change = PositionChange(
        symbol="SOLUSDT",
        position_side=PositionSide.LONG,
        amount=Decimal(0),
        entry_price=Decimal(0),
        unrealized_pnl=Decimal(0),
        margin_mode=MarginMode.CROSS,
        isolated_wallet=Decimal(0),
    )
    assert change.key == ("SOLUSDT", PositionSide.LONG)
