"""The filters of a symbol: whether a price, a quantity and their product may stand in an order at all. Pure."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from plimsoll_simulator.digits import plain
from plimsoll_simulator.market import MAX_PRICE, Market, Symbol
from plimsoll_simulator.trading.book import levels
from plimsoll_simulator.trading.refusals import refused


def places(value: Decimal) -> int:
    """How many decimals a number needs."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def precision(step: Decimal) -> int:
    """How many decimals a step is written with: ``0.10`` has two, as the exchange's precisions do."""
    return len(f"{step:f}".partition(".")[2])


def check_quantity(symbol: Symbol, quantity: Decimal, *, market_order: bool) -> None:
    """LOT_SIZE and, for market orders, MARKET_LOT_SIZE.

    Raises:
        Refused: -4003, -1111, -4004, -4005 or -4023.
    """
    if quantity <= 0:
        raise refused(-4003)
    if places(quantity) > precision(symbol.step):
        raise refused(-1111)
    if quantity < symbol.step:
        raise refused(-4004)
    if quantity > (symbol.market_max if market_order else symbol.lot_max):
        raise refused(-4005)
    if quantity % symbol.step:
        raise refused(-4023)


def check_price(symbol: Symbol, price: Decimal) -> None:
    """PRICE_FILTER.

    Raises:
        Refused: -4001, -4013, -4002, -1111 or -4014.
    """
    if price <= 0:
        raise refused(-4001)
    if price < symbol.tick:
        raise refused(-4013)
    if price > MAX_PRICE:
        raise refused(-4002)
    if places(price) > precision(symbol.tick):
        raise refused(-1111)
    if price % symbol.tick:
        raise refused(-4014)


def limit_price_bound(symbol: Symbol, mark: Decimal, side: str) -> Decimal:
    """The highest price of a buy or the lowest of a sell that PERCENT_PRICE allows, on the tick."""
    factor, rounding = (1 + symbol.price_band, ROUND_FLOOR) if side == "BUY" else (1 - symbol.price_band, ROUND_CEILING)
    return (mark * factor / symbol.tick).to_integral_value(rounding) * symbol.tick


def check_band(symbol: Symbol, mark: Decimal, side: str, price: Decimal) -> None:
    """PERCENT_PRICE for a limit order.

    Raises:
        Refused: A buy above the cap (-4016), a sell below the floor (-4024).
    """
    bound = limit_price_bound(symbol, mark, side)
    if side == "BUY" and price > bound:
        raise refused(-4016, plain(bound))
    if side == "SELL" and price < bound:
        raise refused(-4024, plain(bound))


def check_counter_price(market: Market, symbol: Symbol, side: str) -> None:
    """PERCENT_PRICE for a market order: the best price of the other side must lie within the band.

    Raises:
        Refused: It does not (-4131), or nobody is there (-1112).
    """
    best = next(levels(market, symbol.name, side), None)
    if best is None:
        raise refused(-1112)
    bound = limit_price_bound(symbol, market.quotes[symbol.name].mark, side)
    if best.price > bound if side == "BUY" else best.price < bound:
        raise refused(-4131)


def check_notional(symbol: Symbol, notional: Decimal, *, amended: bool = False) -> None:
    """MIN_NOTIONAL, for orders that may open.

    Raises:
        Refused: -4164, or -5029 where an order is amended.
    """
    if notional < symbol.min_notional:
        raise refused(-5029 if amended else -4164, plain(symbol.min_notional))
