"""Which orders the account can carry: the margin rule of the october incident, number by number, and its neighbours."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trading_desk import Desk

PRICES = {"BTCUSDT": "92000", "ETHUSDT": "3090", "SOLUSDT": "139.8"}


def quantity(symbol: str, usd: int, mark: str | None = None) -> str:
    """About ``usd`` worth of a symbol, on its step."""
    step = Decimal("0.01") if symbol == "SOLUSDT" else Decimal("0.001")
    return str((Decimal(usd) / Decimal(mark or PRICES[symbol]) / step).to_integral_value() * step)


@pytest.fixture
def october() -> Desk:
    """The account ``eon`` of the incident: 50,000 USDT, exchange setting 6x."""
    return Desk("50000", leverage=6)


def test_the_entries_of_october(october: Desk):
    """Of eight tranches of 85,000 three fill and five are refused: 14,167 needed, about 7,400 there."""
    outcomes = []
    for name in ("BTC", "BTC", "ETH", "BTC", "BTC", "BTC", "ETH", "ETH"):
        symbol = f"{name}USDT"
        if len(outcomes) < 3:
            outcomes.append(october.order("BUY", quantity(symbol, 85000), symbol=symbol)["status"])
        else:
            outcomes.append(october.refused("BUY", quantity(symbol, 85000), symbol=symbol))
    assert outcomes == ["FILLED"] * 3 + [-2019] * 5
    assert 7300 < october.available() < 7500
    figures = october.call("GET", "v3/account")
    assert round(Decimal(figures["totalInitialMargin"]), -2) == 42500


def test_the_closes_of_october(october: Desk):
    """At -1 % the mirror's plain sells of 425,000 and 255,000 are refused, and so is a short meant as a hedge."""
    for symbol in ("BTCUSDT", "BTCUSDT", "ETHUSDT"):
        october.order("BUY", quantity(symbol, 85000), symbol=symbol)
    for symbol, mark in (("BTCUSDT", "91080"), ("ETHUSDT", "3059.1")):
        october.price(mark, symbol=symbol)
    assert 5000 < october.available() < 5400
    for symbol, usd, mark in (("BTCUSDT", 425000, "91080"), ("ETHUSDT", 255000, "3059.1"), ("SOLUSDT", 85000, "138.4")):
        assert october.refused("SELL", quantity(symbol, usd, mark), symbol=symbol) == -2019
    assert october.order("SELL", quantity("BTCUSDT", 425000), reduceOnly="true")["status"] == "FILLED"
    assert october.amount() == 0


def test_closing_less_than_twice_the_position_needs_no_margin(october: Desk):
    """With nothing available, a plain sell of just under twice the position passes and turns it round."""
    october.order("BUY", "3.1")
    october.account.wallets["USDT"] = Decimal(30000)
    assert october.available() == 0
    assert october.refused("BUY", "0.01") == -2019
    assert october.refused("SELL", "6.3") == -2019
    assert october.order("SELL", "6.19")["status"] == "FILLED"
    assert october.amount() == Decimal("-3.09")


def test_resting_orders_count_on_their_side(october: Desk):
    """Buys that rest bind margin with the position; a sell no larger than what they could make is free."""
    october.order("BUY", "1", "91000")
    bound = october.available()
    assert bound == 50000 - Decimal(91000) / 6
    october.order("SELL", "0.9", "93000")
    assert october.available() == bound
    october.order("SELL", "0.2", "93000")
    assert october.available() == 50000 - Decimal(102300) / 6


def test_a_hedge_leg_counts_its_opening_side_alone():
    """Each leg needs its own margin; what closes a leg needs none."""
    desk = Desk("50000", hedge=True, leverage=6)
    desk.order("BUY", "1.6", positionSide="LONG")
    desk.order("SELL", "1.5", positionSide="SHORT")
    assert desk.refused("SELL", "0.2", positionSide="SHORT") == -2019
    assert desk.refused("BUY", "0.2", positionSide="LONG") == -2019
    assert desk.order("SELL", "1.6", positionSide="LONG")["status"] == "FILLED"
    assert (desk.amount(side="LONG"), desk.amount(side="SHORT")) == (0, Decimal("-1.5"))


def test_an_order_above_the_market_pays_for_what_it_loses_at_once():
    """The loss at which an order opens is needed besides its margin."""
    desk = Desk("1000", leverage=20)
    assert desk.refused("BUY", "0.200", "96600") == -2019
    assert desk.order("BUY", "0.200", "92000.1")["executedQty"] == "0.000"
    assert desk.amount() == Decimal("0.200")


def test_a_position_limit_depends_on_the_setting():
    """At 125x no more than 300,000 may be held or ordered (-2027); less leverage allows more."""
    desk = Desk("1000000", leverage=125)
    desk.order("BUY", "3.2")
    assert desk.refused("BUY", "0.1", "91000") == -2027
    desk.call("POST", "leverage", symbol="BTCUSDT", leverage=20)
    assert desk.order("BUY", "0.1", "91000")["status"] == "NEW"


def test_isolated_positions_take_their_margin_as_they_fill():
    """The margin of an isolated fill leaves the cross wallet and returns with the position."""
    desk = Desk("10000", leverage=10)
    desk.call("POST", "marginType", symbol="BTCUSDT", marginType="ISOLATED")
    desk.order("BUY", "0.1")
    assert desk.account.position("BTCUSDT").isolated_wallet == Decimal("920.001")
    assert desk.heard[-2]["a"]["B"][0]["cw"] == "9075.39899500"
    desk.order("SELL", "0.1", reduceOnly="true")
    assert desk.account.position("BTCUSDT").isolated_wallet == 0


def test_collateral_is_shared_in_multi_assets_mode():
    """A dollar order can lean on bitcoin."""
    desk = Desk("10", leverage=10)
    desk.account.wallets["BTC"] = Decimal(1)
    assert desk.refused("BUY", "0.1") == -2019
    desk.call("POST", "multiAssetsMargin", multiAssetsMargin="true")
    assert desk.order("BUY", "0.1")["status"] == "FILLED"
