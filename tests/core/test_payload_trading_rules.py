"""What a contract's filters and the exchange's limits say in the product's language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payload_files import MISSING, changed
from plimsoll.errors import Malformed
from plimsoll.exchange.payload.fields import mapping
from plimsoll.exchange.payload.trading_rules import instrument, order_limits, weight_limit
from plimsoll.model.market import ANY, Grid, OrderLimit

FILTERS = {
    "PRICE_FILTER": {"minPrice": "556.80", "maxPrice": "4529764", "tickSize": "0.10"},
    "LOT_SIZE": {"minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
    "MARKET_LOT_SIZE": {"minQty": "0.002", "maxQty": "120", "stepSize": "0.002"},
    "PERCENT_PRICE": {"multiplierUp": "1.0500", "multiplierDown": "0.9500", "multiplierDecimal": "4"},
    "MIN_NOTIONAL": {"notional": "50"},
    "MAX_NUM_ORDERS": {"limit": 200},
}
CONTRACT = {
    "symbol": "BTCUSDT",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "status": "TRADING",
    "contractType": "PERPETUAL",
    "marketTakeBound": "0.05",
    "filters": [{"filterType": name, **fields} for name, fields in FILTERS.items()],
}
LIMITS = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
    {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
]


def test_what_closing_needs():
    """Bounds of quantities, of market quantities and of prices, the band around the mark, the least value."""
    found = instrument(mapping(CONTRACT, "it"))
    assert found.quantity == Grid(least=Decimal("0.001"), most=Decimal(1000), step=Decimal("0.001"))
    assert found.market_quantity == Grid(least=Decimal("0.002"), most=Decimal(120), step=Decimal("0.002"))
    assert found.price == Grid(least=Decimal("556.80"), most=Decimal(4529764), step=Decimal("0.10"))
    assert (found.price_up, found.price_down) == (Decimal("1.05"), Decimal("0.95"))
    assert (found.market_take_bound, found.min_notional) == (Decimal("0.05"), Decimal(50))
    assert (found.tick_size, found.step_size) == (Decimal("0.10"), Decimal("0.001"))


def test_missing_filters_leave_everything_unknown():
    """Without filters nothing is known, and nothing is zero."""
    found = instrument(mapping({**CONTRACT, "filters": [], "marketTakeBound": None}, "it"))
    assert (found.quantity, found.market_quantity, found.price) == (ANY, ANY, ANY)
    assert found.price_up is None
    assert found.price_down is None
    assert found.market_take_bound is None
    assert found.min_notional is None


@pytest.mark.parametrize("value", ["0", "many", "NaN", [], MISSING])
def test_an_unsound_bound_is_unknown_and_the_contract_of_use(value: object):
    """One bound that is not told soundly does not blind anybody to the contract."""
    found = instrument(mapping(changed(CONTRACT, ("filters", 2, "maxQty"), value), "it"))
    assert found.market_quantity == Grid(least=Decimal("0.002"), step=Decimal("0.002"))
    assert found.quantity.most == Decimal(1000)


def test_an_unsound_step_is_a_broken_contract():
    """Tick and step are what everybody computes with."""
    with pytest.raises(Malformed, match="stepSize"):
        instrument(mapping(changed(CONTRACT, ("filters", 1, "stepSize"), "many"), "it"))


def test_the_first_filter_of_a_name_counts():
    """A name that is told twice means what it said first."""
    doubled = {**CONTRACT, "filters": [*CONTRACT["filters"], {"filterType": "LOT_SIZE", "stepSize": "5"}]}
    assert instrument(mapping(doubled, "it")).step_size == Decimal("0.001")


def test_limits():
    """Orders by their windows, weight by the minute."""
    row = mapping({"rateLimits": LIMITS}, "it")
    assert order_limits(row) == (OrderLimit(seconds=60, orders=1200), OrderLimit(seconds=10, orders=300))
    assert weight_limit(row) == 2400


@pytest.mark.parametrize(
    ("key", "value"),
    [("interval", "FORTNIGHT"), ("intervalNum", 0), ("limit", "lots"), ("limit", MISSING), ("rateLimitType", "RAW")],
)
def test_an_unsound_limit_is_left_out(key: str, value: object):
    """What is told soundly counts without it."""
    row = mapping(changed({"rateLimits": LIMITS}, ("rateLimits", 1, key), value), "it")
    assert order_limits(row) == (OrderLimit(seconds=10, orders=300),)
    assert weight_limit(row) == 2400


@pytest.mark.parametrize("value", [MISSING, [], "none", [{}]])
def test_no_limits_are_no_fault(value: object):
    """An answer without limits knows none."""
    row = mapping(changed({"rateLimits": LIMITS}, ("rateLimits",), value), "it")
    assert order_limits(row) == ()
    assert weight_limit(row) is None


def test_a_weight_for_seconds_is_not_one_for_the_minute():
    """Weight is planned by the minute; a limit for another time is not taken for it."""
    row = mapping(changed({"rateLimits": LIMITS}, ("rateLimits", 0, "interval"), "SECOND"), "it")
    assert weight_limit(row) is None
