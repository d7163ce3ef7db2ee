"""What the market-wide reads say in the product's language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payload_files import MISSING, changed, payload
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import market
from plimsoll.model.market import AssetRate, Bracket, Grid, Instrument, Mark, OrderLimit


def test_rules_leave_a_broken_symbol_out():
    """Every sound symbol is told, and the weight limit; the one with half its fields is left out."""
    rules = market.rules(payload("rest_exchange_info"))
    assert list(rules.instruments) == ["SOLUSDT", "BNBUSDC", "币安人生USDT"]
    assert rules.weight_limit == 2400
    assert rules.instruments["SOLUSDT"] == Instrument(
        symbol="SOLUSDT",
        base_asset="SOL",
        quote_asset="USDT",
        margin_asset="USDT",
        status="TRADING",
        contract_type="PERPETUAL",
        tick_size=Decimal("0.01"),
        step_size=Decimal(1),
        quantity=Grid(least=Decimal(1), most=Decimal(1_000_000), step=Decimal(1)),
        price=Grid(least=Decimal("0.42"), most=Decimal(6857), step=Decimal("0.01")),
    )
    assert rules.order_limits == (OrderLimit(seconds=60, orders=1200),)


def test_a_missing_filter_leaves_the_step_unknown():
    """A filter that is missing or says zero leaves the step unknown, never zero."""
    instruments = market.rules(payload("rest_exchange_info")).instruments
    assert instruments["BNBUSDC"].step_size is None
    assert instruments["币安人生USDT"].tick_size is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rateLimits",), MISSING),
        (("rateLimits",), "none"),
        (("rateLimits", 1, "limit"), "NaN"),
        (("rateLimits", 1, "limit"), 0),
        (("rateLimits", 1, "interval"), "DAY"),
        (("rateLimits", 1, "intervalNum"), 5000),
    ],
)
def test_a_weight_limit_that_is_not_told_is_unknown(path: tuple[str | int, ...], value: object):
    """The instruments are of use without the weight limit."""
    rules = market.rules(changed(payload("rest_exchange_info"), path, value))
    assert rules.weight_limit is None
    assert len(rules.instruments) == 3


def test_the_weight_limit_is_per_minute():
    """A limit over several minutes is told per minute."""
    json = changed(payload("rest_exchange_info"), ("rateLimits", 1, "intervalNum"), 2)
    assert market.rules(json).weight_limit == 1200


@pytest.mark.parametrize("value", [MISSING, "none", [], [{}], 4])
def test_rules_without_any_sound_symbol_are_refused(value: object):
    """No symbol at all means that the format has changed."""
    with pytest.raises(Malformed, match="exchangeInfo symbols"):
        market.rules(changed(payload("rest_exchange_info"), ("symbols",), value))


def test_marks_leave_symbols_without_price_out():
    """Delisted symbols have a price of zero or none; a broken one is left out as well."""
    assert market.marks(payload("rest_premium_index")) == (
        Mark(symbol="SOLUSDT", price=Decimal("185.15"), time_ms=1795165103000),
    )


def test_one_mark():
    """With a symbol asked for, the exchange answers with an object instead of a list."""
    assert market.marks(payload("rest_premium_index_one"))[0].symbol == "BNBUSDC"


def test_marks_that_are_all_broken_are_refused():
    """No sound row at all is an error, not an empty market."""
    with pytest.raises(Malformed, match="premiumIndex"):
        market.marks(changed(payload("rest_premium_index_one"), ("time",), "soon"))


def test_a_market_without_prices_is_empty():
    """An empty list is an answer."""
    assert market.marks([]) == ()


def test_asset_rates_are_named_by_their_asset():
    """``BTCUSD`` is BTC; a rate of zero and a symbol that is not against USD are left out."""
    assert market.asset_rates(payload("rest_asset_index")) == (
        AssetRate(asset="BTC", bid=Decimal(85500), ask=Decimal(94500), time_ms=1795165104000),
        AssetRate(asset="USDT", bid=Decimal("0.99970002"), ask=Decimal("0.99989998"), time_ms=1795165104000),
    )


def test_one_asset_rate():
    """With a symbol asked for, the exchange answers with an object instead of a list."""
    assert market.asset_rates(payload("rest_asset_index_one"))[0].asset == "BNB"


def test_usd_alone_is_no_asset():
    """A symbol with no asset before USD is refused."""
    with pytest.raises(Malformed, match="followed by USD"):
        market.asset_rates(changed(payload("rest_asset_index_one"), ("symbol",), "USD"))


def test_brackets_ascend_and_odd_tables_are_left_out():
    """Steps are sorted by their floor; symbols with an empty or broken table are left out."""
    tables = market.brackets(payload("rest_leverage_bracket"))
    assert list(tables) == ["SOLUSDT"]
    assert tables["SOLUSDT"] == (
        Bracket(
            floor=Decimal(0),
            cap=Decimal(10000),
            maintenance_ratio=Decimal("0.005"),
            deduction=Decimal(0),
            max_leverage=75,
        ),
        Bracket(
            floor=Decimal(10000),
            cap=Decimal(50000),
            maintenance_ratio=Decimal("0.01"),
            deduction=Decimal(50),
            max_leverage=50,
        ),
    )


def test_one_table_of_brackets():
    """With a symbol asked for, the exchange may answer with an object instead of a list."""
    assert list(market.brackets(payload("rest_leverage_bracket_one"))) == ["BNBUSDC"]


def test_server_time():
    """The exchange's time in milliseconds."""
    assert market.server_time(payload("rest_server_time")) == 1795165000123
    with pytest.raises(Malformed, match="serverTime is missing"):
        market.server_time({})
