"""The order book: where its levels lie, how far an order walks, and what resting orders get of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll_simulator.catalogue import standard_market
from plimsoll_simulator.market import Depth
from plimsoll_simulator.trading.book import best_prices, levels, matched_price, top, walk
from plimsoll_simulator.trading.engine import submit
from plimsoll_simulator.trading.request import OrderRequest
from trading_desk import Desk

MARKET = standard_market()
NAMES = tuple(MARKET.symbols)


@pytest.mark.parametrize("name", NAMES)
def test_every_symbol_has_a_book_on_its_own_ticks(name: str):
    """Levels are on the tick and the step, ever worse, and reach past the price limit on both sides."""
    symbol, mark = MARKET.symbols[name], MARKET.quotes[name].mark
    for side, sign in (("BUY", 1), ("SELL", -1)):
        rows = list(levels(MARKET, name, side))
        prices = [row.price * sign for row in rows]
        assert prices == sorted(set(prices))
        assert all(row.price % symbol.tick == 0 and row.quantity % symbol.step == 0 for row in rows)
        assert all(row.quantity > 0 for row in rows)
        assert abs(rows[-1].price / mark - 1) > Decimal("0.05")


@pytest.mark.parametrize(("name", "usd"), [("BTCUSDT", 425_000), ("ETHUSDT", 255_000), ("BTCUSDT", 85_000)])
def test_the_sizes_of_october_slip_by_little(name: str, usd: int):
    """At most 0.03 %, the fraction that the incident's figures allow."""
    quote = MARKET.quotes[name]
    quantity = (usd / quote.mark).quantize(MARKET.symbols[name].step)
    for side in ("BUY", "SELL"):
        found = walk(MARKET, name, side, quantity)
        assert found.rest == 0
        assert abs(found.quote / found.quantity / quote.mark - 1) < Decimal("0.0003")


@given(st.integers(1, 2_000_000), st.integers(1, 2_000_000))
def test_a_larger_order_never_gets_a_better_price(usd: int, more: int):
    """The average price of a buy rises with its size."""
    small, large = (
        walk(MARKET, "BTCUSDT", "BUY", (Decimal(each) / 92000).quantize(Decimal("0.001")) + Decimal("0.001"))
        for each in (usd, usd + more)
    )
    assert small.quote / small.quantity <= large.quote / large.quantity + Decimal("1E-20")


@given(st.integers(0, 200_000), st.integers(9100, 9300))
def test_a_limit_is_never_passed(usd: int, limit: int):
    """What the book gives to a limited order is no worse than its limit, and what it does not give is left."""
    quantity, price = (Decimal(usd) / 92000).quantize(Decimal("0.001")), Decimal(limit * 10)
    found = walk(MARKET, "BTCUSDT", "BUY", quantity, price)
    assert found.quantity + found.rest == quantity
    assert all(piece.price <= price for piece in found.pieces)


def test_an_empty_book_has_prices_and_nothing_behind_them():
    """Without depth the best prices stand with nothing to take."""
    market = standard_market()
    market.depths["BTCUSDT"] = Depth(depth_usd=Decimal(0))
    assert [each.quantity for each in top(market, "BTCUSDT")] == [0, 0]
    assert best_prices(market, "BTCUSDT") == (Decimal("92000.0"), Decimal("92000.1"))
    assert matched_price(market, "BTCUSDT", "BUY", "OPPONENT") is None


def test_a_worthless_symbol_ends_its_book_above_zero():
    """No level lies at or below a price of 0."""
    market = standard_market()
    market.set_price("DOTUSDT", Decimal("0.003"))
    assert all(row.price > 0 for row in levels(market, "DOTUSDT", "SELL"))
    assert len(list(levels(market, "DOTUSDT", "SELL"))) < 5


def test_resting_orders_fill_in_the_order_of_their_prices():
    """The better price first; among equals the older one."""
    desk = Desk("100000")
    for price in ("91000", "91500", "91000"):
        desk.order("BUY", "0.01", price)
    first, second, third = desk.account.orders
    desk.price("90900")
    assert [trade.order_id for trade in desk.account.trades] == [second, first, third]


def test_a_symbol_that_is_not_traded_fills_nothing():
    """While its status is another, prices move past resting orders."""
    desk = Desk()
    desk.order("BUY", "0.01", "91000")
    symbols = desk.world.market.symbols
    symbols["BTCUSDT"] = replace(symbols["BTCUSDT"], status="PRE_SETTLE")
    desk.price("90000")
    assert desk.amount() == 0


def test_an_order_that_a_follower_ends_fills_no_further():
    """When a part of the exchange cancels an order upon its first fill, the rest is not taken."""
    desk = Desk("1000000")

    def end(_account: object, event: object) -> None:
        if isinstance(event, dict) and event["e"] == "TRADE_LITE":
            desk.account.orders[event["i"]].status = "CANCELED"

    desk.world.followers.append(end)
    found = desk.order("BUY", "4")
    assert (found["status"], found["executedQty"]) == ("CANCELED", "1.087")


def test_the_engine_wants_a_price_of_a_limit_order():
    """A request without price or price match is a mistake of the simulator, not of a client."""
    desk = Desk()
    request = OrderRequest(symbol="BTCUSDT", side="BUY", type="LIMIT", quantity=Decimal("0.01"))
    with pytest.raises(ValueError, match="needs a price"):
        submit(desk.world, desk.account, request)


def test_a_triggered_order_keeps_the_type_it_was_placed_with():
    """The engine records what the algo service tells of the order's origin."""
    desk = Desk()
    request = OrderRequest(
        symbol="BTCUSDT", side="BUY", type="MARKET", quantity=Decimal("0.01"), original_type="STOP_MARKET"
    )
    order = submit(desk.world, desk.account, request)
    (row,) = desk.call("GET", "allOrders", symbol="BTCUSDT")
    assert (row["type"], row["origType"], desk.heard[-1]["o"]["ot"]) == ("MARKET", "STOP_MARKET", "STOP_MARKET")
    assert order.status == "FILLED"
