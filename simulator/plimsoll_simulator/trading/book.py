"""The order book that orders meet: levels of money on both sides of the last price, refilled as soon as they are taken.

Nobody stands behind the levels, so an account never trades with itself or another one. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import islice

from plimsoll_simulator.digits import ZERO, to_step
from plimsoll_simulator.market import Market, Symbol

# The first ten levels lie within 0.05 % of the best price and hold ``depth_usd``; every ten levels their distance and
# their money double, so that a book reaches past the price limits (5 %) within 70 levels.
_LEVELS = 70
_PER_BAND = 10
_SPACING = Decimal("0.00005")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of an order that one level takes."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """What the book gives to an order now, best price first, and what it leaves."""

    pieces: tuple[Piece, ...]
    rest: Decimal

    @property
    def quantity(self) -> Decimal:
        """How much is filled."""
        return sum((piece.quantity for piece in self.pieces), ZERO)

    @property
    def quote(self) -> Decimal:
        """What it costs, in the quote asset."""
        return sum((piece.quantity * piece.price for piece in self.pieces), ZERO)


def _rounded(value: Decimal, tick: Decimal, rounding: str) -> Decimal:
    return (value / tick).to_integral_value(rounding) * tick


def best_prices(market: Market, name: str) -> tuple[Decimal, Decimal]:
    """The best bid and ask: half the spread on either side of the last price, at least a tick apart."""
    tick, last = market.symbols[name].tick, market.quotes[name].last
    half = last * market.depth(name).spread / 2
    bid = _rounded(last - half, tick, ROUND_FLOOR)
    return bid, max(_rounded(last + half, tick, ROUND_CEILING), bid + tick)


def top(market: Market, name: str) -> tuple[Piece, Piece]:
    """The best bid and the best ask with what they hold, nothing when the book is empty."""
    bid, ask = best_prices(market, name)
    none = Piece(price=bid, quantity=ZERO), Piece(price=ask, quantity=ZERO)
    return next(levels(market, name, "SELL"), none[0]), next(levels(market, name, "BUY"), none[1])


def levels(market: Market, name: str, side: str) -> Iterator[Piece]:
    """The levels that an order of ``side`` meets, best first; none when the book is empty."""
    symbol, depth = market.symbols[name], market.depth(name).depth_usd
    bid, ask = best_prices(market, name)
    price, sign = (ask, 1) if side == "BUY" else (bid, -1)
    spacing = max(symbol.tick, to_step(price * _SPACING, symbol.tick))
    for number in range(_LEVELS if depth else 0):
        factor = 2 ** (number // _PER_BAND)
        if price <= 0:
            return
        quantity = _rounded(depth / _PER_BAND * factor / price, symbol.step, ROUND_CEILING)
        yield Piece(price=price, quantity=quantity)
        price += sign * spacing * factor


def walk(market: Market, name: str, side: str, quantity: Decimal, limit: Decimal | None = None) -> Walk:
    """Fill ``quantity`` from the best level on, no worse than ``limit``."""
    pieces, rest = [], quantity
    for level in levels(market, name, side):
        if not rest or (limit is not None and not reaches(side, limit, level.price)):
            break
        taken = min(rest, level.quantity)
        pieces.append(Piece(price=level.price, quantity=taken))
        rest -= taken
    return Walk(pieces=tuple(pieces), rest=rest)


def reaches(side: str, limit: Decimal, price: Decimal) -> bool:
    """Whether an order with this limit would trade at ``price``."""
    return price <= limit if side == "BUY" else price >= limit


def matched_price(market: Market, name: str, side: str, match: str) -> Decimal | None:
    """The price of a ``priceMatch``: the n-th level of the other side (OPPONENT) or of its own (QUEUE)."""
    kind, _, place = match.partition("_")
    other = "SELL" if side == "BUY" else "BUY"
    rows = levels(market, name, side if kind == "OPPONENT" else other)
    level = next(islice(rows, int(place or 1) - 1, None), None)
    return None if level is None else level.price


def take_bound(market: Market, symbol: Symbol, side: str) -> Decimal:
    """The worst price at which a market order may trade."""
    mark = market.quotes[symbol.name].mark
    return mark * (1 + symbol.price_band) if side == "BUY" else mark * (1 - symbol.price_band)
