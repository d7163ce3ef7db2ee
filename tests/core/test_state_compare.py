"""What counts as a disagreement with the exchange, and what adopting a reading changes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

import builders
from plimsoll.model.account import Position, PositionReport, SymbolSettings
from plimsoll.model.events import (
    AccountUpdate,
    AlgoUpdate,
    BalanceChange,
    IgnoredEvent,
    LeverageChange,
    OrderUpdate,
    PositionChange,
)
from plimsoll.model.terms import MarginMode, OrderBook, PositionSide
from plimsoll.state import compare
from plimsoll.state.apply import apply
from plimsoll.state.book import Book
from plimsoll.state.compare import (
    FIELDS,
    LAG_MS,
    Difference,
    adopt_orders,
    adopt_settings,
    lasting,
    rows_of,
    settings_differences,
    untold,
)

KEY = ("BTCUSDT", PositionSide.BOTH)
NOW_MS = 1000
"""Soon after every time in these tests."""

account_differences = partial(compare.account_differences, now_ms=NOW_MS)
order_differences = partial(compare.order_differences, now_ms=NOW_MS)
adopt_account = partial(compare.adopt_account, now_ms=NOW_MS)


def report(position: Position) -> PositionReport:
    """A position as REST tells it."""
    return PositionReport(
        position=position,
        mark_price=Decimal(100),
        liquidation_price=None,
        maintenance_margin=Decimal(0),
        position_margin=Decimal(0),
        unrealized_pnl=Decimal(0),
    )


def order_update(order_id: int, time_ms: int, status: str) -> OrderUpdate:
    """An event of a plain order."""
    order = builders.order(order_id=order_id, status=status, updated_ms=time_ms)
    return OrderUpdate(time_ms=time_ms, event_ms=time_ms, order=order, execution=status, fill=None)


def stamped(book: Book, time_ms: int) -> Book:
    """The book with every row last changed at a time."""
    keys = [*book.balances, *book.positions, *(book.orders or {})]
    return replace(book, stamps=dict.fromkeys(keys, (time_ms, 0.0)))


def fields(differences: frozenset[Difference]) -> set[str]:
    """What differs."""
    return {difference.field for difference in differences}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": Decimal(2)}, {"position"}),
        ({"entry_price": Decimal(101)}, {"entry_price"}),
        ({"entry_price": Decimal("100.00000001")}, set()),
        ({"isolated_wallet": Decimal(1)}, {"isolated_wallet"}),
        ({"margin_mode": MarginMode.ISOLATED}, {"margin_mode"}),
    ],
)
def test_each_field_of_a_position_is_compared(changes: dict[str, object], expected: set[str]):
    """Every value that matters is compared, rounding apart."""
    ours = builders.position()
    found = account_differences(builders.book([ours]), [], [report(replace(ours, **changes))])
    assert fields(found) == expected
    assert expected <= set(FIELDS)


def test_positions_that_one_side_lacks_differ():
    """A position that only one of the two knows is a difference that says so."""
    ours = builders.position()
    (gone,) = account_differences(builders.book([ours]), [], [])
    (new,) = account_differences(builders.book(), [], [report(ours)])
    assert str(gone) == "position of BTCUSDT/both: we had 1, the exchange says none"
    assert (new.ours, new.theirs) == ("none", "1")


def test_wallets_are_compared():
    """Wallet and cross wallet are compared, an asset that we lack counts as nothing."""
    book = builders.book()
    found = account_differences(book, [builders.balance("USDT", "999", "998"), builders.balance("BNB", "0")], [])
    assert fields(found) == {"wallet", "cross_wallet"}
    assert fields(account_differences(book, [builders.balance("BNB", "1")], [])) == {"wallet", "cross_wallet"}


def test_rows_older_than_ours_are_no_difference():
    """REST may lag behind the stream."""
    position = builders.position(updated_ms=5)
    book = stamped(builders.book([position], orders=[builders.order(updated_ms=5)]), 10)
    late = replace(position, amount=Decimal(7))
    assert account_differences(book, [builders.balance(wallet="7", updated_ms=9)], [report(late)]) == frozenset()
    assert order_differences(book, [builders.order(quantity="7", updated_ms=9)], None) == frozenset()


def test_what_a_reading_may_lag_behind_is_unlike_it():
    """A row that is excused differs all the same: such a reading does not prove it."""
    position = builders.position(updated_ms=5)
    book = stamped(builders.book([position], orders=[builders.order(updated_ms=5)]), 10)
    late = replace(position, amount=Decimal(7))
    unlike = compare.account_unlike(book, [builders.balance(wallet="7", updated_ms=9)], [report(late)])
    assert fields(unlike) == {"wallet", "cross_wallet", "position"}
    assert fields(compare.orders_unlike(book, [builders.order(quantity="7", updated_ms=9)], None)) == {"order"}
    assert compare.account_unlike(book, book.balances.values(), [report(position)]) == frozenset()


def test_no_reading_lags_for_minutes():
    """A row that was stamped long ago, or in a future that never comes, excuses no reading."""
    position = builders.position(updated_ms=5)
    late = report(replace(position, amount=Decimal(7)))
    order = builders.order(quantity="7", updated_ms=9)
    for told_ms, now_ms in ((10, 10 + LAG_MS + 1), (10 + LAG_MS + 1, 10)):
        book = stamped(builders.book([position], orders=[builders.order(updated_ms=5)]), told_ms)
        found = compare.account_differences(book, [builders.balance(wallet="7", updated_ms=9)], [late], now_ms=now_ms)
        assert fields(found) == {"wallet", "cross_wallet", "position"}
        assert fields(compare.order_differences(book, [order], None, now_ms=now_ms)) == {"order"}


def test_a_time_in_the_future_binds_nobody():
    """After the exchange's row was taken over, events move it again, though an event had claimed a time to come."""
    book = stamped(builders.book([builders.position(updated_ms=5)], [builders.balance()]), NOW_MS + LAG_MS + 1)
    theirs = [report(replace(builders.position(updated_ms=6), amount=Decimal(7)))]
    balances = [builders.balance(wallet="7", updated_ms=6)]
    found = account_differences(book, balances, theirs)
    mended = adopt_account(book, balances, theirs, found)
    assert mended.stamps[KEY][0] == mended.stamps["USDT"][0] == 6


def test_an_old_row_in_a_new_reading_is_a_difference():
    """The exchange does not renew a row's time at every change: what tells a lag is the newest row of the reading."""
    book = stamped(builders.book([builders.position(updated_ms=5)]), 10)
    late = replace(builders.position(updated_ms=5), amount=Decimal(7))
    found = account_differences(book, [builders.balance(wallet="1000", updated_ms=11)], [report(late)])
    assert "position" in fields(found)
    mended = adopt_account(book, [], [report(late)], found)
    assert mended.positions[late.key].amount == 7
    assert mended.stamps[late.key] >= book.stamps[late.key]


def test_orders_are_compared_for_the_symbols_that_were_read():
    """An order on a symbol that was not read is no difference; an ended one is none at all."""
    book = builders.book(orders=[builders.order("ETHUSDT"), builders.order(order_id=2)])
    both = [builders.order("ETHUSDT"), builders.order(order_id=2)]
    assert order_differences(book, both[1:], frozenset({"BTCUSDT"})) == frozenset()
    assert len(order_differences(book, both[1:], None)) == 1
    assert order_differences(book, [*both, builders.order(order_id=3, status="FILLED")], None) == frozenset()
    (moved,) = order_differences(book, [both[0], builders.stop(order_id=2, book=OrderBook.PLAIN)], None)
    assert "trigger 90" in moved.theirs
    assert "trigger -" in moved.ours
    unknown = builders.book(orders=None)
    assert len(order_differences(unknown, both, None)) == 2


def test_only_what_the_stream_left_alone_is_lasting():
    """A difference lasts where our value stood still between the readings, whatever the exchange says by then."""
    first = Difference(field="wallet", key="USDT", ours="1", theirs="2")
    later = Difference(field="wallet", key="USDT", ours="1", theirs="3")
    moved = Difference(field="wallet", key="USDT", ours="2", theirs="3")
    assert lasting({later}, {first}) == {later}
    assert lasting({moved}, {first}) == frozenset()


def test_adopting_takes_over_confirmed_rows_only():
    """Confirmed rows become the exchange's, the others stay; a second comparison finds nothing."""
    ours, other = builders.position(), builders.position("ETHUSDT")
    book = builders.book([ours, other], [builders.balance(), builders.balance("BNB", "1")])
    theirs = [
        report(replace(ours, amount=Decimal(3), updated_ms=9)),
        report(builders.position("SOLUSDT", updated_ms=9)),
    ]
    balances = [builders.balance("USDT", "7", updated_ms=9), builders.balance("BNB", "2", updated_ms=9)]
    found = account_differences(book, balances, theirs)
    mended = adopt_account(book, balances, theirs, found)
    assert account_differences(mended, balances, theirs) == frozenset()
    assert set(mended.positions) == {KEY, ("SOLUSDT", PositionSide.BOTH)}
    part = adopt_account(book, balances, theirs, {item for item in found if item.key == "USDT"})
    assert part.balances["BNB"].wallet == 1
    assert part.positions == book.positions


def test_adopted_orders_take_no_late_event():
    """An adopted order stands where the reading has it; an event of before changes nothing; ended ones are dropped."""
    book = builders.book(orders=[builders.order(order_id=1), builders.order(order_id=2), builders.order(order_id=3)])
    listed = [
        builders.order(order_id=2, quantity="5", updated_ms=20),
        builders.order(order_id=3, status="FILLED", updated_ms=20),
        builders.order(order_id=4, updated_ms=20),
    ]
    found = order_differences(book, listed, None)
    mended = adopt_orders(book, listed, found)
    assert {key[1]: order.quantity for key, order in mended.orders.items()} == {2: 5, 4: 1}
    assert apply(mended, order_update(order_id=4, time_ms=15, status="CANCELED"), {}).orders == mended.orders
    assert adopt_orders(builders.book(orders=None), listed[:1], found).orders.keys() == {(OrderBook.PLAIN, 2)}


def test_switches_are_compared_and_adopted():
    """Modes and settings are compared; a symbol that was listed meanwhile is adopted without being a difference."""
    book = builders.book([builders.position()], leverage={"BTCUSDT": 10})
    read = [
        SymbolSettings(symbol="BTCUSDT", leverage=5, margin_mode=MarginMode.CROSS),
        SymbolSettings(symbol="NEWUSDT", leverage=20, margin_mode=MarginMode.CROSS),
    ]
    settings = builders.settings(hedge=True, multi=True)
    found = settings_differences(book, settings, read)
    assert fields(found) == {"position_mode", "asset_mode", "leverage"}
    assert {str(item) for item in found} >= {"leverage of BTCUSDT: we had 10, the exchange says 5"}
    mended = adopt_settings(book, settings, read)
    assert settings_differences(mended, settings, read) == frozenset()
    assert mended.leverage == {"BTCUSDT": 5, "NEWUSDT": 20}


def moved(amount: str, wallet: str) -> AccountUpdate:
    """An event of one asset and one position, in units that the exchange may write with more zeros."""
    row = PositionChange(
        symbol="BTCUSDT",
        position_side=PositionSide.BOTH,
        amount=Decimal(amount),
        entry_price=Decimal("100.0"),
        unrealized_pnl=Decimal(0),
        margin_mode=MarginMode.ISOLATED,
        isolated_wallet=Decimal("7.50"),
    )
    balance = BalanceChange(asset="USDT", wallet=Decimal(wallet), cross_wallet=Decimal("9.0"), change=Decimal(0))
    return AccountUpdate(time_ms=1, event_ms=2, reason="ORDER", balances=(balance,), positions=(row,))


def test_the_rows_of_an_event():
    """Assets, positions and the order that it tells; a setting has no row of its own."""
    assert rows_of(moved("3", "10")) == ("USDT", KEY)
    assert rows_of(order_update(order_id=4, time_ms=1, status="NEW")) == ((OrderBook.PLAIN, 4),)
    assert rows_of(LeverageChange(time_ms=1, event_ms=1, symbol="BTCUSDT", leverage=5)) == ()


def adopted(field: str, theirs: str, key: object = KEY) -> Difference:
    """A difference that was adopted."""
    return Difference(field=field, key=key, ours="before", theirs=theirs)


def test_an_event_tells_late_what_was_adopted():
    """What the reading said and an event says afterwards was told; other rows, fields and values were not."""
    told = [
        adopted("wallet", "10", "USDT"),
        adopted("cross_wallet", "9", "USDT"),
        adopted("position", "3"),
        adopted("entry_price", "100"),
        adopted("isolated_wallet", "7.5"),
        adopted("margin_mode", MarginMode.ISOLATED),
    ]
    other = [adopted("wallet", "11", "USDT"), adopted("wallet", "10", "BNB"), adopted("position", "none")]
    assert untold([*told, *other], moved("3.000", "10.00")) == set(other)
    assert untold([*told, *other], IgnoredEvent(time_ms=1, event_ms=1, name="TRADE_LITE")) == {*told, *other}


def test_a_close_and_an_end_tell_late_that_there_is_none():
    """A closed position and an ended order are told by the events that say so; a resting order by its exact text."""
    gone = adopted("position", "none")
    assert untold([gone], moved("0", "10")) == frozenset()
    order, stop = builders.order(order_id=4, updated_ms=5), builders.stop(order_id=5, updated_ms=5)
    found = order_differences(builders.book(orders=[order]), [stop], None)
    ended = OrderUpdate(time_ms=6, event_ms=6, order=replace(order, status="CANCELED"), execution="CANCELED", fill=None)
    rests = AlgoUpdate(time_ms=6, event_ms=6, order=stop, average_price=None, filled=None)
    assert {item.key for item in untold(found, ended)} == {stop.key}
    assert {item.key for item in untold(found, rests)} == {order.key}


def test_a_leverage_setting_is_told_late():
    """The event of a setting tells it; that of another one does not."""
    setting = adopted("leverage", "5", "BTCUSDT")
    assert untold([setting], LeverageChange(time_ms=1, event_ms=1, symbol="BTCUSDT", leverage=5)) == frozenset()
    assert untold([setting], LeverageChange(time_ms=1, event_ms=1, symbol="BTCUSDT", leverage=6)) == {setting}
