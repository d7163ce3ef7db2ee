"""What an account of the simulated exchange consists of: wallets, positions, settings, orders and history.

Plain state, in the exchange's own words (``BOTH``, ``CROSSED``, ``STOP_MARKET``); the rules live in other modules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from plimsoll_simulator.digits import ZERO

PERMISSIONS = (
    "ipRestrict",
    "enableReading",
    "enableWithdrawals",
    "enableInternalTransfer",
    "enableMargin",
    "enableFutures",
    "permitsUniversalTransfer",
    "enableVanillaOptions",
    "enableFixApiTrade",
    "enableFixReadOnly",
    "enableSpotAndMarginTrading",
    "enablePortfolioMarginTrading",
)
LIQUIDATION_PREFIX = "autoclose-"
ADL_CLIENT_ID = "adl_autoclose"
SETTLEMENT_PREFIX = "settlement_autoclose-"
_GRANTED_AT_FIRST = ("ipRestrict", "enableReading")


@dataclass(kw_only=True, slots=True)
class Position:
    """A position; ``amount`` is signed (short negative), ``realised`` adds up since the symbol was first traded.

    ``entry_fees`` is what opening the present amount cost, in the quote asset, whichever asset paid it.
    """

    symbol: str
    side: str = "BOTH"
    amount: Decimal = ZERO
    entry: Decimal = ZERO
    entry_fees: Decimal = ZERO
    realised: Decimal = ZERO
    isolated_wallet: Decimal = ZERO
    updated: int = 0


@dataclass(kw_only=True, slots=True)
class SymbolSetting:
    """The account's settings for one symbol."""

    leverage: int = 20
    margin_type: str = "CROSSED"

    @property
    def isolated(self) -> bool:
        """Whether positions of the symbol carry their own margin."""
        return self.margin_type == "ISOLATED"


@dataclass(kw_only=True, slots=True)
class Order:
    """A plain order of the matching engine, working or ended.

    ``original_type`` is set where the type at placement was another; ``expiry`` is the reason code of its end (``er``).
    """

    order_id: int
    client_id: str
    symbol: str
    side: str
    type: str
    quantity: Decimal
    position_side: str = "BOTH"
    price: Decimal = ZERO
    stop_price: Decimal = ZERO
    executed: Decimal = ZERO
    average: Decimal = ZERO
    status: str = "NEW"
    time_in_force: str = "GTC"
    reduce_only: bool = False
    close_position: bool = False
    price_protect: bool = False
    working_type: str = "CONTRACT_PRICE"
    original_type: str = ""
    price_match: str = "NONE"
    self_trade: str = "EXPIRE_MAKER"
    good_till: int = 0
    expiry: int = 0
    amendments: int = 0
    modify_id: int | None = None
    created: int = 0
    updated: int = 0

    @property
    def working(self) -> bool:
        """Whether the order may still fill."""
        return self.status in {"NEW", "PARTIALLY_FILLED"}

    @property
    def rest(self) -> Decimal:
        """The quantity not filled yet."""
        return self.quantity - self.executed

    @property
    def liquidation(self) -> bool:
        """Whether the exchange placed it to liquidate."""
        return self.client_id.startswith(LIQUIDATION_PREFIX)

    @property
    def forced(self) -> str:
        """``LIQUIDATION`` or ``ADL`` for an order by which the exchange took a position away, else empty."""
        if self.liquidation:
            return "LIQUIDATION"
        return "ADL" if self.client_id == ADL_CLIENT_ID else ""


@dataclass(kw_only=True, slots=True)
class AlgoOrder:
    """A conditional order of the algo service; ``actual_*`` describe the order that it became once triggered.

    ``extreme`` is the best price that a trailing stop has seen; ``good_till`` (Unix ms, 0 for none) is when it ends.
    """

    algo_id: int
    client_id: str
    symbol: str
    side: str
    type: str
    quantity: Decimal
    position_side: str = "BOTH"
    trigger_price: Decimal = ZERO
    price: Decimal = ZERO
    activate_price: Decimal | None = None
    callback_rate: Decimal | None = None
    activated: bool = False
    status: str = "NEW"
    time_in_force: str = "GTC"
    reduce_only: bool = False
    close_position: bool = False
    price_protect: bool = False
    working_type: str = "CONTRACT_PRICE"
    price_match: str = "NONE"
    self_trade: str = "EXPIRE_MAKER"
    good_till: int = 0
    extreme: Decimal | None = None
    created: int = 0
    updated: int = 0
    triggered: int = 0
    actual_order_id: int | None = None
    actual_price: Decimal = ZERO
    actual_quantity: Decimal = ZERO
    reject_reason: str | None = None

    @property
    def working(self) -> bool:
        """Whether the order waits for its condition."""
        return self.status == "NEW"

    @property
    def needs_position(self) -> bool:
        """Whether the order lives and dies with a position."""
        return self.close_position or self.time_in_force == "GTE_GTC"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trade:
    """One fill; ``realised`` excludes the commission."""

    trade_id: int
    order_id: int
    symbol: str
    side: str
    position_side: str
    price: Decimal
    quantity: Decimal
    realised: Decimal
    commission: Decimal
    commission_asset: str
    time: int
    maker: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Income:
    """One row of the income history."""

    type: str
    asset: str
    amount: Decimal
    time: int
    transaction_id: int
    symbol: str = ""
    trade_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Amendment:
    """One change of a working order: number, before and after; ``count`` is the how manieth of the order it is."""

    amendment_id: int
    order_id: int
    client_id: str
    symbol: str
    price: tuple[Decimal, Decimal]
    quantity: tuple[Decimal, Decimal]
    count: int
    time: int
    modify_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MarginChange:
    """Money moved into (``type`` 1) or out of (2) an isolated position."""

    symbol: str
    side: str
    type: int
    amount: Decimal
    asset: str
    time: int


def _first_permissions() -> dict[str, bool]:
    return {name: name in _GRANTED_AT_FIRST for name in PERMISSIONS}


def _trading_permissions() -> dict[str, bool]:
    return {name: name in {*_GRANTED_AT_FIRST, "enableFutures"} for name in PERMISSIONS}


@dataclass(kw_only=True, slots=True)
class Account:
    """A futures account with a key for reading and one for trading.

    ``fee_burn``: fees in BNB; ``liquidating``: no order is taken (-2023).
    ``order_events_first`` turns the usual order of a fill's events round; with ``stops_first`` the stops of a position
    are told to have expired before the order that closes it. ``countdowns`` holds, by symbol, the time at which its
    orders are cancelled. ``triggered`` holds, by order number, the conditional orders in the engine; ``margin_called``
    names what has had its margin call (an asset, or an isolated position).
    """

    name: str
    wallets: dict[str, Decimal] = field(default_factory=dict)
    wallet_updated: dict[str, int] = field(default_factory=dict)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    settings: dict[str, SymbolSetting] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    algo_orders: dict[int, AlgoOrder] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    income: list[Income] = field(default_factory=list)
    hedge: bool = False
    multi_assets: bool = False
    fee_burn: bool = False
    liquidating: bool = False
    order_events_first: bool = False
    stops_first: bool = False
    triggered: dict[int, AlgoOrder] = field(default_factory=dict)
    countdowns: dict[str, int] = field(default_factory=dict)
    margin_called: set[str] = field(default_factory=set)
    key_revoked: bool = False
    permissions: dict[str, bool] = field(default_factory=_first_permissions)
    trade_key_revoked: bool = False
    trade_permissions: dict[str, bool] = field(default_factory=_trading_permissions)
    amendments: list[Amendment] = field(default_factory=list)
    margin_changes: list[MarginChange] = field(default_factory=list)
    _working: list[Order] = field(default_factory=list, init=False, repr=False)
    _orders_seen: int = field(default=0, init=False, repr=False)
    _waiting: list[AlgoOrder] = field(default_factory=list, init=False, repr=False)
    _algo_orders_seen: int = field(default=0, init=False, repr=False)

    @property
    def sides(self) -> tuple[str, ...]:
        """The position sides that the account's position mode has."""
        return ("LONG", "SHORT") if self.hedge else ("BOTH",)

    def setting(self, symbol: str) -> SymbolSetting:
        """The settings of a symbol, with the exchange's defaults until something is set."""
        return self.settings.setdefault(symbol, SymbolSetting())

    def position(self, symbol: str, side: str = "BOTH") -> Position:
        """The position of a symbol and side, flat until something is traded."""
        return self.positions.setdefault((symbol, side), Position(symbol=symbol, side=side))

    def open_positions(self) -> list[Position]:
        """The positions that hold something."""
        return [position for position in self.positions.values() if position.amount]

    def open_orders(self, symbol: str | None = None) -> list[Order]:
        """The working plain orders, of one symbol or all, oldest first."""
        fresh = list(islice(reversed(self.orders.values()), len(self.orders) - self._orders_seen))
        self._orders_seen = len(self.orders)
        # Ended orders stay in the history but are never looked at again here: prices move often and orders add up.
        self._working = [each for each in (*self._working, *reversed(fresh)) if each.working]
        return [each for each in self._working if symbol in {None, each.symbol}]

    def open_algo_orders(self, symbol: str | None = None) -> list[AlgoOrder]:
        """The conditional orders that have not triggered, of one symbol or all, oldest first."""
        fresh = list(islice(reversed(self.algo_orders.values()), len(self.algo_orders) - self._algo_orders_seen))
        self._algo_orders_seen = len(self.algo_orders)
        self._waiting = [each for each in (*self._waiting, *reversed(fresh)) if each.working]
        return [each for each in self._waiting if symbol in {None, each.symbol}]

    def isolated_wallets(self, symbols: set[str]) -> Decimal:
        """Money set aside for isolated positions of the symbols named."""
        return sum((p.isolated_wallet for p in self.positions.values() if p.symbol in symbols), ZERO)
