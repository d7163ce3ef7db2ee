"""All risk figures of one account at one moment, composed from the modules of this package.

Prices come every second and change a part of the figures only; what a book alone tells is made ready once for them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from plimsoll.model.account import PositionKey
from plimsoll.model.terms import AssetMode
from plimsoll.risk.equity import money_of, pnl_by_asset
from plimsoll.risk.exposure import gross_exposure, net_exposure
from plimsoll.risk.figures import AccountFigures, PositionFigures, SymbolFigures
from plimsoll.risk.guards import Guards, guards_of
from plimsoll.risk.holding import Held, Holding, held_in, hold
from plimsoll.risk.initial import (
    Resting,
    available,
    available_ratio,
    initial_margin,
    initial_margins,
    opening_notionals,
)
from plimsoll.risk.leverage import effective_leverage
from plimsoll.risk.liquidation import liquidation_distance, liquidation_prices
from plimsoll.risk.margin import margin_ratio
from plimsoll.risk.pool import pools_of
from plimsoll.risk.protection import protection
from plimsoll.risk.unknown import total
from plimsoll.risk.valuation import worth
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState

Ready = Callable[[MarketState], AccountFigures]
"""An account made ready: gives its figures at any prices."""


def assess(book: Book, market: MarketState) -> AccountFigures:
    """Compute every figure of an account from what it holds and the market of now.

    Positions and symbols come sorted, so that the result does not depend on the order in which the book learned them.
    """
    return ready(book)(market)


def ready(book: Book) -> Ready:
    """Do what no price changes, so that it is not done again when prices come."""
    held = held_in(book)
    orders = book.orders
    return partial(
        _assess,
        _Basis(
            book=book,
            held=held,
            resting=None if orders is None else opening_notionals(orders.values()),
            guards=guards_of(book, held),
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Basis:
    """What a book tells whatever the prices are.

    Attributes:
        held: Its positions, sorted.
        resting: What resting orders could open; ``None`` while they are unknown.
        guards: Its stops.
    """

    book: Book
    held: tuple[Held, ...]
    resting: Mapping[PositionKey, Resting] | None
    guards: Guards


def _assess(basis: _Basis, market: MarketState) -> AccountFigures:
    book, mode = basis.book, basis.book.settings.asset_mode
    holdings = [hold(held, market) for held in basis.held]
    pnls = pnl_by_asset((holding.held.position.margin_asset, holding.pnl) for holding in holdings)
    money = money_of(book, market, pnls)
    equity = money.equity
    pools = pools_of(book, market, holdings)
    rows = initial_margins(book, market, holdings, basis.resting)
    free = available(book, market, pools, rows)
    notionals = [holding.notional_usd for holding in holdings]
    gross = gross_exposure(notionals)
    prices = liquidation_prices(holdings, pools, mode, market)
    positions = tuple(
        [_position(holding, price, equity, mode, market) for holding, price in zip(holdings, prices, strict=True)]
    )
    return AccountFigures(
        equity=equity,
        wallet=money.wallet,
        unrealized_pnl=money.unrealized_pnl,
        other_assets=money.other_assets,
        initial_margin=initial_margin(rows),
        maintenance_margin=total([holding.maintenance_usd for holding in holdings]),
        margin_ratio=margin_ratio(pools.values(), holdings, mode, market),
        available=free,
        available_ratio=available_ratio(free, equity),
        gross_exposure=gross,
        net_exposure=net_exposure(notionals),
        leverage=effective_leverage(gross, equity),
        positions=positions,
        symbols=_symbols(positions, book, equity),
        protection=protection(basis.guards, positions),
    )


def _position(
    holding: Holding, price: Decimal | None, equity: Decimal | None, mode: AssetMode, market: MarketState
) -> PositionFigures:
    position, signed = holding.held.position, holding.notional_usd
    notional = None if signed is None else abs(signed)
    return PositionFigures(
        position=position,
        quote_usd=holding.quote_usd,
        mark_price=holding.mark,
        notional=notional,
        unrealized_pnl=worth(holding.pnl, position.margin_asset, mode, market),
        leverage=effective_leverage(notional, equity),
        maintenance_margin=holding.maintenance_usd,
        liquidation_price=price,
        liquidation_distance=liquidation_distance(holding.mark, price),
    )


def _symbols(positions: Sequence[PositionFigures], book: Book, equity: Decimal | None) -> tuple[SymbolFigures, ...]:
    rows: defaultdict[str, list[PositionFigures]] = defaultdict(list)
    for position in positions:
        rows[position.position.symbol].append(position)
    return tuple(
        [
            SymbolFigures(symbol=symbol, leverage=_leverage(held, equity), leverage_setting=book.leverage.get(symbol))
            for symbol, held in rows.items()
        ]
    )


def _leverage(rows: Sequence[PositionFigures], equity: Decimal | None) -> Decimal | None:
    """Of one symbol: that of its position, where both sides are not held."""
    if len(rows) == 1:
        return rows[0].leverage
    return effective_leverage(total([row.notional for row in rows]), equity)
