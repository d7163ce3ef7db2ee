"""Control of the market and of time: prices, symbols, funding, the exchange's clock."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator import outside
from plimsoll_simulator.catalogue import make_symbol
from plimsoll_simulator.control.acts import set_status
from plimsoll_simulator.control.fields import FieldError, Fields
from plimsoll_simulator.digits import SMALLEST
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.living import pass_second


def set_price(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/price``: ``symbol``, ``mark``, optional ``last`` and ``push`` (do not wait for the next second)."""
    symbol, mark = fields.symbol(), fields.decimal("mark", positive=True)
    last, push = fields.optional_decimal("last", positive=True), fields.flag("push", default=False)
    fields.finish()
    exchange.world.market.set_price(symbol, mark.quantize(SMALLEST), last)
    pass_second(exchange.world)
    if push:
        exchange.hub.publish_market(0)
    return {}


def add_symbol(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/symbol``: ``base``, ``quote``, ``mark``, optional ``tick``, ``step``, ``listed`` (default false).

    With ``symbol`` and ``status`` an existing symbol changes its status.
    """
    if fields.has("symbol"):
        return set_status(exchange, fields)
    base, quote = fields.text("base"), fields.text("quote", "USDT", among=tuple(exchange.world.market.assets))
    mark = fields.decimal("mark", positive=True)
    tick, step = fields.decimal("tick", "0.01", positive=True), fields.decimal("step", "0.001", positive=True)
    listed = fields.flag("listed", default=False)
    fields.finish()
    symbol = make_symbol(base, quote, tick=tick, step=step, listed=listed)
    if symbol.name in exchange.world.market.symbols:
        raise FieldError("base", f"{symbol.name} exists already")
    exchange.world.market.add_symbol(symbol, mark)
    return {"symbol": symbol.name}


def settle_funding(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/funding``: ``symbol``, optional ``rate`` and ``event`` (false loses the events)."""
    symbol, event = fields.symbol(), fields.flag("event", default=True)
    quote = exchange.world.market.quotes[symbol]
    rate: Decimal = fields.decimal("rate", quote.funding_rate)
    fields.finish()
    quote.funding_rate = rate
    outside.funding(exchange.world, symbol, event=event)
    return {}


def set_clock(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/clock``: ``offset_seconds`` between the exchange's time and this machine's."""
    offset = fields.seconds("offset_seconds")
    fields.finish()
    exchange.world.clock_offset = offset
    return {"time": exchange.world.time_ms()}
