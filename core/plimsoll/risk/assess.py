"""All risk figures of one account at one moment, composed from the modules of this package."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from plimsoll.model.terms import AssetMode
from plimsoll.risk.equity import money_of, pnl_by_asset
from plimsoll.risk.exposure import gross_exposure, net_exposure
from plimsoll.risk.figures import AccountFigures, PositionFigures, SymbolFigures
from plimsoll.risk.holding import Holding, hold
from plimsoll.risk.initial import available, available_ratio, initial_margin, initial_margins
from plimsoll.risk.leverage import effective_leverage
from plimsoll.risk.liquidation import liquidation_distance, liquidation_prices
from plimsoll.risk.margin import margin_ratio
from plimsoll.risk.pool import pools_of
from plimsoll.risk.protection import protection
from plimsoll.risk.unknown import total
from plimsoll.risk.valuation import worth
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState


def assess(book: Book, market: MarketState) -> AccountFigures:
    """Compute every figure of an account from what it holds and the market of now.

    Positions and symbols come sorted, so that the result does not depend on the order in which the book learned them.
    """
    mode = book.settings.asset_mode
    holdings = [hold(book.positions[key], book, market) for key in sorted(book.positions)]
    money = money_of(book, market, pnl_by_asset((holding.position.margin_asset, holding.pnl) for holding in holdings))
    pools = pools_of(book, market, holdings)
    rows = initial_margins(book, market, holdings)
    free = available(book, market, pools, rows)
    notionals = [holding.notional_usd for holding in holdings]
    gross = gross_exposure(notionals)
    prices = liquidation_prices(holdings, pools, mode, market)
    positions = tuple(
        _position(holding, price, money.equity, mode, market) for holding, price in zip(holdings, prices, strict=True)
    )
    return AccountFigures(
        equity=money.equity,
        wallet=money.wallet,
        unrealized_pnl=money.unrealized_pnl,
        other_assets=money.other_assets,
        initial_margin=initial_margin(rows),
        maintenance_margin=total(holding.maintenance_usd for holding in holdings),
        margin_ratio=margin_ratio(pools.values(), holdings, mode, market),
        available=free,
        available_ratio=available_ratio(free, money.equity),
        gross_exposure=gross,
        net_exposure=net_exposure(notionals),
        leverage=effective_leverage(gross, money.equity),
        positions=positions,
        symbols=_symbols(holdings, book, money.equity),
        protection=protection(book, positions),
    )


def _position(
    holding: Holding, price: Decimal | None, equity: Decimal | None, mode: AssetMode, market: MarketState
) -> PositionFigures:
    signed = holding.notional_usd
    notional = None if signed is None else abs(signed)
    return PositionFigures(
        position=holding.position,
        quote_usd=holding.quote_usd,
        mark_price=holding.mark,
        notional=notional,
        unrealized_pnl=worth(holding.pnl, holding.position.margin_asset, mode, market),
        leverage=effective_leverage(notional, equity),
        maintenance_margin=holding.maintenance_usd,
        liquidation_price=price,
        liquidation_distance=liquidation_distance(holding.mark, price),
    )


def _symbols(holdings: Sequence[Holding], book: Book, equity: Decimal | None) -> tuple[SymbolFigures, ...]:
    notionals: defaultdict[str, list[Decimal | None]] = defaultdict(list)
    for holding in holdings:
        notionals[holding.position.symbol].append(holding.notional_usd)
    return tuple(
        SymbolFigures(
            symbol=symbol,
            leverage=effective_leverage(gross_exposure(values), equity),
            leverage_setting=book.leverage.get(symbol),
        )
        for symbol, values in notionals.items()
    )
