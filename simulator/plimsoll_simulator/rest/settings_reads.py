"""Reads of an account's settings: modes, leverage, brackets, fees, limits, key permissions."""

from __future__ import annotations

from plimsoll_simulator.account import PERMISSIONS
from plimsoll_simulator.digits import plain
from plimsoll_simulator.margin import position_figures
from plimsoll_simulator.market import Bracket, Symbol
from plimsoll_simulator.rest.account_reads import adl_rank
from plimsoll_simulator.rest.call import Call, Json, Row
from plimsoll_simulator.rest.market_reads import ORDER_LIMITS
from plimsoll_simulator.trading.standing import QUANTITATIVE_RULES, restrictions

_LOCK_MS = 10 * 60 * 1000


def account_config(call: Call) -> Json:
    """``GET /fapi/v1/accountConfig``."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "dualSidePosition": call.account.hedge,
        "updateTime": 0,
        "multiAssetsMargin": call.account.multi_assets,
        "tradeGroupId": -1,
    }


def symbol_config(call: Call) -> Json:
    """``GET /fapi/v1/symbolConfig``."""
    return [_symbol_config(call, each) for each in _asked(call)]


def _asked(call: Call) -> list[Symbol]:
    symbol = call.symbol()
    return list(call.world.market.symbols.values()) if symbol is None else [symbol]


def _symbol_config(call: Call, symbol: Symbol) -> Row:
    setting = call.account.setting(symbol.name)
    return {
        "symbol": symbol.name,
        "marginType": setting.margin_type,
        "isAutoAddMargin": False,
        "leverage": setting.leverage,
        "maxNotionalValue": plain(symbol.max_notional(setting.leverage)),
    }


def leverage_bracket(call: Call) -> Json:
    """``GET /fapi/v1/leverageBracket``: a list, also for one symbol."""
    return [
        {"symbol": symbol.name, "brackets": [_bracket(bracket) for bracket in symbol.brackets]}
        for symbol in _asked(call)
    ]


def _bracket(bracket: Bracket) -> Row:
    return {
        "bracket": bracket.number,
        "initialLeverage": bracket.leverage,
        "notionalCap": int(bracket.cap),
        "notionalFloor": int(bracket.floor),
        "maintMarginRatio": float(bracket.ratio),
        "cum": float(bracket.cum),
    }


def multi_assets_margin(call: Call) -> Json:
    """``GET /fapi/v1/multiAssetsMargin``."""
    return {"multiAssetsMargin": call.account.multi_assets}


def position_mode(call: Call) -> Json:
    """``GET /fapi/v1/positionSide/dual``."""
    return {"dualSidePosition": call.account.hedge}


def trading_status(call: Call) -> Json:
    """``GET /fapi/v1/apiTradingStatus``: the symbols in which the quantitative rules (-4400) lock the account."""
    now, name = call.world.time_ms(), call.account.name
    locked = [each.name for each in _asked(call) if QUANTITATIVE_RULES in restrictions(call.world, name, each.name)]
    return {"indicators": {each: [_lock(now)] for each in locked}, "updateTime": now}


def _lock(now: int) -> Row:
    return {
        "isLocked": True,
        "plannedRecoverTime": now + _LOCK_MS,
        "indicator": "UFR",
        "value": 0.999,
        "triggerValue": 0.995,
    }


def commission_rate(call: Call) -> Json:
    """``GET /fapi/v1/commissionRate``."""
    return {
        "symbol": call.needed_symbol().name,
        "makerCommissionRate": "0.0002",
        "takerCommissionRate": "0.0005",
        "rpiCommissionRate": "0.00005",
    }


def order_limits(_call: Call) -> Json:
    """``GET /fapi/v1/rateLimit/order``."""
    return list(ORDER_LIMITS)


def adl_quantile(call: Call) -> Json:
    """``GET /fapi/v1/adlQuantile``: symbols with a position."""
    held = dict.fromkeys(position.symbol for position in call.account.open_positions())
    asked = {symbol.name for symbol in _asked(call)}
    return [{"symbol": name, "adlQuantile": _quantile(call, name)} for name in held if name in asked]


def _quantile(call: Call, symbol: str) -> Row:
    ranks: Row = {"LONG": 0, "SHORT": 0, "HEDGE" if call.account.hedge else "BOTH": 0}
    for side in call.account.sides:
        ranks[side] = adl_rank(position_figures(call.account, call.world.market, symbol, side))
    return ranks


def key_permissions(call: Call) -> Json:
    """``GET /sapi/v1/account/apiRestrictions``: what the calling key may do."""
    granted: Row = {name: call.permissions[name] for name in PERMISSIONS}
    return {**granted, "createTime": 1764547200000}
