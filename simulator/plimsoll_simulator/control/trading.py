"""Control of trading: the order book, who may trade what, overload."""

from __future__ import annotations

from plimsoll_simulator.control.fields import FieldError, Fields
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.market import Depth
from plimsoll_simulator.trading.following import follow_price
from plimsoll_simulator.trading.standing import ALL_RESTRICTIONS


def set_book(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/book``: ``symbol``; ``depth_usd`` (within 0.05 % of the best price), ``spread`` (a ratio)."""
    symbol, market = fields.symbol(), exchange.world.market
    old = market.depth(symbol)
    depth, spread = fields.decimal("depth_usd", old.depth_usd), fields.decimal("spread", old.spread)
    fields.finish()
    for name, value, most in (("depth_usd", depth, 10**12), ("spread", spread, 1)):
        if not 0 <= value < most:
            raise FieldError(name, f"must be 0 or above and below {most}")
    market.depths[symbol] = Depth(depth_usd=depth, spread=spread)
    follow_price(exchange.world, symbol)
    return {}


def restrict(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/restrict``: orders of ``account`` (all) in ``symbol`` (all) meet ``code``; without a code none."""
    account = fields.account().name if fields.has("account") else None
    symbol = fields.symbol() if fields.has("symbol") else None
    code = int(fields.decimal("code")) if fields.has("code") else None
    fields.finish()
    if code is None:
        exchange.world.restrictions.pop((account, symbol), None)
    elif code in ALL_RESTRICTIONS:
        exchange.world.restrictions[account, symbol] = code
    else:
        raise FieldError("code", f"must be one of {', '.join(map(str, ALL_RESTRICTIONS))}")
    return {}


def overload(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/overload``: with ``on`` true only orders that reduce are taken (-1008)."""
    on = fields.flag("on")
    fields.finish()
    exchange.world.overloaded = on
    return {}
