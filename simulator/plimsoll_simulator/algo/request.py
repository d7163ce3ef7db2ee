"""A conditional order as its owner asks for it, read and understood but not yet checked against anything."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator.algo.conditions import LIMIT_TYPES
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.trading.request import OrderRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class AlgoRequest:
    """A conditional order to be placed, in the exchange's words.

    Args:
        symbol: An existing symbol.
        side: BUY or SELL.
        type: One of ``conditions.TYPES``.
        quantity: In base units; 0 with ``close_position``.
        position_side: BOTH in one-way mode, LONG or SHORT in hedge mode.
        trigger_price: Of all but trailing stops.
        price: Of STOP and TAKE_PROFIT, unless ``price_match`` gives it at the trigger.
        price_match: NONE or the level of the book that gives the price.
        activate_price: Of a trailing stop; without one it is active at once.
        callback_rate: Of a trailing stop, in per cent.
        time_in_force: GTC, IOC, FOK, GTX, GTD, or GTE_GTC for an order that ends with its position.
        good_till: Unix milliseconds at which a GTD order ends.
        working_type: The price to watch, CONTRACT_PRICE or MARK_PRICE.
        reduce_only: May only reduce; one-way mode alone.
        close_position: Closes the whole position, whatever its size is then.
        price_protect: Does not trigger while mark and last price are far apart.
        client_id: Empty: the exchange makes one up.
        self_trade: Recorded; an account never meets itself in this book.
    """

    symbol: str
    side: str
    type: str
    quantity: Decimal
    position_side: str = "BOTH"
    trigger_price: Decimal = ZERO
    price: Decimal = ZERO
    price_match: str = "NONE"
    activate_price: Decimal | None = None
    callback_rate: Decimal | None = None
    time_in_force: str = "GTC"
    good_till: int = 0
    working_type: str = "CONTRACT_PRICE"
    reduce_only: bool = False
    close_position: bool = False
    price_protect: bool = False
    client_id: str = ""
    self_trade: str = "EXPIRE_MAKER"

    @property
    def needs_position(self) -> bool:
        """Whether the order lives and dies with a position."""
        return self.close_position or self.time_in_force == "GTE_GTC"

    def as_order(self) -> OrderRequest:
        """What it would be in the matching engine, for the checks that both have in common."""
        return OrderRequest(
            symbol=self.symbol,
            side=self.side,
            type="LIMIT" if self.type in LIMIT_TYPES else "MARKET",
            quantity=self.quantity,
            position_side=self.position_side,
            reduce_only=self.reduce_only,
            close_position=self.close_position,
        )
