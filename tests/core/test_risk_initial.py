"""Initial margin of positions and resting orders, and what is available for new ones."""

from __future__ import annotations

from decimal import Decimal

import pytest

from builders import balance, book, market, order, position, stop
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, OrderBook, PositionSide
from plimsoll.risk.assess import assess
from risk_examples import account_values

BUY, SELL = Direction.BUY, Direction.SELL
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([], "100"),
        ([order(direction=BUY, quantity="3")], "130"),
        ([order(direction=BUY, quantity="3", executed="2")], "110"),
        ([order(direction=SELL, quantity="19")], "100"),
        ([order(direction=SELL, quantity="25")], "150"),
        ([order(direction=BUY, quantity="3"), order(direction=SELL, quantity="25", order_id=2)], "150"),
        ([order(direction=SELL, quantity="25", reduce_only=True)], "100"),
        ([order(direction=SELL, quantity="0", close_position=True)], "100"),
        ([order(direction=BUY, quantity="3", price="0", type_="MARKET")], "100"),
        ([stop(direction=BUY, quantity="50", reduce_only=False)], "100"),
        ([order(direction=BUY, quantity="50", book=OrderBook.ALGO, type_="STOP", trigger="110")], "100"),
    ],
    ids=[
        "position alone",
        "adding",
        "what is left of a part-filled one",
        "closing less than twice the position",
        "reversing further than it stands",
        "the larger of both ways",
        "reduce-only",
        "close-all",
        "market",
        "algo stop",
        "algo stop-limit",
    ],
)
def test_one_way_table(orders: list[Order], expected: str) -> None:
    """max(|N + buys|, |N - sells|) / setting, for a long of 1,000 at 10x."""
    account = assess(book([position(amount="10")], orders=orders), market())
    assert account.initial_margin == Decimal(expected)
    assert account.available == 1000 - Decimal(expected)


def test_short_position_mirrors_the_long() -> None:
    """Selling adds to a short, buying back up to twice its size does not."""
    held = [position(amount="-10")]
    assert assess(book(held, orders=[order(direction=SELL)]), market()).initial_margin == 110
    assert assess(book(held, orders=[order(direction=BUY, quantity="20")]), market()).initial_margin == 100


def test_hedge_sides_bind_apart_and_only_opening_orders_count() -> None:
    """Long 1,000 + opening 200, short 500 + opening 100; closing orders of either side bind nothing."""
    held = [position(amount="10", position_side=LONG), position(amount="-5", position_side=SHORT)]
    orders = [
        order(direction=BUY, quantity="2", position_side=LONG, order_id=1),
        order(direction=SELL, quantity="10", position_side=LONG, order_id=2),
        order(direction=SELL, quantity="1", position_side=SHORT, order_id=3),
        order(direction=BUY, quantity="5", position_side=SHORT, order_id=4),
    ]
    assert assess(book(held, orders=orders, hedge=True), market()).initial_margin == 180


def test_orders_of_a_flat_symbol_bind_margin_without_a_mark() -> None:
    """An order has its own price; the mark of its symbol is not needed."""
    account = assess(book(orders=[order(quantity="5")]), market({"BTCUSDT": "100"}))
    assert account.initial_margin == 50
    assert account.symbols == ()


def test_order_of_an_unknown_instrument_is_unknown_margin() -> None:
    """Nobody can say in which currency it binds; a stop without a price binds nothing all the same."""
    unknown = assess(book(orders=[order("NEWUSDT")]), market())
    assert (unknown.initial_margin, unknown.available, unknown.equity) == (None, None, 1000)
    resting = order("NEWUSDT", price="0", type_="STOP_MARKET", trigger="5")
    assert assess(book(orders=[resting]), market()).available == 1000


def test_unknown_open_orders_make_margin_and_available_unknown_and_nothing_else() -> None:
    """A failed order source says nothing about equity, exposure, maintenance or liquidation."""
    held = [position(amount="20")]
    known, unknown = assess(book(held), market()), assess(book(held, orders=None), market())
    differing = {name for name, value in account_values(known).items() if account_values(unknown)[name] != value}
    assert differing == {"initial_margin", "available", "available_ratio"}
    assert (unknown.initial_margin, unknown.available, unknown.available_ratio) == (None, None, None)
    assert unknown.positions == known.positions


def test_unknown_leverage_setting_is_unknown_only_where_something_is_bound() -> None:
    """A symbol with exposure needs its setting; one with closing orders only does not."""
    missing = assess(book([position()], leverage={}), market())
    assert (missing.initial_margin, missing.available, missing.symbols[0].leverage_setting) == (None, None, None)
    closing = order("ETHUSDT", direction=SELL, reduce_only=True)
    assert assess(book([], orders=[closing], leverage={}), market()).initial_margin == 0


def test_available_is_never_below_zero() -> None:
    """A loss that eats into bound margin leaves nothing, not a debt."""
    account = assess(book([position(amount="20", entry="145")]), market())
    assert (account.equity, account.initial_margin, account.available) == (100, 200, 0)
    assert account.available_ratio == 0


def test_available_of_each_margin_asset_stands_alone() -> None:
    """An overdrawn USDC wallet takes nothing from what USDT offers; a coin's share is valued in USD."""
    held = [position("ETHUSDC", "10", "100"), position("ETHBTC", "2", "0.05")]
    rows = [balance("USDT", "1000"), balance("USDC", "50"), balance("BTC", "0.06")]
    prices = market({"ETHUSDC": "100", "ETHBTC": "0.05", "BTCUSDT": "50000"}, margin_assets=["USDT", "USDC", "BTC"])
    account = assess(book(held, rows), prices)
    assert account.initial_margin == 600
    assert account.available == 1000 + 0 + Decimal("0.05") * 50000


def test_multi_assets_available_is_one_sum() -> None:
    """All assets back all positions, so the overdrawn one is covered."""
    held = [position("ETHUSDC", "10", "100")]
    account = assess(book(held, [balance("USDT", "1000")], multi=True), market({"ETHUSDC": "100"}))
    assert account.available == 900


def test_isolated_position_draws_only_its_orders_from_the_cross_wallet() -> None:
    """Its own margin is set aside already: a wallet of 1,000 with 100 isolated offers 900, less what an order adds."""
    held = position(amount="10", isolated_wallet="100")
    rows = [balance(wallet="1000", cross_wallet="900")]
    alone = assess(book([held], rows), market())
    assert (alone.initial_margin, alone.available, alone.equity) == (100, 900, 1000)
    ordered = assess(book([held], rows, [order(quantity="5")]), market())
    assert (ordered.initial_margin, ordered.available) == (150, 850)


def test_available_is_unknown_where_a_counting_wallet_cannot_be_valued() -> None:
    """BTC without a mark makes what is available unknown, as it makes equity."""
    account = assess(book([], [balance(), balance("BTC", "1")]), market({}, margin_assets=["USDT", "BTC"]))
    assert (account.available, account.available_ratio, account.initial_margin) == (None, None, 0)
