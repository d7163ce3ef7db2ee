"""The risk figures of one account: the types that the rest of this package fills in.

Money is in USD, ratios are plain (0.05 is 5 %), ``None`` is "cannot be known now". ``Decimal("Infinity")`` stands only
where equity is at or below zero while something is held. Prices stay in the symbol's quote units, as orders have them:
that is USD for all but the few symbols quoted in a coin (ETHBTC).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.account import Position
from plimsoll.model.terms import Side
from plimsoll.risk.protection_figures import Protection


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionFigures:
    """One position.

    Attributes:
        quote_usd: USD a unit of the quote asset: what makes USD of the prices, which are in quote units; 1 for USDT.
        mark_price: In quote units, as the liquidation price is.
        notional: Quantity x mark price, absolute.
        liquidation_price: Recomputed on the marks of now; ``None`` where there is none or it cannot be known.
        liquidation_distance: |mark - liquidation price| / mark.
        leverage: Notional / equity.
        maintenance_margin: By bracket, in USD.
    """

    position: Position
    quote_usd: Decimal | None
    mark_price: Decimal | None
    notional: Decimal | None
    unrealized_pnl: Decimal | None
    leverage: Decimal | None
    maintenance_margin: Decimal | None
    liquidation_price: Decimal | None
    liquidation_distance: Decimal | None

    @property
    def side(self) -> Side:
        """Long or short."""
        return self.position.side


@dataclass(frozen=True, kw_only=True, slots=True)
class SymbolFigures:
    """One symbol, both sides together.

    Attributes:
        leverage: Gross notional of both sides / equity.
        leverage_setting: The exchange's own setting, e.g. 6 for 6x.
    """

    symbol: str
    leverage: Decimal | None
    leverage_setting: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFigures:
    """One account.

    Attributes:
        equity: Margin balance: wallet plus unrealised PnL, of the assets that count.
        other_assets: Value of the assets that do not count as equity.
        initial_margin: Of positions and open orders; unknown while the open orders are.
        margin_ratio: The worst of cross and each isolated position: maintenance margin / margin balance.
        available: What new positions may use; unknown while the open orders are.
        available_ratio: Available / equity.
        gross_exposure: Sum of absolute notionals.
        net_exposure: Signed sum of notionals: positive is long.
        leverage: Gross exposure / equity.
        protection: What stops do for it; its positions are in the order of ``positions``.
    """

    equity: Decimal | None
    wallet: Decimal | None
    unrealized_pnl: Decimal | None
    other_assets: Decimal | None
    initial_margin: Decimal | None
    maintenance_margin: Decimal | None
    margin_ratio: Decimal | None
    available: Decimal | None
    available_ratio: Decimal | None
    gross_exposure: Decimal | None
    net_exposure: Decimal | None
    leverage: Decimal | None
    positions: tuple[PositionFigures, ...]
    symbols: tuple[SymbolFigures, ...]
    protection: Protection
