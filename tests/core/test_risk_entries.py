"""When each position was opened, and how many orders have increased it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

import builders
from plimsoll.model.events import Fill, OrderUpdate
from plimsoll.model.terms import Direction, PositionSide
from plimsoll.risk.entries import SETTLE_MS, Openings, after_fill, begun, reconciled

KEY = ("BTCUSDT", PositionSide.BOTH)


def filled(amount: str, order_id: int, time_ms: int, *, status: str = "FILLED") -> OrderUpdate:
    """One fill of an order; the sign of the amount is its direction."""
    signed = Decimal(amount)
    direction = Direction.BUY if signed > 0 else Direction.SELL
    fill = Fill(
        trade_id=time_ms,
        quantity=abs(signed),
        price=Decimal(100),
        realized_pnl=Decimal(0),
        commission=Decimal(0),
        commission_asset="USDT",
    )
    order = builders.order(direction=direction, quantity="10", order_id=order_id, status=status)
    return OrderUpdate(time_ms=time_ms, event_ms=time_ms, order=order, execution="TRADE", fill=fill)


def after(*events: OrderUpdate, start: Openings | None = None) -> Openings:
    """The histories after some events."""
    openings = start or Openings()
    for event in events:
        openings = after_fill(openings, event)
    return openings


def known(openings: Openings, amount: str) -> tuple[int | None, int | None] | None:
    """Opening time and entries while the account holds an amount; ``None`` where they are unknown."""
    found = openings.of(KEY, builders.book([builders.position(amount=amount)]))
    return None if found is None else (found.opened_ms, found.entries)


def test_orders_are_counted_and_not_fills():
    """One order in three fills is one entry; another is the second."""
    one = [filled("1", 1, 10, status="PARTIALLY_FILLED"), filled("1", 1, 20, status="PARTIALLY_FILLED")]
    assert known(after(*one, filled("1", 1, 30)), "3") == (10, 1)
    assert known(after(*one, filled("1", 2, 30)), "3") == (10, 2)


def test_an_interrupted_order_is_still_one_entry():
    """Fills of two orders may come in turns."""
    events = [
        filled("1", 1, 10, status="PARTIALLY_FILLED"),
        filled("1", 2, 20, status="PARTIALLY_FILLED"),
        filled("1", 1, 30),
        filled("1", 2, 40),
    ]
    openings = after(*events)
    assert known(openings, "4") == (10, 2)
    assert openings.rows[KEY].filling == frozenset()


def test_reducing_is_no_entry():
    """An order that makes the position smaller counts for nothing."""
    assert known(after(filled("3", 1, 10), filled("-1", 2, 20)), "2") == (10, 1)


def test_a_close_ends_the_history():
    """What is opened after a close begins anew."""
    openings = after(filled("3", 1, 10), filled("-3", 2, 20))
    assert openings.rows == {}
    assert known(after(filled("-1", 3, 30), start=openings), "-1") == (30, 1)


def test_a_flip_begins_anew():
    """The order that turns the position around is the first entry of the new one."""
    assert known(after(filled("3", 1, 10), filled("2", 2, 15), filled("-7", 3, 20)), "-2") == (20, 1)


def test_events_without_a_fill_move_nothing():
    """A new or cancelled order is no fill."""
    event = OrderUpdate(time_ms=1, event_ms=1, order=builders.order(), execution="NEW", fill=None)
    openings = after(filled("1", 1, 10))
    assert after_fill(openings, event) is openings


def test_a_history_that_disagrees_with_the_account_is_not_told():
    """Between two events of one fill, and after a missed one, entries are unknown rather than wrong."""
    openings = after(filled("1", 1, 10))
    assert known(openings, "2") is None
    assert openings.of(KEY, builders.book()) is None
    assert Openings().of(KEY, builders.book([builders.position(amount="2")])) is None


def test_what_was_open_before_is_unknown_until_it_closes():
    """A position found at the start has no history; what follows its close has."""
    held = builders.book([builders.position(amount="2")])
    openings = begun(Openings(), held)
    assert known(openings, "2") is None
    openings = after(filled("1", 1, 10), start=openings)
    assert known(openings, "3") is None
    openings = after(filled("-3", 2, 20), filled("1", 3, 30), start=openings)
    assert known(openings, "1") == (30, 1)


def test_a_kept_history_is_believed_where_it_agrees():
    """After a restart a kept row with the account's amount goes on; another becomes unknown, a closed one goes."""
    kept = after(filled("2", 1, 10))
    assert known(begun(kept, builders.book([builders.position(amount="2")])), "2") == (10, 1)
    assert known(begun(kept, builders.book([builders.position(amount="3")])), "3") is None
    assert begun(kept, builders.book()).rows == {}


def test_events_have_time_to_arrive_before_a_history_is_doubted():
    """A fill and the position it makes come by two events in either order."""
    openings, flat = after(filled("2", 1, 10)), builders.book()
    assert reconciled(openings, flat, now_ms=10 + SETTLE_MS) == openings
    assert reconciled(openings, flat, now_ms=11 + SETTLE_MS).rows == {}
    news = builders.book([builders.position(amount="2", updated_ms=10)])
    assert reconciled(Openings(), news, now_ms=10 + SETTLE_MS).rows == {}


def test_a_missed_fill_makes_the_history_unknown():
    """What the account holds and no fill told has no history, and is followed from its true amount."""
    grown = builders.book([builders.position(amount="5", updated_ms=20)])
    openings = reconciled(after(filled("2", 1, 10)), grown, now_ms=21 + SETTLE_MS)
    assert openings.rows[KEY].amount == 5
    assert known(openings, "5") is None
    unseen = reconciled(Openings(), grown, now_ms=21 + SETTLE_MS)
    assert (unseen.rows[KEY].amount, unseen.rows[KEY].opened_ms) == (5, None)


def test_a_history_that_agrees_is_left_alone():
    """However old it is."""
    openings = after(filled("2", 1, 10))
    held = builders.book([builders.position(amount="2")])
    assert reconciled(openings, held, now_ms=10**12) == openings


@given(st.lists(st.tuples(st.integers(-3, 3).filter(bool), st.integers(1, 4)), max_size=30))
def test_the_amount_is_the_sum_of_the_fills(moves: list[tuple[int, int]]):
    """Whatever the fills, the row holds their sum, and at least one entry, and none where that is zero."""
    openings = Openings()
    for time_ms, (amount, order_id) in enumerate(moves, start=1):
        openings = after_fill(openings, filled(str(amount), order_id, time_ms, status="PARTIALLY_FILLED"))
    total = sum(amount for amount, _ in moves)
    row = openings.rows.get(KEY)
    assert (row.amount if row else 0) == total
    assert (row is None) is (total == 0)
    assert row is None or (row.entries is not None and 1 <= row.entries <= len(moves))
