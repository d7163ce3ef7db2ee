"""Initial margin: what positions and resting orders bind, and what is left for new ones.

A *row* is what the exchange computes it for: a symbol in one-way mode, one side of a symbol in hedge mode. Conditional
orders of the algo service bind nothing before they trigger; neither do orders that can only reduce a position.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from plimsoll.model.account import PositionKey
from plimsoll.model.orders import Order
from plimsoll.model.terms import AssetMode, Direction, OrderBook
from plimsoll.risk.equity import counted_assets
from plimsoll.risk.holding import Holding
from plimsoll.risk.pool import Pool, pool_name
from plimsoll.risk.unknown import ZERO, total
from plimsoll.risk.valuation import quote_price
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState


class InitialMargin(NamedTuple):
    """Of one row, in USD.

    Attributes:
        asset: The margin asset; ``None`` where neither a position nor an instrument tells it.
        bound: Of the position and its symbol's resting orders.
        drawn: The part of it that the cross wallet gives: all of a cross row, only the orders' part of an isolated one.
    """

    asset: str | None
    bound: Decimal | None
    drawn: Decimal | None


def bound_notional(notional: Decimal, buys: Decimal, sells: Decimal) -> Decimal:
    """max(|N + buys|, |N - sells|): the larger of the exposures that the resting orders could lead to.

    In hedge mode only orders that open the row's own side are in ``buys`` and ``sells``, so that this is |N| + opening.
    """
    return max(abs(notional + buys), abs(notional - sells))


@dataclass(slots=True)
class Resting:
    """Notional of a row's resting orders that could open, in quote units: the sums while they are being added up."""

    buys: Decimal = ZERO
    sells: Decimal = ZERO


def opening_notionals(orders: Iterable[Order]) -> dict[PositionKey, Resting]:
    """Sum of remaining quantity x price of the resting plain orders that are not bound to reduce, in quote units.

    A market order has no price and rests for no time: it binds nothing here.
    """
    rows: dict[PositionKey, Resting] = {}
    for order in orders:
        if order.book is OrderBook.PLAIN and not order.closes_side:
            resting = rows.setdefault((order.symbol, order.position_side), Resting())
            if order.direction is Direction.BUY:
                resting.buys += order.remaining * order.price
            else:
                resting.sells += order.remaining * order.price
    return rows


def initial_margins(
    book: Book, market: MarketState, holdings: Iterable[Holding], resting: Mapping[PositionKey, Resting] | None
) -> list[InitialMargin] | None:
    """Every row's bound notional / the exchange's leverage setting of its symbol.

    ``None`` while the open orders are unknown. A row is unknown without a mark (where it has a position), a leverage
    setting or a price of its quote asset.

    Args:
        book: The account.
        market: Prices and rules of the moment.
        holdings: Its positions at those prices.
        resting: Its ``opening_notionals``; ``None`` while they are unknown.
    """
    if resting is None:
        return None
    held = {holding.held.position.key: holding for holding in holdings}
    rows = dict.fromkeys((*held, *resting))
    return [_row(book, market, key[0], held.get(key), resting.get(key)) for key in rows]


def _row(
    book: Book, market: MarketState, symbol: str, holding: Holding | None, resting: Resting | None
) -> InitialMargin:
    setting = book.leverage.get(symbol)
    if holding is None:
        asset = _margin_asset(symbol, market)
        quote_usd = None if asset is None else quote_price(symbol, asset, market)
        margin = _margin(_bound(ZERO, resting), setting, quote_usd)
        return InitialMargin(asset=asset, bound=margin, drawn=margin)
    asset = holding.held.position.margin_asset
    if holding.notional is None:
        return InitialMargin(asset=asset, bound=None, drawn=None)
    notional = _bound(holding.notional, resting)
    bound = drawn = _margin(notional, setting, holding.quote_usd)
    if not holding.held.cross:
        drawn = _margin(notional - abs(holding.notional), setting, holding.quote_usd)
    return InitialMargin(asset=asset, bound=bound, drawn=drawn)


def _bound(notional: Decimal, resting: Resting | None) -> Decimal:
    return abs(notional) if resting is None else bound_notional(notional, resting.buys, resting.sells)


def _margin_asset(symbol: str, market: MarketState) -> str | None:
    instrument = market.instruments.get(symbol)
    return None if instrument is None else instrument.margin_asset


def _margin(notional: Decimal, setting: int | None, quote_usd: Decimal | None) -> Decimal | None:
    if notional == 0:
        return ZERO
    return None if setting is None or quote_usd is None else notional * quote_usd / setting


def initial_margin(rows: Iterable[InitialMargin] | None) -> Decimal | None:
    """Sum over all rows, isolated ones included, as the exchange's ``totalInitialMargin`` has them."""
    return None if rows is None else total(row.bound for row in rows)


def available(
    book: Book, market: MarketState, pools: Mapping[str, Pool], rows: Iterable[InitialMargin] | None
) -> Decimal | None:
    """What new positions may use, in USD: per pool cross wallet + cross PnL - drawn initial margin, never below 0.

    Single-asset mode: the sum over the margin assets, each not below 0, since one cannot stand in for another. An
    isolated position has its margin set aside already, outside the cross wallet; only its symbol's resting orders draw
    on that wallet (inferred: no source states it). Unknown while the open orders or the exchange's rules are.
    """
    if rows is None or counted_assets(book, market) is None:
        return None
    drawn = drawn_by_pool(rows, book.settings.asset_mode)
    return None if drawn is None else total(_free(pool, drawn.get(name, ZERO)) for name, pool in pools.items())


def available_ratio(free: Decimal | None, equity: Decimal | None) -> Decimal | None:
    """Available balance / equity; 0 with equity at or below zero, since nothing new can be opened on it."""
    if free is None or equity is None:
        return None
    return free / equity if equity > 0 else ZERO


def drawn_by_pool(rows: Iterable[InitialMargin], mode: AssetMode) -> dict[str, Decimal] | None:
    """Sum of drawn margin of each pool; ``None`` as soon as one row's is unknown."""
    drawn: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        if row.drawn is None:
            return None
        if row.asset is not None:
            drawn[pool_name(row.asset, mode)] += row.drawn
    return drawn


def _free(pool: Pool, drawn: Decimal) -> Decimal | None:
    balance = pool.balance
    return None if balance is None else max(ZERO, balance - drawn)
