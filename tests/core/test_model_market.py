"""What the market's values say of themselves, and what their constructors refuse."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from plimsoll.model.market import AssetRate, ExchangeRules, Instrument, LastPrice, Mark

SOL = Instrument(
    symbol="SOLUSDT",
    base_asset="SOL",
    quote_asset="USDT",
    margin_asset="USDT",
    status="TRADING",
    contract_type="PERPETUAL",
)


def test_only_the_status_trading_takes_orders():
    """Any other status does not trade."""
    assert SOL.trading
    assert not replace(SOL, status="SETTLING").trading


def test_steps_are_unknown_unless_told():
    """An instrument without filters has no steps."""
    assert (SOL.tick_size, SOL.step_size) == (None, None)


@pytest.mark.parametrize("price", [Decimal(0), Decimal("-0.1")])
def test_a_last_price_is_above_zero(price: Decimal):
    """Zero and below are no price."""
    with pytest.raises(ValueError, match=r"SOLUSDT: last price .* is not above zero"):
        LastPrice(symbol="SOLUSDT", price=price, time_ms=1)


@pytest.mark.parametrize("price", [Decimal(0), Decimal("-0.1")])
def test_a_mark_price_is_above_zero(price: Decimal):
    """Zero and below are no price."""
    with pytest.raises(ValueError, match=r"SOLUSDT: mark price .* is not above zero"):
        Mark(symbol="SOLUSDT", price=price, time_ms=1)


def test_a_mark_price():
    """A price above zero is one."""
    assert Mark(symbol="SOLUSDT", price=Decimal("0.00001"), time_ms=1).price == Decimal("0.00001")


@pytest.mark.parametrize(("amount", "usd"), [(2, 171000), (0, 0), (-2, -189000)])
def test_an_asset_is_valued_at_the_rate_for_its_sign(amount: int, usd: int):
    """What is held is worth the bid, what is owed costs the ask."""
    rate = AssetRate(asset="BTC", bid=Decimal(85500), ask=Decimal(94500), time_ms=1)
    assert rate.value(Decimal(amount)) == usd


def test_margin_assets_are_those_of_tradable_symbols():
    """An asset that margins only symbols that do not trade is not counted."""
    gone = replace(SOL, symbol="OLDBUSD", margin_asset="BUSD", status="CLOSE")
    other = replace(SOL, symbol="SOLUSDC", margin_asset="USDC")
    rules = ExchangeRules(instruments={item.symbol: item for item in (SOL, gone, other)}, weight_limit=None)
    assert rules.margin_assets() == {"USDT", "USDC"}
