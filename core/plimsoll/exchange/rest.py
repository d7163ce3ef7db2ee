"""The REST half of ``exchange.port``: reads of the market, signed reads of each account.

``Exchange`` is made once a process; all its accounts share one weight budget, one clock and one pool of connections.
Readers are urgent by default: their calls go before routine ones. Reconciles and sweeps take ``reader.routine()``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import aiohttp

from plimsoll.clock import Clock
from plimsoll.config.model import ExchangeConfig
from plimsoll.credentials import Credentials
from plimsoll.exchange import endpoints as at
from plimsoll.exchange.budget import SHARES, Shares, WeightBudget
from plimsoll.exchange.caller import Caller, Key, Line
from plimsoll.exchange.client import Timeouts
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.payload import account as account_payload
from plimsoll.exchange.payload import market as market_payload
from plimsoll.exchange.payload import orders as order_payload
from plimsoll.exchange.payload.keys import listen_key
from plimsoll.exchange.port import Observer
from plimsoll.model.account import AccountSettings, Income, KeyPermissions, PositionReport, SymbolSettings, Wallet
from plimsoll.model.events import AlgoUpdate
from plimsoll.model.market import AssetRate, Bracket, ExchangeRules, Mark
from plimsoll.model.orders import Order

INCOME_PAGE = 1000
"""Rows of one answer at most, as ``endpoints.INCOME`` asks for."""

INCOME_PAGES = 10
"""Pages of one reading at most; weight 30 each."""

DEFAULT_TIMEOUTS = Timeouts()


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketReads:
    """Unsigned reads; implements ``port.MarketReader``."""

    caller: Caller

    def routine(self) -> MarketReads:
        """The same reads at the lower priority."""
        return MarketReads(caller=replace(self.caller, urgent=False))

    async def rules(self) -> ExchangeRules:
        """Instruments and limits; the weight limit in it becomes the budget's."""
        found = await self.caller.call(at.EXCHANGE_INFO, market_payload.rules)
        if found.weight_limit is not None:
            self.caller.line.budget.set_limit(found.weight_limit)
        return found

    async def marks(self) -> tuple[Mark, ...]:
        """Mark prices of every symbol."""
        return await self.caller.call(at.PREMIUM_INDEX, market_payload.marks)

    async def asset_rates(self) -> tuple[AssetRate, ...]:
        """Rates of every asset of multi-assets mode."""
        return await self.caller.call(at.ASSET_INDEX, market_payload.asset_rates)

    async def measure_clock(self) -> None:
        """Set the exchange clock's offset."""
        await self.caller.measure_clock()


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountReads:
    """Signed reads of one account with one key; implements ``port.AccountReader``."""

    caller: Caller

    def routine(self) -> AccountReads:
        """The same reads at the lower priority."""
        return AccountReads(caller=replace(self.caller, urgent=False))

    async def wallet(self) -> Wallet:
        """Balances and margin sums."""
        return await self.caller.call(at.ACCOUNT, account_payload.wallet)

    async def positions(self) -> tuple[PositionReport, ...]:
        """Open positions."""
        return await self.caller.call(at.POSITION_RISK, account_payload.position_reports)

    async def settings(self) -> AccountSettings:
        """Account-wide switches."""
        return await self.caller.call(at.ACCOUNT_CONFIG, account_payload.settings)

    async def symbol_settings(self) -> tuple[SymbolSettings, ...]:
        """Per-symbol switches of every symbol."""
        return await self.caller.call(at.SYMBOL_CONFIG, account_payload.symbol_settings)

    async def brackets(self) -> Mapping[str, tuple[Bracket, ...]]:
        """Maintenance-margin tables of every symbol."""
        return await self.caller.call(at.LEVERAGE_BRACKET, market_payload.brackets)

    async def plain_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """Open plain orders, of one symbol or of all."""
        return await self.caller.call(at.OPEN_ORDERS, order_payload.plain_orders, _of_symbol(symbol))

    async def algo_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """Open conditional orders, of one symbol or of all."""
        return await self.caller.call(at.OPEN_ALGO_ORDERS, order_payload.algo_orders, _of_symbol(symbol))

    async def algo_order(self, algo_id: int) -> AlgoUpdate:
        """One conditional order as it stands now."""
        return await self.caller.call(at.ALGO_ORDER, order_payload.algo_order, {"algoId": algo_id})

    async def income(self, *, start_ms: int) -> tuple[Income, ...]:
        """Income rows from ``start_ms`` on, oldest first.

        Pages on while a page is full, up to ``INCOME_PAGES``; whoever gets that many rows asks again from the last.
        """
        found: list[Income] = []
        for _ in range(INCOME_PAGES):
            page = await self.caller.call(at.INCOME, account_payload.incomes, {"startTime": start_ms})
            known = set(found)
            fresh = [row for row in page if row not in known]
            found += fresh
            if len(page) < INCOME_PAGE or not fresh:
                break
            start_ms = max(row.time_ms for row in page)
        return tuple(sorted(found, key=lambda row: row.time_ms))

    async def key_permissions(self) -> KeyPermissions | None:
        """What the key may do; ``None`` where the environment has no wallet endpoints."""
        if self.caller.line.config.wallet_url is None:
            return None
        return await self.caller.call(at.API_RESTRICTIONS, account_payload.key_permissions)

    async def open_listen_key(self) -> str:
        """The key of the private stream, new or running."""
        return await self.caller.call(at.OPEN_LISTEN_KEY, listen_key)

    async def extend_listen_key(self) -> None:
        """Extend the running listen key; ``Refused`` with code -1125 when it is gone."""
        await self.caller.call(at.EXTEND_LISTEN_KEY, _nothing)


class Exchange:
    """Binance USDⓈ-M futures over REST, for every account of this machine's address.

    Attributes:
        market: Unsigned reads.
        clock: The exchange's time, corrected by ``market.measure_clock`` and by itself when a timestamp is refused.
        budget: Request weight, shared by everything made from here.
    """

    market: MarketReads
    clock: ExchangeClock
    budget: WeightBudget

    def __init__(
        self,
        config: ExchangeConfig,
        *,
        clock: Clock,
        observer: Observer,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        shares: Shares = SHARES,
    ) -> None:
        self._line = Line(config, clock=clock, observer=observer, timeouts=timeouts, shares=shares)
        self.clock = self._line.exchange_clock
        self.budget = self._line.budget
        self.market = MarketReads(caller=Caller(line=self._line, key=Key(self._line, None), account=""))

    @property
    def session(self) -> aiohttp.ClientSession:
        """A session without any key, for the streams; ask for it inside the running loop."""
        return self._line.session

    def account(self, name: str, credentials: Credentials) -> AccountReads:
        """Signed reads with a key; one that cannot be a key shows as ``KeyRefused`` at the first call."""
        return AccountReads(caller=self.caller(name, credentials))

    def caller(self, name: str, credentials: Credentials) -> Caller:
        """The way to the exchange with a key, for whoever has endpoints of its own."""
        return Caller(line=self._line, key=Key(self._line, credentials), account=name)

    async def close(self) -> None:
        """Close every connection; calls after this fail with ``Unavailable``."""
        await self._line.close()


def _of_symbol(symbol: str | None) -> at.Parameters:
    return at.NOTHING if symbol is None else {"symbol": symbol}


def _nothing(_: object) -> None:
    return None
