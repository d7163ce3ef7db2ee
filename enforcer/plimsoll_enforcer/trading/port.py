"""The seam to the exchange's write side: everything that the enforcer may do to an account, and nothing more.

``trading.rest`` implements it; tests pass in fakes. No method can open a position: an order here closes, by its
``reduce_only`` flag in one-way mode or by its side in hedge mode. Every method may raise ``ExchangeError`` (see
``plimsoll.errors``; its ``code`` is the exchange's) and nothing else. No method repeats a write by itself, and a write
never raises ``Malformed``: an answer that cannot be read leaves its outcome unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from plimsoll.model.account import AccountSettings, KeyPermissions, PositionReport, SymbolSettings, Wallet
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, PositionSide


class OrderForm(StrEnum):
    """How a closing order is sent: the rungs of the fallback ladder (``binance-usdm.md`` 11.4), in their order."""

    MARKET = "market"
    LIMIT_AT_BAND = "limit-at-band"
    """LIMIT IOC at the edge of the PERCENT_PRICE band, rounded inwards; ``price`` is set."""
    LIMIT_OPPONENT = "limit-opponent"
    """LIMIT IOC with ``priceMatch=OPPONENT_20``, no price."""
    LIMIT_AT_MARK = "limit-at-mark"
    """LIMIT GTC at the mark price, chased; ``price`` is set."""


CLIENT_ID = re.compile(r"[.A-Za-z0-9_-]{1,36}")
"""What we name orders with: of what the exchange takes, all that needs no encoding on the way."""

PRICED = frozenset({OrderForm.LIMIT_AT_BAND, OrderForm.LIMIT_AT_MARK})
"""Forms with a price of their own."""

OPENS = frozenset({(PositionSide.LONG, Direction.BUY), (PositionSide.SHORT, Direction.SELL)})
"""Hedge sides and directions that make a position larger."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseOrder:
    """One order that makes a position smaller.

    Attributes:
        position_side: ``BOTH`` in one-way mode, where it is sent reduce-only; else the hedge side that it closes.
        direction: Against the position.
        quantity: Base units, a multiple of the step, above zero.
        client_id: Ours, at most 36 characters; by it an order without an answer is looked up.
        price: In quote units where ``form`` has one.
    """

    symbol: str
    position_side: PositionSide
    direction: Direction
    quantity: Decimal
    client_id: str
    form: OrderForm = OrderForm.MARKET
    price: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse what could open a position, and what the exchange could not read.

        Raises:
            ValueError: It would open on its hedge side; or the quantity, the id or the price cannot be.
        """
        if (self.position_side, self.direction) in OPENS:
            raise ValueError(f"{self.symbol}: {self.direction} on the {self.position_side} side opens")
        if not (self.quantity.is_finite() and self.quantity > 0):
            raise ValueError(f"{self.symbol}: a quantity of {self.quantity} closes nothing")
        if CLIENT_ID.fullmatch(self.client_id) is None:
            raise ValueError(f"{self.symbol}: {self.client_id!r} cannot be the id of an order")
        if (self.price is not None) != (self.form in PRICED) or (self.price is not None and not self.price > 0):
            raise ValueError(f"{self.symbol}: {self.form} with the price {self.price}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """What became of an order (``newOrderRespType=RESULT``, or a look-up).

    Attributes:
        executed: Base units filled.
        average_price: Of the fills, in quote units; 0 without any, and in the exchange's answer to ``place``, which
            does not tell it: ``find`` does.
        status: The exchange's state, e.g. ``FILLED``, ``EXPIRED``, ``NEW``.
    """

    order_id: int
    client_id: str
    symbol: str
    status: str
    executed: Decimal
    average_price: Decimal


class Trader(Protocol):
    """One account with its trading key: fresh reads, and writes that only reduce."""

    async def wallet(self) -> Wallet:
        """``GET /fapi/v3/account``, weight 5."""

    async def positions(self) -> tuple[PositionReport, ...]:
        """``GET /fapi/v3/positionRisk``, weight 5; open positions only."""

    async def sound_positions(self) -> tuple[PositionReport, ...]:
        """The same without the rows that are broken: what can be closed of an answer that ``positions`` refuses."""

    async def settings(self) -> AccountSettings:
        """``GET /fapi/v1/accountConfig``, weight 5."""

    async def symbol_settings(self) -> tuple[SymbolSettings, ...]:
        """``GET /fapi/v1/symbolConfig``, weight 5."""

    async def plain_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """``GET /fapi/v1/openOrders``, weight 1 with a symbol, 40 without."""

    async def algo_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """``GET /fapi/v1/openAlgoOrders``, weight 1 with a symbol, 40 without."""

    async def key_permissions(self) -> KeyPermissions | None:
        """``GET /sapi/v1/account/apiRestrictions``; ``None`` where the environment has no such endpoint."""

    async def place(self, order: CloseOrder) -> Placed:
        """``POST /fapi/v1/order``; sent once: after ``OutcomeUnknown`` look it up with ``find``."""

    async def find(self, symbol: str, client_id: str) -> Placed | None:
        """``GET /fapi/v1/order`` by ``origClientOrderId``; ``None`` where the exchange knows none (-2013)."""

    async def cancel_order(self, symbol: str, order_id: int) -> None:
        """``DELETE /fapi/v1/order``; an order already gone (-2011) is fine."""

    async def cancel_plain(self, symbol: str) -> None:
        """``DELETE /fapi/v1/allOpenOrders``: every plain order of a symbol; none being there is fine."""

    async def cancel_algo(self, algo_id: int) -> None:
        """``DELETE /fapi/v1/algoOrder``; one already gone is fine."""

    async def cancel_algos(self, symbol: str) -> None:
        """``DELETE /fapi/v1/algoOpenOrders``: every conditional order of a symbol; none being there is fine."""

    async def set_leverage(self, symbol: str, leverage: int) -> int:
        """``POST /fapi/v1/leverage``; gives the setting now in force."""
