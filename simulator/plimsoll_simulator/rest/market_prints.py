"""Public reads of single trades and of what is open in the market. There are no other traders: these rows are made up.

A symbol prints one trade of one step a second at its last price, numbered by the second, as its streams do.
"""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll_simulator.digits import plain, stepped
from plimsoll_simulator.market import Symbol
from plimsoll_simulator.rest.call import Call, Json, Row

_USUAL, _MOST = 500, 1000


def _seconds(call: Call) -> Iterator[int]:
    """The seconds that the newest rows asked for stand for, oldest first."""
    limit = max(1, min(call.number("limit") or _USUAL, _MOST))
    now = call.world.time_ms() // 1000
    return iter(range(now - limit + 1, now + 1))


def trades(call: Call) -> Json:
    """``GET /fapi/v1/trades``."""
    symbol = call.needed_symbol()
    price = call.world.market.quotes[symbol.name].last
    return [
        {
            "id": second,
            "price": stepped(price, symbol.tick),
            "qty": stepped(symbol.step, symbol.step),
            "quoteQty": plain(price * symbol.step),
            "time": second * 1000,
            "isBuyerMaker": False,
            "isRPITrade": False,
        }
        for second in _seconds(call)
    ]


def aggregated_trades(call: Call) -> Json:
    """``GET /fapi/v1/aggTrades``."""
    symbol = call.needed_symbol()
    price = stepped(call.world.market.quotes[symbol.name].last, symbol.tick)
    step = stepped(symbol.step, symbol.step)
    return [
        {
            "a": second,
            "p": price,
            "q": step,
            "nq": step,
            "f": second,
            "l": second,
            "T": second * 1000,
            "m": False,
        }
        for second in _seconds(call)
    ]


def open_interest(call: Call) -> Json:
    """``GET /fapi/v1/openInterest``: as much as the largest market order, whatever the accounts here hold."""
    symbol = call.needed_symbol()
    return {
        "openInterest": stepped(symbol.market_max, symbol.step),
        "symbol": symbol.name,
        "time": call.world.time_ms(),
    }


def adl_risk(call: Call) -> Json:
    """``GET /fapi/v1/symbolAdlRisk``: low for every symbol."""
    symbol = call.symbol()
    if symbol is not None:
        return _risk(call, symbol)
    return [_risk(call, each) for each in call.world.market.symbols.values()]


def _risk(call: Call, symbol: Symbol) -> Row:
    return {"symbol": symbol.name, "adlRisk": "low", "updateTime": call.world.time_ms()}
