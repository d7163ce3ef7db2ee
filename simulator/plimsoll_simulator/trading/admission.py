"""From a request to an entry that the engine may carry out: every check, in the order in which the exchange refuses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll_simulator.account import Account, Order
from plimsoll_simulator.market import Market, Symbol
from plimsoll_simulator.trading.book import Walk, matched_price, take_bound, walk
from plimsoll_simulator.trading.filters import (
    check_band,
    check_counter_price,
    check_notional,
    check_price,
    check_quantity,
)
from plimsoll_simulator.trading.margin_check import check_margin
from plimsoll_simulator.trading.reducing import reducible
from plimsoll_simulator.trading.refusals import refused
from plimsoll_simulator.trading.request import OrderRequest
from plimsoll_simulator.trading.standing import check_room, check_standing
from plimsoll_simulator.world import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An admitted order with its final price and quantity, and what the book gives it at once."""

    request: OrderRequest
    walk: Walk


def screen(world: World, account: Account, request: OrderRequest, old: Order | None = None) -> OrderRequest:
    """What can be judged before the matching engine: standing and filters; gives the request with its price.

    Raises:
        Refused: The account, the symbol or a filter does not allow it.
    """
    market, symbol = world.market, world.market.symbols[request.symbol]
    check_standing(world, account, request)
    check_quantity(symbol, request.quantity, market_order=request.type == "MARKET")
    request = _priced(market, symbol, request)
    if old is None:
        check_room(account, request)
    if not request.only_reduces:
        price = market.quotes[symbol.name].mark if request.price is None else request.price
        check_notional(symbol, request.quantity * price, amended=old is not None)
    return request


def admit(world: World, account: Account, request: OrderRequest, old: Order | None = None) -> Entry:
    """Check a request; ``old`` is the order that it replaces.

    Raises:
        Refused: Any refusal of the matching engine; nothing has changed then.
    """
    market, symbol = world.market, world.market.symbols[request.symbol]
    request = screen(world, account, request, old)
    if request.only_reduces:
        request = replace(request, quantity=reducible(account, request, old))
    found = _meet(market, symbol, request)
    if not request.only_reduces:
        check_margin(account, market, request, _price_paid(market, request, found), old)
    return Entry(request=request, walk=found)


def _priced(market: Market, symbol: Symbol, request: OrderRequest) -> OrderRequest:
    """The request with the price of its price match, checked against the price filters."""
    if request.type == "MARKET":
        check_counter_price(market, symbol, request.side)
        return replace(request, price=None)
    if request.price_match != "NONE":
        request = replace(request, price=matched_price(market, symbol.name, request.side, request.price_match))
        if request.price is None:
            raise refused(-5041)
    if request.price is None:
        raise ValueError("a limit order needs a price or a price match")
    check_price(symbol, request.price)
    check_band(symbol, market.quotes[symbol.name].mark, request.side, request.price)
    return request


def _meet(market: Market, symbol: Symbol, request: OrderRequest) -> Walk:
    """What the book gives at once, and whether the time in force lives with that."""
    limit = take_bound(market, symbol, request.side) if request.price is None else request.price
    found = walk(market, symbol.name, request.side, request.quantity, limit)
    if request.time_in_force == "GTX" and found.pieces:
        raise refused(-5022)
    if request.time_in_force == "FOK" and found.rest:
        raise refused(-5021)
    return found


def _price_paid(market: Market, request: OrderRequest, found: Walk) -> Decimal:
    """The price per unit that the margin is reckoned with: a limit order's own, a market order's average."""
    if request.price is not None:
        return request.price
    return found.quote / found.quantity if found.quantity else market.quotes[request.symbol].mark
