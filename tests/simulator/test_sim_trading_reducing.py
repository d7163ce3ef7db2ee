"""Orders that may only reduce: cut to the position, displaced as it shrinks, refused when they could turn it round."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll_simulator import outside
from trading_desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A desk that is long 1 BTC at 20x."""
    desk = Desk("100000")
    desk.order("BUY", "1")
    desk.forget()
    return desk


def test_a_reduce_only_order_is_cut_down_to_the_position(desk: Desk):
    """More than the position closes the position and nothing more."""
    found = desk.order("SELL", "3", reduceOnly="true")
    assert (found["status"], found["origQty"], found["reduceOnly"]) == ("FILLED", "1.000", True)
    assert desk.amount() == 0


def test_nothing_to_reduce_is_refused(desk: Desk):
    """On the position's own side, or flat, a reduce-only order is refused."""
    assert desk.refused("BUY", "0.1", reduceOnly="true") == -2022
    desk.order("SELL", "1", reduceOnly="true")
    assert desk.refused("SELL", "0.1", reduceOnly="true") == -2022


def test_the_least_notional_is_waived(desk: Desk):
    """A remainder worth less than the least notional can be closed."""
    desk.order("SELL", "0.999", reduceOnly="true")
    assert desk.refused("SELL", "0.001") == -4164
    assert desk.order("SELL", "0.001", reduceOnly="true")["status"] == "FILLED"


def test_a_plain_order_of_the_same_side_stands_in_the_way(desk: Desk):
    """Together with a resting plain sell the close could turn the position round (-4118); cancelled, it cannot."""
    resting = desk.order("SELL", "0.5", "93000")
    assert desk.refused("SELL", "1", reduceOnly="true") == -4118
    assert desk.order("SELL", "0.5", reduceOnly="true")["status"] == "FILLED"
    desk.call("DELETE", "order", symbol="BTCUSDT", orderId=resting["orderId"])
    assert desk.order("SELL", "1", reduceOnly="true")["status"] == "FILLED"


def test_resting_reduce_only_orders_share_the_position(desk: Desk):
    """The better price comes first: a worse one finds nothing left, a better one displaces it with reason 4."""
    worse = desk.order("SELL", "1", "94000", reduceOnly="true")
    assert desk.refused("SELL", "0.5", "95000", reduceOnly="true") == -2022
    desk.order("SELL", "0.4", "93000", reduceOnly="true")
    cut = desk.call("GET", "order", symbol="BTCUSDT", orderId=worse["orderId"])
    assert (cut["origQty"], cut["status"]) == ("0.600", "NEW")
    assert desk.told()[-1] == "AMENDMENT NEW"
    desk.order("SELL", "1", "92500", reduceOnly="true")
    ended = [event["o"] for event in desk.heard if event["e"] == "ORDER_TRADE_UPDATE" and event["o"]["X"] == "EXPIRED"]
    assert {each["er"] for each in ended} == {"4"}
    assert len(ended) == 2


def test_resting_reduce_only_orders_follow_the_position_down(desk: Desk):
    """A close by somebody else cuts the resting order, and the end of the position expires it."""
    desk.order("SELL", "1", "93000", reduceOnly="true")
    outside.trade(desk.world, desk.account, "BTCUSDT", "SELL", Decimal("0.7"))
    (order,) = desk.call("GET", "openOrders")
    assert order["origQty"] == "0.300"
    outside.trade(desk.world, desk.account, "BTCUSDT", "SELL", Decimal("0.3"))
    assert desk.call("GET", "openOrders") == []
    assert (desk.told()[-1], desk.heard[-1]["o"]["er"]) == ("EXPIRED EXPIRED", "4")


def test_a_market_close_displaces_a_resting_one(desk: Desk):
    """The take-profit that rests does not hold up the market close; it expires after it."""
    desk.order("SELL", "1", "93000", reduceOnly="true")
    desk.forget()
    assert desk.order("SELL", "1", reduceOnly="true")["status"] == "FILLED"
    assert desk.told() == ["NEW NEW", "TRADE_LITE", "ACCOUNT_UPDATE", "TRADE FILLED", "EXPIRED EXPIRED"]


def test_a_turned_position_expires_its_old_take_profits(desk: Desk):
    """A plain order that turns the position round leaves reduce-only orders of the old side without anything."""
    desk.order("SELL", "1", "93000", reduceOnly="true")
    desk.order("SELL", "1.5")
    assert desk.amount() == Decimal("-0.5")
    assert desk.call("GET", "openOrders") == []


def test_a_take_profit_fills_when_its_price_comes(desk: Desk):
    """The resting reduce-only order closes the position as maker and realises its profit."""
    desk.order("SELL", "1", "93000", reduceOnly="true")
    desk.price("93010")
    assert desk.amount() == 0
    rows = [row for row in desk.call("GET", "income") if row["incomeType"] == "REALIZED_PNL"]
    assert [row["income"] for row in rows] == ["999.90000000"]
    assert desk.account.wallets["USDT"] == 100000 + sum(row.amount for row in desk.account.income)


def test_a_hedge_leg_is_closed_and_never_more():
    """More than the leg is refused; a resting close counts as reduce-only and follows the leg down."""
    desk = Desk("100000", hedge=True)
    desk.order("BUY", "1", positionSide="LONG")
    assert desk.refused("SELL", "1.1", positionSide="LONG") == -2022
    assert desk.order("SELL", "1", "93000", positionSide="LONG")["reduceOnly"] is True
    assert desk.refused("SELL", "0.1", "94000", positionSide="LONG") == -2022
    desk.order("SELL", "0.6", positionSide="LONG")
    (order,) = desk.call("GET", "openOrders")
    assert order["origQty"] == "0.400"
    desk.order("SELL", "0.4", positionSide="LONG")
    assert (desk.call("GET", "openOrders"), desk.amount(side="LONG")) == ([], 0)


def test_a_reduce_only_order_is_never_filled_beyond_what_is_left(desk: Desk):
    """Even where the position went without a fill, the price cannot turn it round by a reduce-only order."""
    desk.order("SELL", "1", "93000", reduceOnly="true")
    desk.account.position("BTCUSDT").amount = Decimal("0.2")
    desk.price("93010")
    assert desk.amount() == 0
    desk.account.position("BTCUSDT").amount = Decimal(0)
    desk.price("93020")
    assert (desk.amount(), desk.call("GET", "openOrders")) == (0, [])
