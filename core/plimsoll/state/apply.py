"""How snapshots make a book and events move it. Pure; the order of arrival does not matter beyond what stamps tell.

A row moves only to what is at least as new as its stamp: (transaction time, event time). A row that came from REST is
stamped (its ``updateTime``, infinity): an event of that same transaction is already in it.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Mapping
from dataclasses import replace
from math import inf
from typing import TypeGuard

from plimsoll.model.account import (
    AccountSettings,
    Balance,
    Position,
    PositionKey,
    PositionReport,
    SymbolSettings,
    Wallet,
)
from plimsoll.model.events import (
    AccountEvent,
    AccountUpdate,
    AlgoUpdate,
    AssetModeChange,
    BalanceChange,
    LeverageChange,
    OrderUpdate,
    PositionChange,
)
from plimsoll.model.market import Bracket, Instrument
from plimsoll.model.orders import Order, OrderKey
from plimsoll.state.book import Book, Stamp

OLDEST: Stamp = (0, 0.0)
KEPT_ENDED_ORDERS = 2000
"""How many ended orders are remembered, so that a late event does not bring one back."""


def seed(
    *,
    wallet: Wallet,
    reports: Iterable[PositionReport],
    settings: AccountSettings,
    symbol_settings: Iterable[SymbolSettings],
    brackets: Mapping[str, tuple[Bracket, ...]],
) -> Book:
    """Make a book from one reading of the account; the wallet must have been read before the positions.

    Its open orders are unknown until ``with_orders``.
    """
    positions = {report.position.key: report.position for report in reports}
    balances = {balance.asset: balance for balance in wallet.balances}
    stamps: dict[Hashable, Stamp] = {asset: (balance.updated_ms, inf) for asset, balance in balances.items()}
    stamps.update({key: (position.updated_ms, inf) for key, position in positions.items()})
    return Book(
        settings=settings,
        balances=balances,
        positions=positions,
        orders=None,
        leverage={item.symbol: item.leverage for item in symbol_settings},
        brackets=brackets,
        stamps=stamps,
        floor_ms=max((balance.updated_ms for balance in wallet.balances), default=0),
    )


def keep_newer(fresh: Book, known: Book) -> Book:
    """A reading with those rows of the known book that are newer than it: REST may lag behind what the stream told.

    Newer than the reading is what changed after everything that it tells; a row's own time alone proves nothing, since
    the exchange does not renew it at every change.
    """
    balances, positions, stamps = dict(fresh.balances), dict(fresh.positions), dict(fresh.stamps)
    for asset, balance in known.balances.items():
        stamp = known.stamps.get(asset, OLDEST)
        if stamp[0] > fresh.floor_ms:
            balances[asset], stamps[asset] = balance, stamp
    newest_ms = max([fresh.floor_ms, *(position.updated_ms for position in positions.values())])
    for key, stamp in known.stamps.items():
        if not _is_position(key) or stamp[0] <= newest_ms:
            continue
        position = known.positions.get(key)
        if position is None:
            positions.pop(key, None)
        elif position.margin_asset:
            positions[key] = position
        stamps[key] = stamp
    return replace(fresh, balances=balances, positions=positions, stamps=stamps, activated=known.activated)


def with_orders(book: Book, orders: Iterable[Order], *, complete: bool) -> Book:
    """The book with a fresh list of open orders, of all symbols if ``complete``; ended ones stay ended."""
    stamps = _without_oldest_orders(book.stamps, kept={})
    current: dict[OrderKey, Order] = {}
    for order in orders:
        stamp = stamps.get(order.key, OLDEST)
        if order.ended or (order.updated_ms, inf) < stamp:
            continue
        current[order.key] = replace(order, activated=True) if order.key in book.activated else order
        stamps[order.key] = (order.updated_ms, inf)
    return replace(book, orders=current, orders_complete=complete, stamps=stamps)


def with_more_orders(book: Book, orders: Iterable[Order]) -> Book:
    """The book with those orders added that it never heard of, on symbols not read before: now it has all."""
    unheard = {order.key: order for order in orders if not order.ended and order.key not in book.stamps}
    stamps = dict(book.stamps)
    stamps.update({key: (order.updated_ms, inf) for key, order in unheard.items()})
    return replace(book, orders={**(book.orders or {}), **unheard}, orders_complete=True, stamps=stamps)


def without_orders(book: Book) -> Book:
    """The book with its open orders unknown."""
    return replace(book, orders=None, orders_complete=False)


def apply(book: Book, event: AccountEvent, instruments: Mapping[str, Instrument]) -> Book:
    """The book after one event; an event that changes nothing, or is late, gives the same book.

    Raises:
        ValueError: The event describes a position that cannot be (see ``Position``).
    """
    if isinstance(event, AccountUpdate):
        return _apply_account(book, event, instruments)
    if isinstance(event, OrderUpdate | AlgoUpdate):
        return _apply_order(book, event)
    if isinstance(event, LeverageChange):
        return replace(book, leverage={**book.leverage, event.symbol: event.leverage})
    if isinstance(event, AssetModeChange):
        return replace(book, settings=replace(book.settings, asset_mode=event.asset_mode))
    return book


def _apply_account(book: Book, event: AccountUpdate, instruments: Mapping[str, Instrument]) -> Book:
    stamp = (event.time_ms, float(event.event_ms))
    balances, positions, stamps = dict(book.balances), dict(book.positions), dict(book.stamps)
    for change in event.balances:
        if stamp >= stamps.get(change.asset, OLDEST):
            balances[change.asset] = _balance(change, event.time_ms)
            stamps[change.asset] = stamp
    for move in event.positions:
        if stamp < stamps.get(move.key, (book.floor_ms, inf)):
            continue
        stamps[move.key] = stamp
        if move.amount == 0:
            positions.pop(move.key, None)
        else:
            positions[move.key] = _position(move, event.time_ms, _margin_asset(book, move.key, instruments))
    return replace(book, balances=balances, positions=positions, stamps=stamps)


def _apply_order(book: Book, event: OrderUpdate | AlgoUpdate) -> Book:
    order, stamp = event.order, (event.time_ms, float(event.event_ms))
    if order.activated and order.key not in book.activated:
        book = replace(book, activated=book.activated | {order.key})
    if book.orders is None or _is_late(book, order, stamp):
        return book
    orders = dict(book.orders)
    if order.ended:
        orders.pop(order.key, None)
    else:
        orders[order.key] = order
    stamps = {**book.stamps, order.key: stamp}
    if len(stamps) > 2 * KEPT_ENDED_ORDERS + len(orders):
        stamps = _without_oldest_orders(stamps, kept=orders)
    activated = book.activated - {order.key} if order.ended else book.activated
    return replace(book, orders=orders, stamps=stamps, activated=activated)


def _is_late(book: Book, order: Order, stamp: Stamp) -> bool:
    """Whether the book knows better; what is over stays over, where a market order began and ended in one instant."""
    known = book.stamps.get(order.key, OLDEST)
    over = order.key in book.stamps and order.key not in (book.orders or {})
    return stamp < known or (stamp == known and over and not order.ended)


def _balance(change: BalanceChange, time_ms: int) -> Balance:
    return Balance(asset=change.asset, wallet=change.wallet, cross_wallet=change.cross_wallet, updated_ms=time_ms)


def _position(change: PositionChange, time_ms: int, margin_asset: str) -> Position:
    return Position(
        symbol=change.symbol,
        position_side=change.position_side,
        amount=change.amount,
        entry_price=change.entry_price,
        margin_mode=change.margin_mode,
        margin_asset=margin_asset,
        isolated_wallet=change.isolated_wallet,
        updated_ms=time_ms,
    )


def _margin_asset(book: Book, key: PositionKey, instruments: Mapping[str, Instrument]) -> str:
    """The asset a position settles in; empty while the symbol is unknown, which makes its figures unknown."""
    held = book.positions.get(key)
    if held is not None and held.margin_asset:
        return held.margin_asset
    instrument = instruments.get(key[0])
    return instrument.margin_asset if instrument is not None else ""


def _is_order(key: Hashable) -> bool:
    return isinstance(key, tuple) and isinstance(key[1], int)


def _is_position(key: Hashable) -> TypeGuard[PositionKey]:
    return isinstance(key, tuple) and not _is_order(key)


def _without_oldest_orders(stamps: Mapping[Hashable, Stamp], kept: Container[Hashable]) -> dict[Hashable, Stamp]:
    """The stamps without those of orders that changed longest ago; ``kept`` ones stay whatever their age."""
    orders = [(stamp, key) for key, stamp in stamps.items() if _is_order(key) and key not in kept]
    orders.sort(key=lambda pair: pair[0], reverse=True)
    forgotten = {key for _, key in orders[KEPT_ENDED_ORDERS:]}
    return {key: stamp for key, stamp in stamps.items() if key not in forgotten}
