"""An order as its owner asks for it, read and understood but not yet checked against anything."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator.digits import ZERO


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderRequest:
    """A LIMIT or MARKET order to be placed, in the exchange's words.

    Args:
        symbol: An existing symbol.
        side: BUY or SELL.
        type: LIMIT or MARKET.
        quantity: In base units.
        price: Of a LIMIT order; not needed with ``price_match``.
        position_side: BOTH in one-way mode, LONG or SHORT in hedge mode.
        time_in_force: GTC, IOC, FOK, GTX or GTD.
        reduce_only: May only reduce; one-way mode alone.
        close_position: The order closes a whole position, as a triggered ``closePosition`` stop does.
        client_id: Empty: the exchange makes one up.
        price_match: NONE or the level of the book that gives the price.
        self_trade: Recorded; an account never meets itself in this book.
        good_till: Unix milliseconds at which a GTD order ends.
        original_type: The type as placed where it was another, as of a triggered stop.
        stop_price: Its trigger then.
        working_type: CONTRACT_PRICE or MARK_PRICE then.
        price_protect: Whether it triggered under price protection.
    """

    symbol: str
    side: str
    type: str
    quantity: Decimal
    price: Decimal | None = None
    position_side: str = "BOTH"
    time_in_force: str = "GTC"
    reduce_only: bool = False
    close_position: bool = False
    client_id: str = ""
    price_match: str = "NONE"
    self_trade: str = "EXPIRE_MAKER"
    good_till: int = 0
    original_type: str = ""
    stop_price: Decimal = ZERO
    working_type: str = "CONTRACT_PRICE"
    price_protect: bool = False

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self.side == "BUY" else -1

    @property
    def closes_leg(self) -> bool:
        """Whether the order is on the closing side of a hedge leg."""
        return (self.position_side, self.side) in {("LONG", "SELL"), ("SHORT", "BUY")}

    @property
    def only_reduces(self) -> bool:
        """Whether the order cannot open or increase anything, by what it says of itself."""
        return self.reduce_only or self.close_position or self.closes_leg
