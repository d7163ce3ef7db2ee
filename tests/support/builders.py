"""Builders of the product's values for tests: every field has a sensible default, decimals are given as strings.

A test names only what it is about. ``book`` and ``market`` fill in what their rows need (settings, brackets,
instruments), so that nothing is unknown unless the test says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from plimsoll.model.account import AccountSettings, Balance, Position
from plimsoll.model.market import AssetRate, Bracket, Instrument, Mark
from plimsoll.model.orders import Order
from plimsoll.model.terms import AssetMode, Direction, MarginMode, OrderBook, PositionMode, PositionSide, PriceKind
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState

LEVERAGE = 10
QUOTES = ("USDT", "USDC", "FDUSD", "BTC")


def bracket(
    floor: str = "0",
    cap: str = "10000000",
    *,
    maintenance_ratio: str = "0.004",
    deduction: str = "0",
    max_leverage: int = 125,
) -> Bracket:
    """One maintenance-margin step; by default a single one of 0.4 % that holds any size a test uses."""
    return Bracket(
        floor=Decimal(floor),
        cap=Decimal(cap),
        maintenance_ratio=Decimal(maintenance_ratio),
        deduction=Decimal(deduction),
        max_leverage=max_leverage,
    )


def balance(asset: str = "USDT", wallet: str = "1000", cross_wallet: str | None = None, updated_ms: int = 0) -> Balance:
    """One asset of the wallet, all of it cross unless said otherwise."""
    return Balance(
        asset=asset,
        wallet=Decimal(wallet),
        cross_wallet=Decimal(wallet if cross_wallet is None else cross_wallet),
        updated_ms=updated_ms,
    )


def position(
    symbol: str = "BTCUSDT",
    amount: str = "1",
    entry: str = "100",
    *,
    position_side: PositionSide = PositionSide.BOTH,
    isolated_wallet: str | None = None,
    margin_asset: str | None = None,
    updated_ms: int = 0,
) -> Position:
    """One position: one-way and cross, isolated where an isolated wallet is given, settled in the symbol's quote."""
    return Position(
        symbol=symbol,
        position_side=position_side,
        amount=Decimal(amount),
        entry_price=Decimal(entry),
        margin_mode=MarginMode.CROSS if isolated_wallet is None else MarginMode.ISOLATED,
        margin_asset=margin_asset or assets_of(symbol)[1],
        isolated_wallet=Decimal(isolated_wallet or "0"),
        updated_ms=updated_ms,
    )


def order(
    symbol: str = "BTCUSDT",
    direction: Direction = Direction.BUY,
    quantity: str = "1",
    price: str = "100",
    *,
    order_id: int = 1,
    client_id: str = "",
    book: OrderBook = OrderBook.PLAIN,
    position_side: PositionSide = PositionSide.BOTH,
    type_: str = "LIMIT",
    executed: str = "0",
    trigger: str | None = None,
    watches: PriceKind = PriceKind.LAST,
    reduce_only: bool = False,
    close_position: bool = False,
    status: str = "NEW",
    time_in_force: str = "GTC",
    updated_ms: int = 0,
    activated: bool | None = None,
    actual_order_id: int | None = None,
    reason: str = "",
) -> Order:
    """One order: a resting limit buy in the plain list unless said otherwise."""
    return Order(
        book=book,
        order_id=order_id,
        client_id=client_id or f"test-{order_id}",
        symbol=symbol,
        direction=direction,
        position_side=position_side,
        type=type_,
        quantity=Decimal(quantity),
        executed=Decimal(executed),
        price=Decimal(price),
        trigger_price=None if trigger is None else Decimal(trigger),
        watches=watches,
        reduce_only=reduce_only,
        close_position=close_position,
        status=status,
        time_in_force=time_in_force,
        updated_ms=updated_ms,
        activated=activated,
        actual_order_id=actual_order_id,
        reason=reason,
    )


def stop(
    symbol: str = "BTCUSDT",
    direction: Direction = Direction.SELL,
    quantity: str = "1",
    trigger: str = "90",
    *,
    order_id: int = 1,
    book: OrderBook = OrderBook.ALGO,
    position_side: PositionSide = PositionSide.BOTH,
    type_: str = "STOP_MARKET",
    watches: PriceKind = PriceKind.LAST,
    reduce_only: bool = True,
    close_position: bool = False,
    updated_ms: int = 0,
) -> Order:
    """One protective stop: a reduce-only market stop in the algo list unless said otherwise."""
    return order(
        symbol,
        direction,
        quantity,
        "0",
        order_id=order_id,
        book=book,
        position_side=position_side,
        type_=type_,
        trigger=trigger,
        watches=watches,
        reduce_only=reduce_only,
        close_position=close_position,
        updated_ms=updated_ms,
    )


def settings(*, hedge: bool = False, multi: bool = False, can_trade: bool = True) -> AccountSettings:
    """The account-wide switches: one-way and single-asset unless said otherwise."""
    return AccountSettings(
        position_mode=PositionMode.HEDGE if hedge else PositionMode.ONE_WAY,
        asset_mode=AssetMode.MULTI if multi else AssetMode.SINGLE,
        can_trade=can_trade,
    )


def book(
    positions: Iterable[Position] = (),
    balances: Iterable[Balance] | None = None,
    orders: Iterable[Order] | None = (),
    *,
    hedge: bool = False,
    multi: bool = False,
    leverage: Mapping[str, int] | None = None,
    brackets: Mapping[str, tuple[Bracket, ...]] | None = None,
) -> Book:
    """One account.

    By default 1,000 USDT in the wallet, and leverage 10 and one margin bracket for every symbol with a position or
    order; ``orders=None`` means that the open orders are unknown.
    """
    held = {row.key: row for row in positions}
    resting = None if orders is None else {row.key: row for row in orders}
    symbols = {row.symbol for row in held.values()} | {row.symbol for row in (resting or {}).values()}
    return Book(
        settings=settings(hedge=hedge, multi=multi),
        balances={row.asset: row for row in ([balance()] if balances is None else balances)},
        positions=held,
        orders=resting,
        leverage=dict.fromkeys(symbols, LEVERAGE) if leverage is None else leverage,
        brackets=dict.fromkeys(symbols, (bracket(),)) if brackets is None else brackets,
        orders_complete=resting is not None,
    )


def mark(symbol: str = "BTCUSDT", price: str = "100", time_ms: int = 0) -> Mark:
    """One mark price."""
    return Mark(symbol=symbol, price=Decimal(price), time_ms=time_ms)


def rate(asset: str, bid: str = "1", ask: str | None = None, time_ms: int = 0) -> AssetRate:
    """One asset rate of multi-assets mode, with the same bid and ask unless said otherwise."""
    return AssetRate(asset=asset, bid=Decimal(bid), ask=Decimal(bid if ask is None else ask), time_ms=time_ms)


def assets_of(symbol: str) -> tuple[str, str]:
    """Base and quote asset of a symbol by its ending, e.g. ``("ETH", "BTC")``; the quote is USDT where none fits."""
    for quote in QUOTES:
        if symbol.endswith(quote) and symbol != quote:
            return symbol.removesuffix(quote), quote
    return symbol, "USDT"


def instrument(
    symbol: str = "BTCUSDT",
    *,
    base_asset: str | None = None,
    quote_asset: str | None = None,
    margin_asset: str | None = None,
    status: str = "TRADING",
    contract_type: str = "PERPETUAL",
    tick_size: str | None = "0.01",
    step_size: str | None = "0.001",
) -> Instrument:
    """One perpetual contract; its assets follow from its name and it is margined in its quote asset."""
    base, quote = assets_of(symbol)
    return Instrument(
        symbol=symbol,
        base_asset=base_asset or base,
        quote_asset=quote_asset or quote,
        margin_asset=margin_asset or quote_asset or quote,
        status=status,
        contract_type=contract_type,
        tick_size=None if tick_size is None else Decimal(tick_size),
        step_size=None if step_size is None else Decimal(step_size),
    )


def market(
    marks: Mapping[str, str] | None = None,
    *,
    rates: Iterable[AssetRate] = (),
    instruments: Iterable[Instrument] | None = None,
    margin_assets: Iterable[str] = ("USDT", "USDC"),
) -> MarketState:
    """The market: by default BTCUSDT at 100, an instrument for every mark, USDT and USDC as margin assets."""
    prices = {"BTCUSDT": "100"} if marks is None else marks
    known = [instrument(symbol) for symbol in prices] if instruments is None else instruments
    return MarketState(
        marks={symbol: mark(symbol, price) for symbol, price in prices.items()},
        rates={row.asset: row for row in rates},
        instruments={row.symbol: row for row in known},
        margin_assets=frozenset(margin_assets),
    )
