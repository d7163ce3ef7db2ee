"""``Reading``: one account read for the page, as cheaply as it can be: a flat one costs a weight of 5.

The sums are core's, over what a single moment's answers tell; what hardly changes is kept for a while.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.exchange.port import AccountReader, MarketReader
from plimsoll.model.account import AccountSettings, PositionReport, Wallet
from plimsoll.model.market import AssetRate, ExchangeRules
from plimsoll.model.terms import AssetMode
from plimsoll.risk.crosscheck import equity_told
from plimsoll.risk.exposure import gross_exposure
from plimsoll.risk.unknown import times, total
from plimsoll.risk.valuation import quote_price, worth
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll_enforcer.viewing.values import Held, Holding, Orders

HOLDING_WEIGHT, FLAT_WEIGHT, KEPT_WEIGHT = 10, 5, 16
KEPT_SECONDS = 30.0
"""That switches and rates of the account are kept."""

RULES_SECONDS = 3600.0
EVERYWHERE_SECONDS = 60.0
"""Between two readings of all conditional orders, weight 40; in between only where one is known to be possible."""

MANY = 20
"""Symbols above which both lists of orders are read whole, weight 80."""

ALL_WEIGHT = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """What hardly changes, and the monotonic second at which it was read."""

    at: float
    settings: AccountSettings
    rates: tuple[AssetRate, ...]


class Reading:
    """Reads one account.

    Args:
        reader: Its signed reads, after everybody else's.
        market: Unsigned reads, likewise.
        clock: For what is kept.
    """

    def __init__(self, reader: AccountReader, market: MarketReader, clock: Clock) -> None:
        self._reader, self._market, self._clock = reader, market, clock
        self._kept: _Kept | None = None
        self._rules: tuple[float, ExchangeRules] | None = None
        self._conditional: frozenset[str] = frozenset()
        self._everywhere_at = float("-inf")

    def holding_weight(self, *, flat: bool) -> int:
        """What the next reading of money and positions costs."""
        return (FLAT_WEIGHT if flat else HOLDING_WEIGHT) + (0 if self._fresh() else KEPT_WEIGHT)

    async def holding(self) -> Holding:
        """Money and positions.

        Raises:
            ExchangeError: No usable answer.
        """
        kept, rules = await self._keep(), await self._keep_rules()
        wallet = await self._reader.wallet()
        reports = await self._reader.positions() if wallet.symbols else ()
        return holding_of(wallet, reports, kept.settings, rules, kept.rates)

    async def orders(self, symbols: frozenset[str]) -> Orders:
        """How many orders work.

        Args:
            symbols: With a position or a plain order.

        Raises:
            ExchangeError: No usable answer.
        """
        now = self._clock.monotonic()
        everywhere = now - self._everywhere_at >= EVERYWHERE_SECONDS or self._too_many(symbols)
        if everywhere:
            found = await self._reader.algo_orders()
            self._everywhere_at = now
        else:
            found = tuple(
                [order for one in sorted(symbols | self._conditional) for order in await self._reader.algo_orders(one)]
            )
        self._conditional = frozenset(order.symbol for order in found)
        return Orders(plain=await self._plain(symbols), conditional=len(found))

    def orders_weight(self, symbols: frozenset[str]) -> int:
        """What the next reading of orders costs."""
        due = self._clock.monotonic() - self._everywhere_at >= EVERYWHERE_SECONDS or self._too_many(symbols)
        plain = ALL_WEIGHT if len(symbols) > MANY else len(symbols)
        return plain + (ALL_WEIGHT if due else len(symbols | self._conditional))

    def _too_many(self, symbols: frozenset[str]) -> bool:
        return len(symbols | self._conditional) > MANY

    async def _plain(self, symbols: frozenset[str]) -> int:
        if len(symbols) > MANY:
            return len(await self._reader.plain_orders())
        return sum([len(await self._reader.plain_orders(one)) for one in sorted(symbols)])

    async def _keep(self) -> _Kept:
        if self._kept is None or not self._fresh():
            now, settings = self._clock.monotonic(), await self._reader.settings()
            rates = await self._market.asset_rates() if settings.asset_mode is AssetMode.MULTI else ()
            self._kept = _Kept(at=now, settings=settings, rates=tuple(rates))
        return self._kept

    def _fresh(self) -> bool:
        return self._kept is not None and self._clock.monotonic() - self._kept.at <= KEPT_SECONDS

    async def _keep_rules(self) -> ExchangeRules:
        now = self._clock.monotonic()
        if self._rules is None or now - self._rules[0] > RULES_SECONDS:
            self._rules = (now, await self._market.rules())
        return self._rules[1]


def holding_of(
    wallet: Wallet,
    reports: Iterable[PositionReport],
    settings: AccountSettings,
    rules: ExchangeRules,
    rates: tuple[AssetRate, ...],
) -> Holding:
    """The figures of one reading. Pure.

    Args:
        wallet: Balances and sums.
        reports: Open positions.
        settings: Whether one asset margins or many.
        rules: Contracts and the assets that count.
        rates: Of assets in multi-assets mode.
    """
    listed = tuple(reports)
    market = MarketState(
        rates={rate.asset: rate for rate in rates}, instruments=rules.instruments, margin_assets=rules.margin_assets()
    )
    rows = tuple(_held(report, settings, market) for report in listed)
    return Holding(
        equity_usd=equity_told(_book(wallet, listed, settings), market, wallet),
        exposure_usd=gross_exposure(row.exposure_usd for row in rows),
        unrealized_pnl_usd=total(row.unrealized_pnl_usd for row in rows),
        positions=tuple(sorted(rows, key=_size, reverse=True)),
        symbols=wallet.symbols,
    )


def _held(report: PositionReport, settings: AccountSettings, market: MarketState) -> Held:
    position = report.position
    notional = position.quantity * report.mark_price
    return Held(
        symbol=position.symbol,
        position_side=position.position_side,
        amount=position.amount,
        entry_price=position.entry_price,
        mark_price=report.mark_price,
        exposure_usd=times(notional, quote_price(position.symbol, position.margin_asset, market)),
        unrealized_pnl_usd=worth(report.unrealized_pnl, position.margin_asset, settings.asset_mode, market),
    )


def _book(wallet: Wallet, reports: tuple[PositionReport, ...], settings: AccountSettings) -> Book:
    return Book(
        settings=settings,
        balances={balance.asset: balance for balance in wallet.balances},
        positions={report.position.key: report.position for report in reports},
        orders=None,
        leverage={},
        brackets={},
    )


def _size(row: Held) -> Decimal:
    return row.exposure_usd if row.exposure_usd is not None else abs(row.amount) * row.mark_price
