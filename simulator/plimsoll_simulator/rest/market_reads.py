"""Public reads: time, symbols, prices and asset indices."""

from __future__ import annotations

from collections.abc import Callable

from plimsoll_simulator.digits import eight, plain, stepped
from plimsoll_simulator.market import Asset, Symbol
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Json, Row
from plimsoll_simulator.rest.limits import WEIGHT_LIMIT
from plimsoll_simulator.trading.book import top

ORDER_LIMITS: tuple[Row, ...] = (
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
    {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
)
_ORDER_TYPES = (
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)


def ping(_call: Call) -> Json:
    """``GET /fapi/v1/ping``."""
    return {}


def time(call: Call) -> Json:
    """``GET /fapi/v1/time``."""
    return {"serverTime": call.world.time_ms()}


def exchange_info(call: Call) -> Json:
    """``GET /fapi/v1/exchangeInfo``; unlisted symbols are left out."""
    market = call.world.market
    weight: Row = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": WEIGHT_LIMIT}
    return {
        "exchangeFilters": [],
        "rateLimits": [weight, *ORDER_LIMITS],
        "serverTime": call.world.time_ms(),
        "assets": [_asset(asset) for asset in market.assets.values()],
        "symbols": [_symbol(symbol) for symbol in market.symbols.values() if symbol.listed],
        "timezone": "UTC",
    }


def _asset(asset: Asset) -> Row:
    return {"asset": asset.name, "marginAvailable": True, "autoAssetExchange": plain(asset.auto_exchange)}


def _symbol(symbol: Symbol) -> Row:
    return {
        "symbol": symbol.name,
        "pair": symbol.name,
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": symbol.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": symbol.base,
        "quoteAsset": symbol.quote,
        "marginAsset": symbol.quote,
        "pricePrecision": _places(symbol.tick),
        "quantityPrecision": _places(symbol.step),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "filters": _filters(symbol),
        "orderTypes": list(_ORDER_TYPES),
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
    }


def _places(step: object) -> int:
    return len(f"{step}".partition(".")[2])


def _filters(symbol: Symbol) -> list[Row]:
    step = f"{symbol.step:f}"
    return [
        {
            "filterType": "PRICE_FILTER",
            "maxPrice": "4529764",
            "minPrice": f"{symbol.tick:f}",
            "tickSize": f"{symbol.tick:f}",
        },
        {"filterType": "LOT_SIZE", "maxQty": plain(symbol.lot_max), "minQty": step, "stepSize": step},
        {"filterType": "MARKET_LOT_SIZE", "maxQty": plain(symbol.market_max), "minQty": step, "stepSize": step},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": plain(symbol.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.0500",
            "multiplierDown": "0.9500",
            "multiplierDecimal": "4",
        },
    ]


def _one_or_all(call: Call, row: Callable[[Call, Symbol], Row]) -> Json:
    symbol = call.symbol()
    if symbol is not None:
        return row(call, symbol)
    return [row(call, each) for each in call.world.market.symbols.values()]


def premium_index(call: Call) -> Json:
    """``GET /fapi/v1/premiumIndex``."""
    return _one_or_all(call, _premium)


def _premium(call: Call, symbol: Symbol) -> Row:
    quote = call.world.market.quotes[symbol.name]
    return {
        "symbol": symbol.name,
        "markPrice": eight(quote.mark),
        "indexPrice": eight(quote.index),
        "estimatedSettlePrice": eight(quote.index),
        "lastFundingRate": eight(quote.funding_rate),
        "interestRate": "0.00010000",
        "nextFundingTime": call.world.funding_time,
        "time": call.world.time_ms(),
    }


def ticker_price(call: Call) -> Json:
    """``GET /fapi/v1/ticker/price`` and ``v2``."""
    return _one_or_all(call, _price)


def _price(call: Call, symbol: Symbol) -> Row:
    quote = call.world.market.quotes[symbol.name]
    return {"symbol": symbol.name, "price": stepped(quote.last, symbol.tick), "time": call.world.time_ms()}


def book_ticker(call: Call) -> Json:
    """``GET /fapi/v1/ticker/bookTicker``: the best of the book that orders meet."""
    return _one_or_all(call, _book)


def _book(call: Call, symbol: Symbol) -> Row:
    bid, ask = top(call.world.market, symbol.name)
    return {
        "symbol": symbol.name,
        "bidPrice": stepped(bid.price, symbol.tick),
        "bidQty": stepped(bid.quantity, symbol.step),
        "askPrice": stepped(ask.price, symbol.tick),
        "askQty": stepped(ask.quantity, symbol.step),
        "time": call.world.time_ms(),
    }


def asset_index(call: Call) -> Json:
    """``GET /fapi/v1/assetIndex``; the symbol is an asset with ``USD`` behind it.

    Raises:
        Refused: There is no such index (-1121).
    """
    assets = call.world.market.assets
    wanted = call.params.get("symbol")
    if wanted is None:
        return [index_row(call, name) for name in assets]
    if wanted.removesuffix("USD") not in assets:
        raise refusal.bad_symbol()
    return index_row(call, wanted.removesuffix("USD"))


def index_row(call: Call, name: str) -> Row:
    """One asset index; half the buffer applies to the automatic exchange."""
    market = call.world.market
    index, buffer = market.index_of(name), market.assets[name].buffer
    return {
        "symbol": f"{name}USD",
        "time": call.world.time_ms(),
        "index": eight(index),
        "bidBuffer": eight(buffer),
        "askBuffer": eight(buffer),
        "bidRate": eight(market.bid_rate(name)),
        "askRate": eight(market.ask_rate(name)),
        "autoExchangeBidBuffer": eight(buffer / 2),
        "autoExchangeAskBuffer": eight(buffer / 2),
        "autoExchangeBidRate": eight(market.exchange_bid(name)),
        "autoExchangeAskRate": eight(market.exchange_ask(name)),
    }
