"""The write side over REST: implements ``trading.port.Trader`` for one account and its trading key.

Every write is sent once, but for one whose timestamp was refused, which the exchange certainly did not carry out. One
whose answer cannot be read may have been carried out: its outcome is unknown. What is gone already counts as cancelled.
Reads are core's, at the priority of an enforcement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from plimsoll.errors import Malformed, OutcomeUnknown, Refused, Throttled, Unavailable
from plimsoll.exchange.caller import Caller
from plimsoll.exchange.endpoints import POSITION_RISK, Endpoint, Parameters
from plimsoll.exchange.failures import TOO_MANY_ORDERS
from plimsoll.exchange.payload.account import sound_position_reports
from plimsoll.exchange.rest import AccountReads
from plimsoll.model.account import AccountSettings, KeyPermissions, PositionReport, SymbolSettings, Wallet
from plimsoll.model.orders import Order
from plimsoll_enforcer.trading import endpoints as at
from plimsoll_enforcer.trading import payload
from plimsoll_enforcer.trading.port import CloseOrder, Placed
from plimsoll_enforcer.trading.rate import OrderRate

NO_SUCH_ORDER = -2013
T = TypeVar("T")

ALREADY_GONE = frozenset({-2011, NO_SUCH_ORDER})
"""Refusals of a cancel that mean that there is nothing to cancel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RestTrader:
    """One account; ``rate`` is shared by everything that sends orders for it."""

    caller: Caller
    rate: OrderRate

    @property
    def reads(self) -> AccountReads:
        """All signed reads of the account, income included, at the same priority."""
        return AccountReads(caller=self.caller)

    async def wallet(self) -> Wallet:
        """Balances and margin sums."""
        return await self.reads.wallet()

    async def positions(self) -> tuple[PositionReport, ...]:
        """Open positions."""
        return await self.reads.positions()

    async def sound_positions(self) -> tuple[PositionReport, ...]:
        """Open positions whose rows are sound."""
        return await self.caller.call(POSITION_RISK, sound_position_reports)

    async def settings(self) -> AccountSettings:
        """Account-wide switches."""
        return await self.reads.settings()

    async def symbol_settings(self) -> tuple[SymbolSettings, ...]:
        """Per-symbol switches of every symbol."""
        return await self.reads.symbol_settings()

    async def plain_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """Open plain orders, of one symbol or of all."""
        return await self.reads.plain_orders(symbol)

    async def algo_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """Open conditional orders, of one symbol or of all."""
        return await self.reads.algo_orders(symbol)

    async def key_permissions(self) -> KeyPermissions | None:
        """What the key may do; ``None`` where the environment has no wallet endpoints."""
        return await self.reads.key_permissions()

    async def place(self, order: CloseOrder) -> Placed:
        """Send a closing order, once, as soon as the account's order rate allows it."""
        async with self.rate.spend() as turn:
            caller = replace(self.caller, on_headers=turn.take)
            try:
                return await _write(caller, at.PLACE, payload.placed, payload.order_parameters(order))
            except Unavailable:
                turn.counted = False
                raise
            except Throttled as failure:
                if failure.code == TOO_MANY_ORDERS:
                    self.rate.refused(failure.retry_after)
                raise

    async def find(self, symbol: str, client_id: str) -> Placed | None:
        """One order by our own id, ended ones too; ``None`` where the exchange knows none, or none yet."""
        try:
            return await self.caller.call(at.FIND, payload.placed, {"symbol": symbol, "origClientOrderId": client_id})
        except Refused as failure:
            if failure.code == NO_SUCH_ORDER:
                return None
            raise

    async def cancel_order(self, symbol: str, order_id: int) -> None:
        """Cancel one plain order."""
        await self._cancel(at.CANCEL_ORDER, {"symbol": symbol, "orderId": order_id})

    async def cancel_plain(self, symbol: str) -> None:
        """Cancel every plain order of a symbol."""
        await self._cancel(at.CANCEL_PLAIN, {"symbol": symbol})

    async def cancel_algo(self, algo_id: int) -> None:
        """Cancel one conditional order."""
        await self._cancel(at.CANCEL_ALGO, {"algoId": algo_id})

    async def cancel_algos(self, symbol: str) -> None:
        """Cancel every conditional order of a symbol."""
        await self._cancel(at.CANCEL_ALGOS, {"symbol": symbol})

    async def set_leverage(self, symbol: str, leverage: int) -> int:
        """Set a symbol's leverage; gives the setting now in force."""
        parameters: Parameters = {"symbol": symbol, "leverage": leverage}
        return await _write(self.caller, at.SET_LEVERAGE, payload.leverage, parameters)

    async def _cancel(self, endpoint: Endpoint, parameters: Parameters) -> None:
        try:
            await _write(self.caller, endpoint, _nothing, parameters)
        except Refused as failure:
            if failure.code not in ALREADY_GONE:
                raise


async def _write(caller: Caller, endpoint: Endpoint, translate: Callable[[object], T], parameters: Parameters) -> T:
    try:
        return await caller.call(endpoint, translate, parameters)
    except Malformed as failure:
        raise OutcomeUnknown(str(failure), code=failure.code) from None


def _nothing(_: object) -> None:
    return None
