"""The enforcer's and the red button's way to the exchange: one ``Exchange`` fit for an emergency, a trader per account.

Calls of a flatten are urgent and may use ``SHARES.urgent`` of the address's weight, more than any program that watches
plans with, so that those leave room. Confirming a breach goes through ``watcher``: one allowance for all accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plimsoll.clock import Clock
from plimsoll.config.model import ExchangeConfig
from plimsoll.credentials import Credentials
from plimsoll.exchange.budget import Shares
from plimsoll.exchange.client import Timeouts
from plimsoll.exchange.port import Observer, SilentObserver
from plimsoll.exchange.rest import AccountReads, Exchange, MarketReads
from plimsoll.model.market import ExchangeRules
from plimsoll_enforcer.trading.allowance import Allowance
from plimsoll_enforcer.trading.rate import OrderRate
from plimsoll_enforcer.trading.rest import RestTrader

TIMEOUTS = Timeouts(total=5.0, connect=3.0)
"""Short: after them an order's outcome is unknown and is looked up."""

SHARES = Shares(urgent=0.9, routine=0.75, patience=5.0)
"""``patience``: a flatten must know that the exchange wants silence, not hang in it."""

WATCHING = 0.2
"""Part of the address's weight that all watching together uses at most."""

FIRST = 70
"""Weight a minute that an account's reads may use beside it: two whole confirmations (20 each) and an income page."""

MARKS = 300
"""Weight a minute that the unsigned reads may use beside it: mark prices of every symbol every two seconds, for all."""


class Gateway:
    """Opens nothing before the first call; make it, and close it, inside the running loop.

    Attributes:
        exchange: The whole of the adapter: clock, budget, unsigned reads.
        market: Unsigned reads at the priority of an enforcement.
        traders: One for each account whose trading key is given, by its name.
    """

    exchange: Exchange
    market: MarketReads
    traders: Mapping[str, RestTrader]

    def __init__(
        self,
        config: ExchangeConfig,
        credentials: Mapping[str, Credentials],
        *,
        clock: Clock,
        observer: Observer | None = None,
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        self.exchange = Exchange(
            config, clock=clock, observer=observer or SilentObserver(), timeouts=timeouts, shares=SHARES
        )
        self.market = self.exchange.market
        self._allowance = Allowance(clock=clock, limit=lambda: int(self.exchange.budget.limit * WATCHING))
        self.traders = {name: self._trader(name, clock, keys) for name, keys in credentials.items()}

    def _trader(self, name: str, clock: Clock, credentials: Credentials) -> RestTrader:
        return RestTrader(
            caller=self.exchange.caller(name, credentials),
            rate=OrderRate(clock=clock, exchange_clock=self.exchange.clock),
        )

    def watcher(self, account: str) -> AccountReads:
        """Signed reads for confirming a breach: after those of a flatten, and within the allowance of all watching."""
        caller = self.traders[account].caller
        return AccountReads(caller=replace(caller, urgent=False, toll=self._allowance.payer(FIRST)))

    def market_watcher(self) -> MarketReads:
        """Unsigned reads for confirming a breach, within the same allowance."""
        return MarketReads(caller=replace(self.market.caller, urgent=False, toll=self._allowance.payer(MARKS)))

    def onlooker(self, account: str) -> AccountReads:
        """Signed reads for showing: after those of a flatten; who shows takes weight for them before each."""
        return AccountReads(caller=replace(self.traders[account].caller, urgent=False))

    def market_onlooker(self) -> MarketReads:
        """Unsigned reads for showing, likewise."""
        return MarketReads(caller=replace(self.market.caller, urgent=False))

    async def rules(self) -> ExchangeRules:
        """``GET /fapi/v1/exchangeInfo``; its limits of weight and orders are in force from then on."""
        found = await self.market.rules()
        for trader in self.traders.values():
            trader.rate.set_limits(found.order_limits)
        return found

    async def close(self) -> None:
        """Close every connection; calls after this fail with ``Unavailable``."""
        await self.exchange.close()
