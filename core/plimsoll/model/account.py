"""What an account holds: balances, positions and its settings, as the exchange last told them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.terms import AssetMode, MarginMode, PositionMode, PositionSide, Side

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """One asset in the futures wallet.

    Attributes:
        wallet: Money in the wallet, isolated margin included, unrealised PnL excluded; may be negative.
        cross_wallet: The part of it that backs cross positions.
        updated_ms: Transaction time of the last change; 0 where the exchange never changed it.
    """

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    updated_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """One open position; a closed one does not exist.

    Attributes:
        amount: Base units, signed: short is negative, in hedge mode too.
        entry_price: Average entry in quote units.
        isolated_wallet: Margin set aside without PnL; 0 for cross.
        margin_asset: Asset that profit and loss are settled in.
        updated_ms: Transaction time of the last change.
    """

    symbol: str
    position_side: PositionSide
    amount: Decimal
    entry_price: Decimal
    margin_mode: MarginMode
    margin_asset: str
    isolated_wallet: Decimal = ZERO
    updated_ms: int = 0

    def __post_init__(self) -> None:
        """Refuse a row that is no position.

        Raises:
            ValueError: The amount is zero, contradicts the side, or the entry price is not above zero.
        """
        if self.amount == 0:
            raise ValueError(f"{self.symbol}: a position of zero is no position")
        if self.entry_price <= 0:
            raise ValueError(f"{self.symbol}: entry price {self.entry_price} is not above zero")
        if self.position_side is not PositionSide.BOTH and self.position_side.value != self.side.value:
            raise ValueError(f"{self.symbol}: amount {self.amount} on the {self.position_side} side")

    @property
    def key(self) -> PositionKey:
        """The row this position occupies."""
        return (self.symbol, self.position_side)

    @property
    def side(self) -> Side:
        """Long or short, by the sign of the amount."""
        return Side.LONG if self.amount > 0 else Side.SHORT

    @property
    def quantity(self) -> Decimal:
        """Base units, absolute."""
        return abs(self.amount)


PositionKey = tuple[str, PositionSide]


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountSettings:
    """The account-wide switches (``GET /fapi/v1/accountConfig``)."""

    position_mode: PositionMode
    asset_mode: AssetMode
    can_trade: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SymbolSettings:
    """The per-symbol switches (``GET /fapi/v1/symbolConfig``).

    Attributes:
        leverage: The exchange's leverage setting, e.g. 6 for 6x; not the effective leverage.
    """

    symbol: str
    leverage: int
    margin_mode: MarginMode


@dataclass(frozen=True, kw_only=True, slots=True)
class Wallet:
    """One reading of ``GET /fapi/v3/account``.

    Attributes:
        balances: Every asset, those with zero included.
        margin_balances: Margin balance (wallet plus unrealised PnL) of each asset, as the exchange computes it.
        margin_balance: The exchange's ``totalMarginBalance``: USDT only in single-asset mode, USD in multi-assets mode.
        initial_margin: ``totalInitialMargin`` in the same scope.
        maintenance_margin: ``totalMaintMargin`` in the same scope.
        available: ``availableBalance`` in the same scope.
        symbols: Symbols with a position or a plain open order.
    """

    balances: tuple[Balance, ...]
    margin_balances: dict[str, Decimal]
    margin_balance: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    available: Decimal
    symbols: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionReport:
    """One open position as ``GET /fapi/v3/positionRisk`` tells it, with the figures that we recompute.

    Attributes:
        mark_price: The mark price that the figures below were made with.
        liquidation_price: ``None`` where the exchange gives none ("0").
        maintenance_margin: In the margin asset.
        position_margin: Initial margin of the position alone, in the margin asset: notional / leverage setting;
            0 where it is not told.
        unrealized_pnl: In the margin asset.
    """

    position: Position
    mark_price: Decimal
    liquidation_price: Decimal | None
    maintenance_margin: Decimal
    position_margin: Decimal
    unrealized_pnl: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyPermissions:
    """What an API key may do (``GET /sapi/v1/account/apiRestrictions``); ``None`` anywhere means unknown.

    Attributes:
        trade: May trade futures.
        withdraw: May withdraw to the chain.
        transfer: May move money to other wallets, accounts or users.
        ip_restricted: Is bound to a list of addresses.
        portfolio_margin: May trade a portfolio-margin account.
    """

    read: bool
    trade: bool
    withdraw: bool
    transfer: bool
    ip_restricted: bool
    portfolio_margin: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Income:
    """One row of the income history (``GET /fapi/v1/income``): anything that changed the wallet.

    Attributes:
        kind: The exchange's income type, e.g. ``REALIZED_PNL``, ``COMMISSION``, ``FUNDING_FEE``, ``TRANSFER``.
        amount: Signed, in ``asset``.
    """

    kind: str
    asset: str
    amount: Decimal
    symbol: str
    time_ms: int
    transaction_id: str
    trade_id: str
