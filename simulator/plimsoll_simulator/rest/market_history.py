"""Public reads of what the market did: the day's ticker, candles, settled funding; and the order book.

Volumes and counts are made up (there are no other traders); prices and times are the market's own.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from plimsoll_simulator.digits import eight, plain, stepped
from plimsoll_simulator.market import Symbol
from plimsoll_simulator.rest import refusal
from plimsoll_simulator.rest.call import Call, Json, Row
from plimsoll_simulator.tape import MINUTE_MS, Candle, Funding
from plimsoll_simulator.trading.book import levels

INTERVALS = {
    "1m": 1,
    "3m": 3,
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "1h": 60,
    "2h": 120,
    "4h": 240,
    "6h": 360,
    "8h": 480,
    "12h": 720,
    "1d": 1440,
    "3d": 4320,
    "1w": 10080,
}
# The largest limit of each weight; what is beyond costs the weight of the table.
DEPTH_WEIGHTS = ((50, 2), (100, 5), (500, 10))
CANDLE_WEIGHTS = ((99, 1), (499, 2), (1000, 5))
DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1000)
_DAY_MS = 24 * 3600 * 1000
_USUAL_CANDLES, _MOST_CANDLES = 500, 1500
_USUAL_DEPTH = 500
_FUNDING_ROWS, _MOST_FUNDING_ROWS = 100, 1000


def ticker_day(call: Call) -> Json:
    """``GET /fapi/v1/ticker/24hr``."""
    symbol = call.symbol()
    if symbol is not None:
        return _day(call, symbol)
    return [_day(call, each) for each in call.world.market.symbols.values()]


def _day(call: Call, symbol: Symbol) -> Row:
    quote, now = call.world.market.quotes[symbol.name], call.world.time_ms()
    prices = [quote.opened_at, quote.last]
    for candle in call.world.tape.minutes(symbol.name):
        if candle.time > now - _DAY_MS:
            prices += (candle.high, candle.low)
    change, average = quote.last - quote.opened_at, (quote.last + quote.opened_at) / 2
    return {
        "symbol": symbol.name,
        "priceChange": stepped(change, symbol.tick),
        "priceChangePercent": f"{change / quote.opened_at * 100:.3f}",
        "weightedAvgPrice": stepped(average, symbol.tick),
        "lastPrice": stepped(quote.last, symbol.tick),
        "lastQty": stepped(symbol.step, symbol.step),
        "openPrice": stepped(quote.opened_at, symbol.tick),
        "highPrice": stepped(max(prices), symbol.tick),
        "lowPrice": stepped(min(prices), symbol.tick),
        "volume": stepped(symbol.market_max, symbol.step),
        "quoteVolume": f"{symbol.market_max * average:.2f}",
        "openTime": now - _DAY_MS,
        "closeTime": now,
        "firstId": 1,
        "lastId": now // 1000,
        "count": now // 1000,
    }


def klines(call: Call) -> Json:
    """``GET /fapi/v1/klines``: rows of twelve, oldest first.

    Raises:
        Refused: No symbol (-1102) or an unknown interval (-1120).
    """
    return _klines(call, call.needed_symbol())


def continuous_klines(call: Call) -> Json:
    """``GET /fapi/v1/continuousKlines``: those of a pair's perpetual contract; there are no others.

    Raises:
        Refused: No pair (-1102), an unknown one (-1121), no such contract (-4104) or an unknown interval (-1120).
    """
    for name in ("pair", "contractType"):
        if name not in call.params:
            raise refusal.missing(name)
    if call.params["contractType"] != "PERPETUAL":
        raise refusal.bad_request(-4104, "Invalid contract type.")
    return _klines(call, replace(call, params={**call.params, "symbol": call.params["pair"]}).needed_symbol())


def _klines(call: Call, symbol: Symbol) -> Json:
    interval = call.params.get("interval")
    if interval is None:
        raise refusal.missing("interval")
    if interval not in INTERVALS:
        raise refusal.bad_request(-1120, "Invalid interval.")
    span = INTERVALS[interval] * MINUTE_MS
    opened = call.world.market.quotes[symbol.name].opened_at
    candles = call.world.tape.candles(symbol.name, _starts(call, span), opened)
    return [_kline(symbol, candle, span) for candle in candles]


def _starts(call: Call, span: int) -> range:
    """When the candles asked for begin."""
    limit = max(1, min(call.number("limit") or _USUAL_CANDLES, _MOST_CANDLES))
    start, end = call.number("startTime"), min(call.number("endTime") or call.world.time_ms(), call.world.time_ms())
    if start is not None:
        first = -(-start // span) * span
        return range(first, min(end + 1, first + limit * span), span)
    last = end - end % span
    return range(last - (limit - 1) * span, last + 1, span)


def _kline(symbol: Symbol, candle: Candle, span: int) -> list[object]:
    volume, money = stepped(symbol.step * 1000, symbol.step), f"{symbol.step * 1000 * candle.close:.5f}"
    prices = [stepped(each, symbol.tick) for each in (candle.open, candle.high, candle.low, candle.close)]
    return [candle.time, *prices, volume, candle.time + span - 1, money, 1000, volume, money, "0"]


def funding_rates(call: Call) -> Json:
    """``GET /fapi/v1/fundingRate``: settlements since the world began, oldest first."""
    symbol, start, end = call.symbol(), call.number("startTime") or 0, call.number("endTime") or call.world.time_ms()
    limit = min(call.number("limit") or _FUNDING_ROWS, _MOST_FUNDING_ROWS)
    rows = [each for each in call.world.tape.fundings if symbol is None or each.symbol == symbol.name]
    rows = [each for each in rows if start <= each.time <= end]
    return [_funding(each) for each in (rows[:limit] if start else rows[-limit:])]


def _funding(row: Funding) -> Row:
    return {
        "symbol": row.symbol,
        "fundingRate": eight(row.rate),
        "fundingTime": row.time,
        "markPrice": eight(row.mark),
        "rateType": "Regular",
    }


def funding_info(call: Call) -> Json:
    """``GET /fapi/v1/fundingInfo``: every symbol with the usual cap and interval."""
    return [
        {
            "symbol": name,
            "adjustedFundingRateCap": "0.02000000",
            "adjustedFundingRateFloor": "-0.02000000",
            "fundingIntervalHours": 8,
            "disclaimer": False,
        }
        for name in call.world.market.symbols
    ]


def depth(call: Call) -> Json:
    """``GET /fapi/v1/depth``: the book that orders meet, best first.

    Raises:
        Refused: No symbol (-1102) or a depth that is not offered (-4021).
    """
    symbol, limit = call.needed_symbol(), call.number("limit") or _USUAL_DEPTH
    if limit not in DEPTH_LIMITS:
        raise refusal.bad_request(-4021, f"{limit} is not valid depth limit.")
    now = call.world.time_ms()
    return {
        "lastUpdateId": now,
        "E": now,
        "T": now,
        "bids": _side(call, symbol, "SELL", limit),
        "asks": _side(call, symbol, "BUY", limit),
    }


def _side(call: Call, symbol: Symbol, taker: str, limit: int) -> list[list[str]]:
    """The levels that a taker of the other side meets."""
    rows = islice(levels(call.world.market, symbol.name, taker), limit)
    return [[stepped(each.price, symbol.tick), plain(each.quantity)] for each in rows]
