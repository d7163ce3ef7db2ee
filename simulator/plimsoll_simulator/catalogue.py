"""The symbols and assets that every simulated world starts with. Filters, brackets and prices are made up.

A new symbol is one row of the table.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from plimsoll_simulator.market import Asset, Market, Symbol, make_brackets

MAJOR = make_brackets(
    (
        (125, 300_000, "0.004"),
        (100, 800_000, "0.005"),
        (75, 3_000_000, "0.0065"),
        (50, 12_000_000, "0.01"),
        (25, 70_000_000, "0.02"),
        (20, 100_000_000, "0.025"),
        (10, 230_000_000, "0.05"),
        (5, 480_000_000, "0.1"),
        (2, 900_000_000, "0.25"),
        (1, 1_800_000_000, "0.5"),
    ),
)
MINOR = make_brackets(
    (
        (75, 10_000, "0.005"),
        (50, 100_000, "0.01"),
        (25, 500_000, "0.02"),
        (20, 1_000_000, "0.025"),
        (10, 5_000_000, "0.05"),
        (5, 10_000_000, "0.1"),
        (2, 20_000_000, "0.25"),
        (1, 50_000_000, "0.5"),
    ),
)

# base, quote, tick, step, largest market order, least notional, price
_SYMBOLS = (
    ("BTC", "USDT", "0.10", "0.001", "120", "100", "92000"),
    ("ETH", "USDT", "0.01", "0.001", "2000", "20", "3090"),
    ("BNB", "USDT", "0.010", "0.01", "2000", "5", "905"),
    ("SOL", "USDT", "0.0100", "0.01", "5000", "5", "139.8"),
    ("DOT", "USDT", "0.001", "0.1", "40000", "5", "2.69"),
    ("XRP", "USDT", "0.0001", "0.1", "2000000", "5", "2.05"),
    ("ADA", "USDT", "0.00010", "1", "300000", "5", "0.62"),
    ("DOGE", "USDT", "0.000010", "1", "30000000", "5", "0.161"),
    ("LINK", "USDT", "0.001", "0.01", "20000", "5", "13.4"),
    ("AVAX", "USDT", "0.0010", "0.1", "5000", "5", "15.2"),
    ("BTC", "USDC", "0.1", "0.001", "60", "100", "92010"),
    ("ETH", "USDC", "0.01", "0.001", "500", "20", "3090.4"),
)
_MAJORS = ("BTC", "ETH")

_ASSETS = (
    Asset(name="USDT"),
    Asset(name="USDC", rate=Decimal("0.99990000"), buffer=Decimal("0.0001")),
    Asset(name="BNB", index_symbol="BNBUSDT", buffer=Decimal("0.05"), auto_exchange=Decimal(-10)),
    Asset(name="BTC", index_symbol="BTCUSDT", buffer=Decimal("0.05"), auto_exchange=Decimal("-0.1")),
    Asset(name="ETH", index_symbol="ETHUSDT", buffer=Decimal("0.05"), auto_exchange=Decimal(-1)),
)


def standard_market() -> Market:
    """A market with the symbols of the table at their starting prices."""
    market = Market(assets={asset.name: asset for asset in _ASSETS})
    for base, quote, tick, step, largest, least, price in _SYMBOLS:
        symbol = make_symbol(base, quote, tick=Decimal(tick), step=Decimal(step), market_max=Decimal(largest))
        market.add_symbol(_with_minimum(symbol, Decimal(least)), Decimal(price))
    return market


def make_symbol(
    base: str,
    quote: str,
    *,
    tick: Decimal,
    step: Decimal,
    market_max: Decimal = Decimal(10000),
    listed: bool = True,
) -> Symbol:
    """A symbol with the filters given and the brackets of its class."""
    return Symbol(
        name=f"{base}{quote}",
        base=base,
        quote=quote,
        tick=tick,
        step=step,
        market_max=market_max,
        lot_max=market_max * 10,
        min_notional=Decimal(5),
        brackets=MAJOR if base in _MAJORS else MINOR,
        listed=listed,
    )


def _with_minimum(symbol: Symbol, least: Decimal) -> Symbol:
    return replace(symbol, min_notional=least)
