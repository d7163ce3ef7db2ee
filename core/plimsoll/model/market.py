"""What the market tells every account alike: instruments, margin brackets, mark prices, asset rates."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """The values that a price or a quantity of an order may have; ``None`` where the exchange sets or tells none.

    Attributes:
        least: The smallest.
        most: The greatest.
        step: What lies between one and the next.
    """

    least: Decimal | None = None
    most: Decimal | None = None
    step: Decimal | None = None


ANY = Grid()
"""No bounds known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Instrument:
    """One tradable contract (``GET /fapi/v1/exchangeInfo``).

    What the exchange does not tell soundly is ``None``: unknown, never zero.

    Attributes:
        trading: True while its status is TRADING.
        tick_size: Price step; ``None`` where the filter is missing.
        step_size: Quantity step of limit orders; ``None`` where the filter is missing.
        quantity: Base units of one order of any kind (``LOT_SIZE``).
        market_quantity: Base units of one market order (``MARKET_LOT_SIZE``), which must lie in ``quantity`` too.
        price: Limit prices in quote units (``PRICE_FILTER``).
        price_up: A buy's limit price is at most the mark price times this (``PERCENT_PRICE.multiplierUp``).
        price_down: A sell's limit price is at least the mark price times this (``PERCENT_PRICE.multiplierDown``).
        market_take_bound: A market order trades at most this share away from the mark price (``marketTakeBound``).
        min_notional: Least value of an order in quote units; not asked of orders that only reduce.
    """

    symbol: str
    base_asset: str
    quote_asset: str
    margin_asset: str
    status: str
    contract_type: str
    tick_size: Decimal | None = None
    step_size: Decimal | None = None
    quantity: Grid = ANY
    market_quantity: Grid = ANY
    price: Grid = ANY
    price_up: Decimal | None = None
    price_down: Decimal | None = None
    market_take_bound: Decimal | None = None
    min_notional: Decimal | None = None

    @property
    def trading(self) -> bool:
        """Whether orders are accepted."""
        return self.status == "TRADING"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bracket:
    """One step of a symbol's maintenance-margin table (``GET /fapi/v1/leverageBracket``).

    Attributes:
        floor: Smallest notional of the step, in quote units, inclusive.
        cap: Largest notional of the step.
        maintenance_ratio: Maintenance margin rate, 0..1.
        deduction: The quick-calculation constant (``cum``): maintenance = notional x rate - deduction.
        max_leverage: Highest leverage setting allowed at this size.
    """

    floor: Decimal
    cap: Decimal
    maintenance_ratio: Decimal
    deduction: Decimal
    max_leverage: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A mark price: the price that profit, margin and liquidation are computed with.

    Attributes:
        time_ms: The exchange's time of it.
    """

    symbol: str
    price: Decimal
    time_ms: int

    def __post_init__(self) -> None:
        """Refuse a price that is none.

        Raises:
            ValueError: The price is not above zero.
        """
        if self.price <= 0:
            raise ValueError(f"{self.symbol}: mark price {self.price} is not above zero")


@dataclass(frozen=True, kw_only=True, slots=True)
class LastPrice:
    """The price of the last trade: what a conditional order watches unless it was told to watch the mark price.

    Attributes:
        time_ms: The exchange's time at which it was still the last.
    """

    symbol: str
    price: Decimal
    time_ms: int

    def __post_init__(self) -> None:
        """Refuse a price that is none.

        Raises:
            ValueError: The price is not above zero.
        """
        if self.price <= 0:
            raise ValueError(f"{self.symbol}: last price {self.price} is not above zero")


@dataclass(frozen=True, kw_only=True, slots=True)
class AssetRate:
    """What one unit of an asset is worth in USD in multi-assets mode (``GET /fapi/v1/assetIndex``).

    Attributes:
        bid: Values positive amounts.
        ask: Values negative amounts.
    """

    asset: str
    bid: Decimal
    ask: Decimal
    time_ms: int

    def value(self, amount: Decimal) -> Decimal:
        """The amount in USD, at the rate for its sign."""
        return amount * (self.bid if amount >= 0 else self.ask)


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLimit:
    """How many orders one account may send in each window of so many seconds."""

    seconds: int
    orders: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeRules:
    """One reading of ``GET /fapi/v1/exchangeInfo``.

    Attributes:
        weight_limit: Request weight allowed per minute and address; ``None`` where the answer does not say.
        order_limits: Orders allowed per account, one for each window; what the answer does not say soundly is absent.
    """

    instruments: dict[str, Instrument]
    weight_limit: int | None
    order_limits: tuple[OrderLimit, ...] = ()

    def margin_assets(self) -> frozenset[str]:
        """Assets that margin at least one tradable symbol: those that count as equity in single-asset mode."""
        return frozenset(item.margin_asset for item in self.instruments.values() if item.trading)
