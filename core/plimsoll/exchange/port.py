"""The seam to the exchange: what the rest of the product may ask of it, in the product's own language.

``exchange.rest`` and the streams implement these; tests pass in fakes. Every method may raise ``ExchangeError``
(see ``plimsoll.errors``) and nothing else. Nothing here places, changes or cancels an order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from plimsoll.model.account import (
    AccountSettings,
    Income,
    KeyPermissions,
    PositionReport,
    SymbolSettings,
    Wallet,
)
from plimsoll.model.events import AccountEvent, AlgoUpdate, MarketEvent
from plimsoll.model.market import AssetRate, Bracket, ExchangeRules, Mark
from plimsoll.model.orders import Order


class AccountReader(Protocol):
    """Signed reads of one account."""

    async def wallet(self) -> Wallet:
        """``GET /fapi/v3/account``, weight 5."""

    async def positions(self) -> tuple[PositionReport, ...]:
        """``GET /fapi/v3/positionRisk``, weight 5; open positions only."""

    async def settings(self) -> AccountSettings:
        """``GET /fapi/v1/accountConfig``, weight 5."""

    async def symbol_settings(self) -> tuple[SymbolSettings, ...]:
        """``GET /fapi/v1/symbolConfig``, weight 5; every symbol."""

    async def brackets(self) -> Mapping[str, tuple[Bracket, ...]]:
        """``GET /fapi/v1/leverageBracket``, weight 1; every symbol, ascending by floor."""

    async def plain_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """``GET /fapi/v1/openOrders``, weight 1 with a symbol, 40 without."""

    async def algo_orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """``GET /fapi/v1/openAlgoOrders``, weight 1 with a symbol, 40 without."""

    async def algo_order(self, algo_id: int) -> AlgoUpdate:
        """``GET /fapi/v1/algoOrder``, weight 1; as it stands now, ended ones too. Its answer never tells a reason."""

    async def income(self, *, start_ms: int) -> tuple[Income, ...]:
        """``GET /fapi/v1/income`` from ``start_ms`` on, weight 30 a page; every type, oldest first."""

    async def key_permissions(self) -> KeyPermissions | None:
        """``GET /sapi/v1/account/apiRestrictions``; ``None`` where the environment has no such endpoint."""

    async def open_listen_key(self) -> str:
        """``POST /fapi/v1/listenKey``, weight 1; gives the running key again and extends it where there is one."""

    async def extend_listen_key(self) -> None:
        """``PUT /fapi/v1/listenKey``, weight 1; raises ``Refused`` with code -1125 when the key is gone."""


class MarketReader(Protocol):
    """Unsigned reads that serve every account."""

    async def rules(self) -> ExchangeRules:
        """``GET /fapi/v1/exchangeInfo``, weight 1."""

    async def marks(self) -> tuple[Mark, ...]:
        """``GET /fapi/v1/premiumIndex``, weight 10; every symbol."""

    async def asset_rates(self) -> tuple[AssetRate, ...]:
        """``GET /fapi/v1/assetIndex``, weight 10; every asset of multi-assets mode."""

    async def measure_clock(self) -> None:
        """``GET /fapi/v1/time``, weight 1; sets the exchange clock's offset."""


class AccountSink(Protocol):
    """Where a private stream delivers; called on the event loop, must not block or raise."""

    def stream_opened(self, form: str) -> None:
        """The socket is open and subscribed; everything missed before must be read again."""

    def stream_lost(self, reason: str) -> None:
        """The socket is gone, or can no longer be believed; a new one is on its way."""

    def stream_event(self, event: AccountEvent) -> None:
        """One event, each exactly once per socket life, in the order of arrival."""


class MarketSink(Protocol):
    """Where the market stream delivers; called on the event loop, must not block or raise."""

    def market_event(self, event: MarketEvent) -> None:
        """One mark price, asset rate or last price."""

    def market_lost(self, reason: str) -> None:
        """The socket is gone; a new one is on its way."""


class PrivateStream(Protocol):
    """The user-data stream of one account, kept open by a supervisor."""

    async def run(self) -> None:
        """Keep the stream open until cancelled."""

    def distrust(self, reason: str) -> None:
        """Something happened on the account that the stream did not tell: reopen, in the next form of the URL."""


class MarketStream(Protocol):
    """Mark prices (and asset rates, and last prices) of what anybody holds, over one connection."""

    async def run(self) -> None:
        """Keep the stream open until cancelled."""

    def want(self, symbols: Iterable[str], *, asset_rates: bool, last_prices: Iterable[str] = ()) -> None:
        """Set which symbols' marks and last prices are needed now; new ones are subscribed at once."""


class Observer(Protocol):
    """Who is told how the calls and streams go; the exporter makes metrics of it."""

    def request(self, endpoint: str, seconds: float, failure: str | None) -> None:
        """One REST call ended; ``failure`` is one of ``errors.FAILURE_KINDS`` or ``None``."""

    def weight(self, used: int, limit: int) -> None:
        """Request weight used in the running minute, and the limit of the address."""

    def clock_offset(self, seconds: float) -> None:
        """The exchange's clock minus ours."""

    def stream_event(self, account: str, event: str, delay: float) -> None:
        """One event arrived ``delay`` seconds after the exchange sent it."""

    def stream_reconnect(self, stream: str) -> None:
        """A stream was opened again after a loss; ``stream`` is the account's name or ``market``."""


class SilentObserver:
    """An observer that tells nobody."""

    def request(self, endpoint: str, seconds: float, failure: str | None) -> None:
        """Ignore."""

    def weight(self, used: int, limit: int) -> None:
        """Ignore."""

    def clock_offset(self, seconds: float) -> None:
        """Ignore."""

    def stream_event(self, account: str, event: str, delay: float) -> None:
        """Ignore."""

    def stream_reconnect(self, stream: str) -> None:
        """Ignore."""
