"""The life of orders that are to close positions, from what streams tell and what the book shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import builders
from plimsoll.database.closing import GONE, ClosingOrder
from plimsoll.database.database import Database
from plimsoll.model.events import AlgoUpdate, Fill, OrderUpdate
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, OrderBook
from plimsoll.state.book import Book
from plimsoll_exporter.rejections.closing import LOOKS_BEFORE_GONE
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.streams import OrderEnds
from state_values import open_state

HELD = builders.position("BNBUSDT", "-2.17", "896.80")
STOP = builders.stop("BNBUSDT", Direction.BUY, "2.17", "914.74", order_id=7, updated_ms=5_000)
TAKE = builders.order(
    "BNBUSDT", Direction.BUY, "2.17", "0", order_id=8, book=OrderBook.ALGO, type_="TAKE_PROFIT_MARKET", trigger="850"
)
LIMIT = builders.order("BNBUSDT", Direction.BUY, "2.17", "850", order_id=9)
"""A plain order against the position; the same the other way round is an entry."""


@contextmanager
def hearing(folder: Path) -> Iterator[tuple[OrderEnds, Database]]:
    """What hears an account's order events, over a state database."""
    with open_state(folder) as state:
        yield OrderEnds("eon", Ledger(state, ("eon",), clock=state._clock)), state  # noqa: SLF001 - the one that it has


def told(order: Order, status: str = "NEW", *, at_ms: int = 9_000, price: str | None = None) -> AlgoUpdate:
    """An event about a conditional order."""
    average = None if price is None else Decimal(price)
    return AlgoUpdate(
        time_ms=at_ms, event_ms=at_ms, order=replace(order, status=status), average_price=average, filled=average
    )


def kept(state: Database) -> list[ClosingOrder]:
    """All that is kept of the account."""
    return list(state.closing_orders_between("eon", since=0, until=1e12))


def holding(*orders: Order) -> Book:
    """The position with these open orders."""
    return builders.book([HELD], orders=orders)


def test_what_the_book_shows_is_kept_once_and_over_a_restart(tmp_path: Path):
    """Orders that were there before the exporter was count from their own time; entries are left out."""
    entry = replace(LIMIT, order_id=10, direction=Direction.SELL)
    for _ in range(2):
        with hearing(tmp_path) as (ends, state):
            ends.closing.look(None, 50.0)
            for _ in range(2):
                ends.closing.look(holding(STOP, TAKE, LIMIT, entry), 50.0)
            assert [(one.order_id, one.purpose, one.since) for one in kept(state)] == [
                (7, "stop", 5.0),
                (8, "take_profit", 50.0),
                (9, "entry", 50.0),
            ]


def test_a_stop_that_fills_ends_with_its_price_and_the_order_it_became_is_no_other(tmp_path: Path):
    """Trigger and average price are told by one row, whichever of the two events comes first."""
    became = replace(STOP, book=OrderBook.PLAIN, order_id=99, trigger_price=None, executed=Decimal("2.17"))
    plain = OrderUpdate(
        time_ms=9_500,
        event_ms=9_500,
        order=replace(became, status="FILLED", client_id="stop-7"),
        execution="TRADE",
        fill=None,
        average_price=Decimal(921),
    )
    stop = replace(STOP, client_id="stop-7")
    with hearing(tmp_path) as (ends, state):
        ends.event(told(stop, at_ms=6_000), holding())
        ends.event(plain, holding(stop))
        ends.event(told(replace(stop, executed=Decimal("2.17")), "FINISHED", price="921"), holding(stop))
        ends.event(plain, holding())
        (row,) = kept(state)
    assert (row.trigger, row.since, row.ended, row.outcome, row.average_price) == ("914.74", 6.0, 9.0, "filled", "921")


def test_a_stop_that_is_heard_of_at_its_end_is_kept_with_it(tmp_path: Path):
    """Its reason too; a market order that closes is no resting order."""
    rejected = replace(STOP, reason="Margin is insufficient.")
    market = replace(LIMIT, type="MARKET", reduce_only=True)
    with hearing(tmp_path) as (ends, state):
        ends.event(told(rejected, "REJECTED"), holding())
        ends.event(OrderUpdate(time_ms=9, event_ms=9, order=market, execution="NEW", fill=None), holding())
        (row,) = kept(state)
    assert (row.outcome, row.reason, row.ended) == ("rejected", "Margin is insufficient.", 9.0)


def test_what_is_listed_no_more_is_gone_until_its_end_is_told(tmp_path: Path):
    """Not at once, for an end may be told late, and never while the list is not known."""
    with hearing(tmp_path) as (ends, state):
        ends.closing.look(holding(STOP), 10.0)
        for _ in range(LOOKS_BEFORE_GONE - 1):
            ends.closing.look(holding(), 20.0)
        ends.closing.look(builders.book([HELD], orders=None), 20.0)
        for _ in range(LOOKS_BEFORE_GONE - 1):
            ends.closing.look(holding(), 20.0)
        assert kept(state)[0].outcome == ""
        ends.closing.look(holding(), 20.0)
        assert (kept(state)[0].outcome, kept(state)[0].ended) == (GONE, 20.0)
        ends.event(told(STOP, "CANCELED"), holding())
        assert (kept(state)[0].outcome, kept(state)[0].ended) == ("cancelled", 9.0)


def test_an_executed_order_tells_what_it_realised(tmp_path: Path):
    """The sum over its fills, where all of them were heard; else nothing is told rather than a part."""
    fills = [Fill(trade_id=n, quantity=Decimal(1), price=Decimal(90), realized_pnl=Decimal(-5), commission=Decimal(0),
                  commission_asset="USDT") for n in (1, 2)]  # fmt: skip
    order = replace(LIMIT, type="MARKET", quantity=Decimal(2))
    with hearing(tmp_path) as (ends, state):
        for number, events in ((1, fills), (2, fills[1:])):
            for done, one in enumerate(events, start=3 - len(events)):
                now = replace(
                    order, order_id=number, executed=Decimal(done), status="FILLED" if done == 2 else "PARTIALLY_FILLED"
                )
                event = OrderUpdate(
                    time_ms=9, event_ms=9, order=now, execution="TRADE", fill=one, average_price=Decimal(90)
                )
                ends.event(event, holding())
        rows = state.ended_orders("eon")
    assert [(row.realized, row.executed, row.average_price) for row in rows] == [("", "2", "90"), ("-10", "2", "90")]
