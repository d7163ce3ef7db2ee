"""How events move a book: whatever their order across types, late, repeated or over a reading taken in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import builders
from fake_exchange import FakeAccount
from fake_market import FakeMarket
from manual_clock import ManualClock
from plimsoll.model.account import PositionReport, Wallet
from plimsoll.model.events import (
    AccountEvent,
    AccountUpdate,
    AssetModeChange,
    BalanceChange,
    IgnoredEvent,
    LeverageChange,
    OrderUpdate,
    PositionChange,
)
from plimsoll.model.terms import AssetMode, MarginMode, OrderBook, PositionSide
from plimsoll.state.apply import (
    KEPT_ENDED_ORDERS,
    apply,
    keep_newer,
    seed,
    with_more_orders,
    with_orders,
    without_orders,
)
from plimsoll.state.book import Book

INSTRUMENTS = {symbol: builders.instrument(symbol) for symbol in ("BTCUSDT", "ETHUSDT")}
ZERO = Decimal(0)


class Recorder:
    """A made-up account whose events and readings are written down in the order in which they happened."""

    def __init__(self) -> None:
        self.account = FakeAccount(ManualClock(), FakeMarket(ManualClock()))
        self.events: list[AccountEvent] = []
        self.account.tell = self._note

    def _note(self, *events: AccountEvent) -> None:
        self.events.extend(events)

    def act(self, step: tuple[str, str, int]) -> None:
        """Do one thing of a random plan."""
        what, symbol, size = step
        if what == "trade":
            self.account.trade(symbol, str(size or 1), str(100 + size))
        elif what == "transfer":
            self.account.transfer(str(size or 1))
        elif what in {"place", "stop"}:
            self.account.place(symbol, algo=what == "stop")
        elif self.account.orders:
            self.account.cancel(list(self.account.orders.values())[size % len(self.account.orders)])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["trade", "trade", "transfer", "place", "stop", "cancel"]),
        st.sampled_from(["BTCUSDT", "ETHUSDT"]),
        st.integers(-4, 4),
    ),
    max_size=12,
)


def reading(account: FakeAccount) -> Book:
    """The book of a reading of the account as it is now."""
    reports = [
        PositionReport(
            position=position,
            mark_price=Decimal(100),
            liquidation_price=None,
            maintenance_margin=ZERO,
            position_margin=ZERO,
            unrealized_pnl=ZERO,
        )
        for position in account.positions_held.values()
    ]
    fresh = seed(
        wallet=wallet(account),
        reports=reports,
        settings=account.mode,
        symbol_settings=[],
        brackets={},
    )
    return with_orders(fresh, account.orders.values(), complete=True)


def wallet(account: FakeAccount) -> Wallet:
    """The wallet of now."""
    return Wallet(
        balances=tuple(account.balances.values()),
        margin_balances={},
        margin_balance=ZERO,
        initial_margin=ZERO,
        maintenance_margin=ZERO,
        available=ZERO,
    )


def after(book: Book, events: Sequence[AccountEvent]) -> Book:
    """The book after events."""
    for event in events:
        book = apply(book, event, INSTRUMENTS)
    return book


def held(book: Book) -> tuple[object, object, object]:
    """What a book holds, whatever it remembers."""
    return dict(book.balances), dict(book.positions), dict(book.orders or {})


def account_update(*rows: PositionChange, time_ms: int = 10, balances: tuple[BalanceChange, ...] = ()) -> AccountUpdate:
    """An ``ACCOUNT_UPDATE``."""
    return AccountUpdate(time_ms=time_ms, event_ms=time_ms, reason="ORDER", balances=balances, positions=rows)


def row(symbol: str = "BTCUSDT", amount: str = "1", entry: str = "100") -> PositionChange:
    """One position row of it."""
    return PositionChange(
        symbol=symbol,
        position_side=PositionSide.BOTH,
        amount=Decimal(amount),
        entry_price=Decimal(entry),
        unrealized_pnl=ZERO,
        margin_mode=MarginMode.CROSS,
        isolated_wallet=ZERO,
    )


def order_update(order_id: int = 1, time_ms: int = 10, status: str = "NEW") -> OrderUpdate:
    """An ``ORDER_TRADE_UPDATE``."""
    order = builders.order(order_id=order_id, status=status, updated_ms=time_ms)
    return OrderUpdate(time_ms=time_ms, event_ms=time_ms, order=order, execution=status, fill=None)


@given(steps=STEPS, data=st.data())
def test_the_order_across_types_does_not_matter(steps: list[tuple[str, str, int]], data: st.DataObject):
    """Any interleaving that keeps each type's own order, with any event repeated at once, ends in the truth."""
    recorder = Recorder()
    start = reading(recorder.account)
    for step in steps:
        recorder.act(step)
    queues: dict[type, list[AccountEvent]] = {}
    for event in recorder.events:
        queues.setdefault(type(event), []).append(event)
    mixed = []
    while queues:
        kind = data.draw(st.sampled_from(sorted(queues, key=str)))
        mixed += [queues[kind].pop(0)] * data.draw(st.integers(1, 2))
        if not queues[kind]:
            del queues[kind]
    assert held(after(start, mixed)) == held(recorder.account.book())


@given(before=STEPS, between=STEPS, behind=STEPS, last=STEPS)
def test_a_reading_and_the_replay_give_the_same_book(
    before: list[tuple[str, str, int]],
    between: list[tuple[str, str, int]],
    behind: list[tuple[str, str, int]],
    last: list[tuple[str, str, int]],
):
    """Events buffered since before the reading, replayed over it, end in the truth wherever the reading was taken.

    The wallet is read first, the positions later, the orders later still.
    """
    recorder = Recorder()
    for step in before:
        recorder.act(step)
    wallet_then = wallet(recorder.account)
    for step in between:
        recorder.act(step)
    positions = reading(recorder.account)
    for step in behind:
        recorder.act(step)
    orders = list(recorder.account.orders.values())
    for step in last:
        recorder.act(step)
    book = replace(
        positions,
        balances={balance.asset: balance for balance in wallet_then.balances},
        stamps={key: stamp for key, stamp in positions.stamps.items() if not isinstance(key, str)}
        | {balance.asset: (balance.updated_ms, float("inf")) for balance in wallet_then.balances},
        floor_ms=max(balance.updated_ms for balance in wallet_then.balances),
    )
    assert held(after(with_orders(book, orders, complete=True), recorder.events)) == held(recorder.account.book())


@given(steps=STEPS, data=st.data())
def test_late_and_repeated_events_never_move_a_row_back(steps: list[tuple[str, str, int]], data: st.DataObject):
    """After everything was applied any of the events again, in any order, changes nothing."""
    recorder = Recorder()
    start = reading(recorder.account)
    for step in steps:
        recorder.act(step)
    end = after(start, recorder.events)
    again = data.draw(st.lists(st.sampled_from(recorder.events))) if recorder.events else []
    assert held(after(end, again)) == held(end)


@given(steps=STEPS, more=STEPS)
def test_a_reading_that_lags_does_not_move_rows_back(
    steps: list[tuple[str, str, int]], more: list[tuple[str, str, int]]
):
    """A reading older than the known book, merged with it, holds what the known book holds."""
    recorder = Recorder()
    for step in steps:
        recorder.act(step)
    old = reading(recorder.account)
    seen = len(recorder.events)
    for step in more:
        recorder.act(step)
    known = after(old, recorder.events[seen:])
    merged = keep_newer(old, known)
    assert (merged.balances, merged.positions) == (known.balances, known.positions)
    assert held(keep_newer(reading(recorder.account), old)) == held(reading(recorder.account))


def test_a_row_without_a_margin_asset_is_not_kept_over_a_reading():
    """A position of a symbol that was unknown gives way to what the reading says of it."""
    unknown = apply(builders.book(), account_update(row("NEWUSDT"), time_ms=50), INSTRUMENTS)
    assert unknown.positions["NEWUSDT", PositionSide.BOTH].margin_asset == ""
    assert keep_newer(builders.book(), unknown).positions == {}
    known = apply(unknown, account_update(row("NEWUSDT"), time_ms=60), {"NEWUSDT": builders.instrument("NEWUSDT")})
    assert known.positions["NEWUSDT", PositionSide.BOTH].margin_asset == "USDT"


def test_a_row_keeps_the_margin_asset_it_is_known_by():
    """An event that moves a known row needs no instrument."""
    start = builders.book([builders.position("BTCUSDC")])
    book = apply(start, account_update(row("BTCUSDC", "2")), {})
    assert book.positions["BTCUSDC", PositionSide.BOTH].margin_asset == "USDC"


def test_a_position_that_cannot_be_changes_nothing():
    """An event with a position without an entry price raises, and the book it was applied to is as before."""
    book = builders.book()
    with pytest.raises(ValueError, match="entry price"):
        apply(book, account_update(row(entry="0")), INSTRUMENTS)
    assert book.positions == {}


def test_switches_follow_their_events():
    """Leverage and assets mode follow at once; an event that tells nothing gives the same book."""
    book = builders.book([builders.position()])
    assert apply(book, LeverageChange(time_ms=1, event_ms=1, symbol="BTCUSDT", leverage=7), {}).leverage == {
        "BTCUSDT": 7
    }
    mode = apply(book, AssetModeChange(time_ms=1, event_ms=1, asset_mode=AssetMode.MULTI), {}).settings.asset_mode
    assert mode is AssetMode.MULTI
    assert apply(book, IgnoredEvent(time_ms=1, event_ms=1, name="TRADE_LITE"), {}) is book


def test_unknown_orders_stay_unknown():
    """Without a first list an order event changes nothing: one order known is not all of them."""
    book = without_orders(builders.book())
    assert apply(book, order_update(), {}) is book


def test_an_ended_order_does_not_come_back():
    """Neither a late event nor a list that lags brings an ended order back; a list never shows an ended one."""
    book = apply(builders.book(), order_update(time_ms=10), {})
    book = apply(book, order_update(time_ms=20, status="CANCELED"), {})
    assert apply(book, order_update(time_ms=10), {}).orders == {}
    assert with_orders(book, [builders.order(updated_ms=10)], complete=True).orders == {}
    assert with_orders(book, [builders.order(order_id=2, updated_ms=30, status="FILLED")], complete=True).orders == {}


def test_an_order_that_began_and_ended_in_one_instant_does_not_come_back():
    """Its beginning told again after its end, with the same times, brings nothing back; an open one is told anew."""
    book = apply(builders.book(), order_update(time_ms=10, status="FILLED"), {})
    assert apply(book, order_update(time_ms=10), {}).orders == {}
    assert apply(book, order_update(time_ms=10, status="FILLED"), {}).orders == {}
    opened = apply(builders.book(), order_update(time_ms=10), {})
    assert apply(opened, order_update(time_ms=10), {}) == opened


def test_memory_of_ended_orders_is_bounded():
    """A hundred thousand orders leave a bounded number of stamps, those of open ones always among them."""
    book = apply(builders.book([builders.position()]), account_update(row(amount="2"), time_ms=5), INSTRUMENTS)
    book = apply(book, order_update(order_id=1, time_ms=1), {})
    for number in range(2, 3 * KEPT_ENDED_ORDERS):
        book = apply(book, order_update(order_id=number, time_ms=number, status="CANCELED"), {})
    assert len(book.stamps) <= 2 * KEPT_ENDED_ORDERS + 10
    assert (OrderBook.PLAIN, 1) in book.stamps
    assert ("BTCUSDT", PositionSide.BOTH) in book.stamps
    assert len(with_orders(book, [], complete=True).stamps) <= KEPT_ENDED_ORDERS + 10
    assert book.symbols() == {"BTCUSDT"}


def test_orders_never_heard_of_are_added_and_no_others():
    """A list of all symbols adds what lies on symbols that were not read; what was told stands as it was told."""
    book = apply(builders.book(orders=[]), order_update(order_id=1, time_ms=20, status="CANCELED"), {})
    listed = [
        builders.order(order_id=1, updated_ms=30),
        builders.order(order_id=2, updated_ms=30),
        builders.order(order_id=3, updated_ms=30, status="FILLED"),
    ]
    merged = with_more_orders(book, listed)
    assert set(merged.orders) == {(OrderBook.PLAIN, 2)}
    assert apply(merged, order_update(order_id=2, time_ms=25, status="CANCELED"), {}).orders == merged.orders
    assert set(with_more_orders(without_orders(book), listed).orders) == {(OrderBook.PLAIN, 2)}
