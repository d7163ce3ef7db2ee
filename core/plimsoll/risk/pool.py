"""The money that stands together behind cross positions, in USD.

Single-asset mode: one pool for each margin asset. Multi-assets mode: one pool for the whole account. Isolated positions
stand alone and are in no pool.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.terms import AssetMode
from plimsoll.risk.equity import counted_assets, pnl_by_asset
from plimsoll.risk.holding import Holding
from plimsoll.risk.unknown import ZERO, total
from plimsoll.risk.valuation import worth
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState

SHARED = "*"
"""Name of the one pool of multi-assets mode."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """One pool.

    Attributes:
        wallet: Cross wallet.
        pnls: Unrealised PnL of the cross positions by settling asset, in that asset.
        pnl: The same in USD.
        maintenance: Sum of the cross positions' maintenance margin.
    """

    wallet: Decimal | None
    pnls: Mapping[str, Decimal | None]
    pnl: Decimal | None
    maintenance: Decimal | None

    @property
    def balance(self) -> Decimal | None:
        """Margin balance: cross wallet + cross unrealised PnL."""
        return total((self.wallet, self.pnl))


def pool_name(asset: str, mode: AssetMode) -> str:
    """The pool that an asset belongs to."""
    return SHARED if mode is AssetMode.MULTI else asset


def pools_of(book: Book, market: MarketState, holdings: Iterable[Holding]) -> dict[str, Pool]:
    """Gather the cross money of every asset that counts, and of every asset that a cross position settles in."""
    mode = book.settings.asset_mode
    members: defaultdict[str, list[Holding]] = defaultdict(list)
    for holding in holdings:
        if holding.held.cross:
            members[pool_name(holding.held.position.margin_asset, mode)].append(holding)
    assets: defaultdict[str, set[str]] = defaultdict(set)
    for asset in (counted_assets(book, market) or frozenset()).union(_settling(members)):
        assets[pool_name(asset, mode)].add(asset)
    return {name: _pool(book, market, names, members[name]) for name, names in assets.items()}


def _settling(members: Mapping[str, list[Holding]]) -> set[str]:
    return {holding.held.position.margin_asset for held in members.values() for holding in held}


def _pool(book: Book, market: MarketState, assets: Iterable[str], held: list[Holding]) -> Pool:
    mode = book.settings.asset_mode
    pnls = pnl_by_asset([(holding.held.position.margin_asset, holding.pnl) for holding in held])
    return Pool(
        wallet=total([worth(_cross_wallet(book, asset), asset, mode, market) for asset in assets]),
        pnls=pnls,
        pnl=total([worth(pnl, asset, mode, market) for asset, pnl in pnls.items()]),
        maintenance=total([holding.maintenance_usd for holding in held]),
    )


def _cross_wallet(book: Book, asset: str) -> Decimal:
    balance = book.balances.get(asset)
    return ZERO if balance is None else balance.cross_wallet
