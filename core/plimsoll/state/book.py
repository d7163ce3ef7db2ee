"""What one account holds, as a frozen value that events replace piece by piece.

Every row remembers the exchange's time of its last change (its stamp), closed and ended rows too, so that a late,
repeated or reordered event never undoes a newer one. ``state.apply`` moves the book; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from plimsoll.model.account import AccountSettings, Balance, Position, PositionKey
from plimsoll.model.market import Bracket
from plimsoll.model.orders import Order, OrderKey

Stamp = tuple[int, float]
"""Transaction time and event time of the last change of a row, in ms."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """One account.

    Attributes:
        orders: Open orders, plain and conditional; ``None`` while they are unknown.
        orders_complete: Whether the list holds the orders of all symbols; else of the symbols in use only.
        leverage: The exchange's leverage setting of each symbol.
        brackets: This account's maintenance-margin table of each symbol, ascending by floor.
        stamps: Last change of each row, by ``PositionKey``, ``OrderKey`` or asset name.
        order_symbols: While the list is not complete, the symbols whose orders were read all the same.
        activated: Trailing stops that an event said to be activated, which they stay; no list tells it.
        floor_ms: Transaction time up to which the first reading is known to tell every position, closed ones included.
    """

    settings: AccountSettings
    balances: Mapping[str, Balance]
    positions: Mapping[PositionKey, Position]
    orders: Mapping[OrderKey, Order] | None
    leverage: Mapping[str, int]
    brackets: Mapping[str, tuple[Bracket, ...]]
    stamps: Mapping[Hashable, Stamp] = field(default_factory=dict)
    floor_ms: int = 0
    orders_complete: bool = False
    order_symbols: frozenset[str] = frozenset()
    activated: frozenset[OrderKey] = frozenset()

    def knows_orders_of(self, symbol: str) -> bool:
        """Whether every open order of a symbol is in the list."""
        return self.orders is not None and (self.orders_complete or symbol in self.order_symbols)

    def symbols(self) -> frozenset[str]:
        """Symbols with a position or an open order."""
        held = {symbol for symbol, _ in self.positions}
        ordered = {order.symbol for order in (self.orders or {}).values()}
        return frozenset(held | ordered)
