"""What the streams tell, translated: one class an event.

An event that we do not know is ``UnknownEvent``, never an error.

Every account event has ``time_ms``, the matching engine's transaction time (``T``), and ``event_ms``, the time it was
sent (``E``). Within one type the stream is ordered by both; across types it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.model.market import AssetRate, LastPrice, Mark
from plimsoll.model.orders import Order
from plimsoll.model.terms import AssetMode, MarginMode, PositionSide


@dataclass(frozen=True, kw_only=True, slots=True)
class BalanceChange:
    """New balance of one asset.

    Attributes:
        change: What moved besides trading profit and commission (``bc``): funding, transfers; 0 for a fill.
    """

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    change: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionChange:
    """New state of one position row; an amount of zero means that it was closed.

    Attributes:
        unrealized_pnl: At the moment of the event; with amount and entry it tells the mark price of that moment.
    """

    symbol: str
    position_side: PositionSide
    amount: Decimal
    entry_price: Decimal
    unrealized_pnl: Decimal
    margin_mode: MarginMode
    isolated_wallet: Decimal

    @property
    def key(self) -> tuple[str, PositionSide]:
        """The row that changed."""
        return (self.symbol, self.position_side)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountUpdate:
    """``ACCOUNT_UPDATE``: balances and positions that changed; what is absent did not change.

    Attributes:
        reason: The exchange's word, e.g. ``ORDER``, ``FUNDING_FEE``, ``DEPOSIT``.
    """

    time_ms: int
    event_ms: int
    reason: str
    balances: tuple[BalanceChange, ...]
    positions: tuple[PositionChange, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fill:
    """One trade of ours inside an ``OrderUpdate``.

    Attributes:
        realized_pnl: In the margin asset, before commission.
        commission: Positive is a cost, in ``commission_asset``.
    """

    trade_id: int
    quantity: Decimal
    price: Decimal
    realized_pnl: Decimal
    commission: Decimal
    commission_asset: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderUpdate:
    """``ORDER_TRADE_UPDATE``: a plain order changed.

    Attributes:
        execution: What happened: ``NEW``, ``TRADE``, ``CANCELED``, ``EXPIRED``, ``CALCULATED``, ``AMENDMENT``.
        fill: The trade, where there was one.
        average_price: Of all fills of the order so far; ``None`` before the first.
    """

    time_ms: int
    event_ms: int
    order: Order
    execution: str
    fill: Fill | None
    average_price: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AlgoUpdate:
    """``ALGO_UPDATE``: a conditional order changed.

    Attributes:
        average_price: Of the fills of the order it became; ``None`` before.
        filled: Base units filled by the order it became; ``None`` before.
    """

    time_ms: int
    event_ms: int
    order: Order
    average_price: Decimal | None
    filled: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LeverageChange:
    """``ACCOUNT_CONFIG_UPDATE`` with ``ac``: the leverage setting of a symbol."""

    time_ms: int
    event_ms: int
    symbol: str
    leverage: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AssetModeChange:
    """``ACCOUNT_CONFIG_UPDATE`` with ``ai``: single- or multi-assets mode."""

    time_ms: int
    event_ms: int
    asset_mode: AssetMode


@dataclass(frozen=True, kw_only=True, slots=True)
class MarginCall:
    """``MARGIN_CALL``: the exchange says that positions are near liquidation; it has no transaction time."""

    time_ms: int
    event_ms: int
    symbols: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListenKeyExpired:
    """``listenKeyExpired``: the stream stays open and silent until a new key is used."""

    time_ms: int
    event_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class IgnoredEvent:
    """An event that is known and tells nothing that another event does not tell (``TRADE_LITE``, grid bots)."""

    time_ms: int
    event_ms: int
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownEvent:
    """An event of a type that is not documented to us; it is counted, and the account is read again."""

    time_ms: int
    event_ms: int
    name: str


AccountEvent = (
    AccountUpdate
    | OrderUpdate
    | AlgoUpdate
    | LeverageChange
    | AssetModeChange
    | MarginCall
    | ListenKeyExpired
    | IgnoredEvent
    | UnknownEvent
)

MarketEvent = Mark | AssetRate | LastPrice
