"""What the account is worth: wallet, unrealised PnL and which assets count.

Equity = wallet + unrealised PnL, the margin balance that every limit is measured against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.account import Position
from plimsoll.model.terms import AssetMode
from plimsoll.risk.unknown import total
from plimsoll.risk.valuation import worth
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState

CREDITS = frozenset({"BNFCR"})
"""Assets that settle positions though no instrument names them: the credits of European accounts, worth 1 USD."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """The account's money in USD.

    Attributes:
        wallet: Of the assets that count.
        unrealized_pnl: Of all positions.
        other_assets: Of the assets that do not count, e.g. BNB kept for fees.
    """

    wallet: Decimal | None
    unrealized_pnl: Decimal | None
    other_assets: Decimal | None

    @property
    def equity(self) -> Decimal | None:
        """Wallet + unrealised PnL."""
        return total((self.wallet, self.unrealized_pnl))


def unrealized_pnl(position: Position, mark: Decimal | None) -> Decimal | None:
    """Amount x (mark price - entry price), in quote units; the amount is signed, so this serves both sides."""
    return None if mark is None else position.amount * (mark - position.entry_price)


def counted_assets(book: Book, market: MarketState) -> frozenset[str] | None:
    """The assets whose money is equity.

    Multi-assets mode: all of them. Single-asset mode: those that margin a tradable symbol, those that a position held
    now settles in, and credits; ``None`` while the exchange's rules are not read.
    """
    settled_in = {position.margin_asset for position in book.positions.values()}
    if book.settings.asset_mode is AssetMode.MULTI:
        return frozenset(book.balances).union(settled_in)
    return market.margin_assets.union(settled_in, CREDITS) if market.margin_assets else None


def pnl_by_asset(pnls: Iterable[tuple[str, Decimal | None]]) -> dict[str, Decimal | None]:
    """Sum of unrealised PnL by settling asset, in that asset; unknown where one part is."""
    parts: defaultdict[str, list[Decimal | None]] = defaultdict(list)
    for asset, pnl in pnls:
        parts[asset].append(pnl)
    return {asset: total(values) for asset, values in parts.items()}


def money_of(book: Book, market: MarketState, pnls: Mapping[str, Decimal | None]) -> Money:
    """Value the account.

    Single-asset mode: wallet = sum over the assets that count of wallet x price (1 for USD assets, else the asset's
    USDT mark); the others are valued apart. Multi-assets mode: every asset counts, at the asset-index bid for positive
    and ask for negative amounts. PnL is valued like the wallet, by the asset it settles in, net over the positions of
    that asset. Zero balances make nothing unknown.

    Args:
        book: The account.
        market: Prices, rates and rules of the moment.
        pnls: Unrealised PnL by settling asset (``pnl_by_asset``).
    """
    mode = book.settings.asset_mode
    pnl = total(worth(amount, asset, mode, market) for asset, amount in pnls.items())
    counted = counted_assets(book, market)
    if counted is None:
        return Money(wallet=None, unrealized_pnl=pnl, other_assets=None)
    inside: list[Decimal | None] = []
    outside: list[Decimal | None] = []
    for asset, balance in book.balances.items():
        (inside if asset in counted else outside).append(worth(balance.wallet, asset, mode, market))
    return Money(wallet=total(inside), unrealized_pnl=pnl, other_assets=total(outside))
