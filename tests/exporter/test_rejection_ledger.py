"""The ledger of ended orders: what is the same event, what counts, and what survives restarts and full disks."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import builders
from manual_clock import ManualClock
from plimsoll.database.database import FILE_NAME
from plimsoll.database.values import FilePosition
from plimsoll.errors import StateUnavailable
from plimsoll.model.events import AlgoUpdate, OrderUpdate
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, OrderBook
from plimsoll.risk.rejections import Intent
from plimsoll.state.book import Book
from plimsoll_exporter.rejections.counts import BY_SYMBOL, ORDERS, PROTECTIVE, REJECTIONS
from plimsoll_exporter.rejections.ledger import PRUNE_SECONDS, RETRY_SECONDS, Ledger
from plimsoll_exporter.rejections.streams import OrderEnds
from plimsoll_exporter.rejections.told import Source
from rejection_scene import AT, ledger_in, rejections, sources, told

MARGIN_CLOSE = ("insufficient_margin", "close")
HELD = builders.book([builders.position("BTCUSDT", "4", "91000")])


def at(offset: int) -> FilePosition:
    """A position in a log."""
    return FilePosition(path="/var/log/bot.log", inode=7, offset=offset, fingerprint="f")


def line(key: str, time: float = AT, code: int = -2019):
    """A line of a log."""
    return told(key, source=Source.LOG, time=time, code=code)


def test_every_combination_stands_at_zero_before_the_first_event(tmp_path: Path):
    """Nothing happened is 0, not absent; the time of the last rejection is absent, not 0."""
    with ledger_in(tmp_path) as ledger:
        counts = ledger.shown("eon").of(REJECTIONS)
    assert len(counts) == 8 * 3
    assert {(int(count.value), count.last_at) for count in counts.values()} == {(0, None)}


def test_a_report_counts_once_however_often_it_comes(tmp_path: Path):
    """Its id decides, over a restart too; the time is that of the product's learning."""
    clock = ManualClock()
    with ledger_in(tmp_path, clock) as ledger:
        first = clock.now()
        assert ledger.report(told(intent=Intent.CLOSE, symbol="BTCUSDT"))
        clock.advance(30)
        assert not ledger.report(told(intent=Intent.CLOSE, symbol="BTCUSDT"))
    with ledger_in(tmp_path, clock) as ledger:
        assert not ledger.report(told(intent=Intent.CLOSE, symbol="BTCUSDT"))
        assert ledger.report(told("r2", account="live"))
        shown = ledger.shown("eon")
        assert (rejections(shown), sources(shown)) == ({"close": 1}, {"report": 1})
        assert shown.of(REJECTIONS)[MARGIN_CLOSE].last_at == first
        assert shown.of(BY_SYMBOL) == {("BTCUSDT", *MARGIN_CLOSE): shown.of(REJECTIONS)[MARGIN_CLOSE]}
        assert shown.of(ORDERS)[("rejected", "close")].value == 1
        assert [order.symbol for order in shown.ended] == ["BTCUSDT"]


@pytest.mark.parametrize("apart", [-5.0, 0.0, 5.0])
def test_a_line_near_a_report_of_the_same_code_is_the_same_event(tmp_path: Path, apart: float):
    """The report came first; every line about it within five seconds adds nothing, over a restart too."""
    with ledger_in(tmp_path) as ledger:
        ledger.report(told(intent=Intent.CLOSE))
        ledger.log([line("a", AT + apart)], at(1))
    with ledger_in(tmp_path) as ledger:
        ledger.log([line("b", AT + apart)], at(2))
        assert (rejections(ledger.shown("eon")), sources(ledger.shown("eon"))) == ({"close": 1}, {"report": 1})


def test_a_line_of_another_code_account_or_time_is_another_event(tmp_path: Path):
    """Only the same code of the same account within five seconds is the same."""
    with ledger_in(tmp_path) as ledger:
        ledger.report(told())
        ledger.report(told("r9", account="live", code=-2022))
        ledger.log([line("a", code=-2018), line("b", AT + 5.01), line("c", code=-2022)], at(1))
        assert sources(ledger.shown("eon")) == {"report": 1, "log": 3}


def test_a_report_after_its_line_is_the_same_event(tmp_path: Path):
    """The line counted; the report adds nothing to the count, but tells when a close was refused."""
    clock = ManualClock()
    with ledger_in(tmp_path, clock) as ledger:
        ledger.log([line("a")], at(1))
        clock.advance(60)
        assert not ledger.report(told(time=AT + 1, intent=Intent.CLOSE))
        shown = ledger.shown("eon")
        assert (rejections(shown), sources(shown)) == ({"unknown": 1}, {"log": 1})
        assert shown.of(REJECTIONS)[MARGIN_CLOSE].last_at == clock.now()


def test_each_line_stands_for_one_report(tmp_path: Path):
    """Three reports after two lines are three events: a line cannot stand for two."""
    with ledger_in(tmp_path) as ledger:
        ledger.log([line("a"), line("b", AT + 1)], at(1))
        news = [ledger.report(told(f"r{number}", time=AT + number)) for number in range(3)]
        assert news == [False, False, True]
        assert sources(ledger.shown("eon")) == {"log": 2, "report": 1}


def test_a_logs_position_is_written_with_its_counts(tmp_path: Path):
    """Either both or none: a restart neither reads a line again nor misses one."""
    with ledger_in(tmp_path) as ledger:
        ledger.log([line("a")], at(120))
    with ledger_in(tmp_path) as ledger:
        assert ledger.file_positions()["/var/log/bot.log"].offset == 120
        assert sources(ledger.shown("eon")) == {"log": 1}


def test_what_cannot_be_written_is_not_acknowledged(tmp_path: Path):
    """While the database is held by another the report is refused, and counts when it comes again."""
    clock = ManualClock()
    with ledger_in(tmp_path, clock) as ledger:
        other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateUnavailable):
            ledger.report(told())
        OrderEnds("eon", ledger).event(update(builders.order(status="FILLED")), HELD)
        assert sources(ledger.shown("eon")) == {}
        other.execute("ROLLBACK")
        other.close()
        assert ledger.report(told())
        clock.advance(RETRY_SECONDS)
        ledger.retry()
        assert sources(ledger.shown("eon")) == {"report": 1}
        assert ledger.shown("eon").of(ORDERS)[("filled", "open")].value == 1


def test_keys_are_forgotten_long_after_they_can_come_again(tmp_path: Path):
    """Two months later an id is free again; the counts stay."""
    clock = ManualClock()
    with ledger_in(tmp_path, clock) as ledger:
        ledger.report(told(time=clock.now()))
        ledger.log([line("a", clock.now() + 60)], at(1))
        clock.advance(61 * 86_400 + PRUNE_SECONDS)
        ledger.retry()
        assert ledger.report(told(time=clock.now()))
        assert sources(ledger.shown("eon")) == {"report": 2, "log": 1}


def update(order: Order) -> OrderUpdate | AlgoUpdate:
    """The event of an order's own list."""
    if order.book is OrderBook.ALGO:
        return AlgoUpdate(time_ms=5, event_ms=6, order=order, average_price=None, filled=None)
    return OrderUpdate(time_ms=5, event_ms=6, order=order, execution="TRADE", fill=None)


def hear(ledger: Ledger, *events: Order, before: Book | None = HELD) -> None:
    """Tell the ledger events of eon's stream."""
    ends = OrderEnds("eon", ledger)
    for event in events:
        ends.event(update(event), before)


def test_an_order_that_ends_counts_once(tmp_path: Path):
    """Told twice, and again after a restart, it is one; each outcome has its own count."""
    filled = builders.order(order_id=1, status="FILLED")
    cancelled = builders.order(order_id=2, status="CANCELED", direction=Direction.SELL)
    for _ in range(2):
        with ledger_in(tmp_path) as ledger:
            hear(ledger, filled, cancelled, filled)
            orders = ledger.shown("eon").of(ORDERS)
            assert {key: int(count.value) for key, count in orders.items() if count.value} == {
                ("filled", "open"): 1,
                ("cancelled", "close"): 1,
            }
            assert [(order.outcome, order.source) for order in ledger.shown("eon").ended] == [
                ("cancelled", "stream"),
                ("filled", "stream"),
            ]


def test_a_close_is_a_close_though_the_position_is_gone_when_it_fills(tmp_path: Path):
    """The intent goes by the position of when the order was first heard of."""
    with ledger_in(tmp_path) as ledger:
        ends = OrderEnds("eon", ledger)
        sell = {"order_id": 3, "direction": Direction.SELL}
        ends.event(update(builders.order(status="NEW", **sell)), HELD)
        ends.event(update(builders.order(status="FILLED", **sell)), builders.book([]))
        assert ledger.shown("eon").of(ORDERS)[("filled", "close")].value == 1


def test_a_stop_rejected_at_its_trigger_is_a_rejection_and_a_protective_end(tmp_path: Path):
    """The one refusal that the exchange itself tells, with its reason in words."""
    stop = builders.order(
        book=OrderBook.ALGO,
        type_="STOP_MARKET",
        direction=Direction.SELL,
        trigger="88500",
        status="REJECTED",
        reason="Margin is insufficient.",
        reduce_only=True,
    )
    with ledger_in(tmp_path) as ledger:
        hear(ledger, stop, stop)
        shown = ledger.shown("eon")
        assert (rejections(shown), sources(shown)) == ({"close": 1}, {"stream": 1})
        assert shown.of(PROTECTIVE)[("rejected",)].value == 1
        assert shown.of(PROTECTIVE)[("rejected",)].last_at is not None
        assert shown.of(PROTECTIVE)[("filled",)].value == 0
        assert shown.ended[0].message == "Margin is insufficient."


def test_before_the_account_is_known_orders_count_all_the_same(tmp_path: Path):
    """Without a book nobody knows what an order did; that it ended is known."""
    with ledger_in(tmp_path) as ledger:
        hear(ledger, builders.order(status="FILLED"), before=None)
        assert ledger.shown("eon").of(ORDERS)[("filled", "unknown")].value == 1
        assert ledger.shown("nobody").ended == ()


def test_a_step_that_fails_by_a_fault_of_ours_does_not_stay(tmp_path: Path):
    """It is raised to whoever brought it, and the next one counts."""

    def broken(_: object) -> None:
        raise RuntimeError("a fault of ours")

    with ledger_in(tmp_path) as ledger:
        with pytest.raises(RuntimeError):
            ledger.put(broken)
        hear(ledger, builders.order(status="FILLED"))
        assert ledger.shown("eon").of(ORDERS)[("filled", "open")].value == 1
