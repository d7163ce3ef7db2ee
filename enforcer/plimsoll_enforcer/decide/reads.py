"""``Reads``: one re-read of an account and the market of the same moment, and the money that is in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.model.account import AccountSettings, Balance, Income, PositionReport, Wallet
from plimsoll.model.market import AssetRate, Instrument, Mark
from plimsoll.risk.crosscheck import equity_told
from plimsoll.risk.equity import counted_assets, money_of, pnl_by_asset, unrealized_pnl
from plimsoll.risk.flows import flow_value, income_flows
from plimsoll.risk.unknown import total
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState

STALE_MS = 10_000
"""Age at which a mark price no longer tells what an account is worth."""

ROW_MS = 1_000
"""A row of the income history is dated so close to the change of the wallet that it explains; funding is rounded."""

AHEAD_MS = 60_000
"""So much may the sender's idea of the exchange's time be ahead of ours."""

TRADE_MS = 100
"""A trade changes position and wallet within so much."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reads:
    """What was read, all of it within one moment.

    Attributes:
        incomes: Every row of the income history since the alert's flows; empty where the wallet did not change since.
        now_ms: The exchange's time of the reads.
    """

    wallet: Wallet
    positions: tuple[PositionReport, ...]
    settings: AccountSettings
    marks: tuple[Mark, ...]
    instruments: Mapping[str, Instrument]
    margin_assets: frozenset[str]
    rates: tuple[AssetRate, ...] = ()
    incomes: tuple[Income, ...] = field(default=())
    now_ms: int

    @property
    def flat(self) -> bool:
        """No position and no plain order; conditional orders are not read here."""
        return not self.positions and not self.wallet.symbols

    def book(self) -> Book:
        """The account, as far as its money goes."""
        return Book(
            settings=self.settings,
            balances={balance.asset: balance for balance in self.wallet.balances},
            positions={report.position.key: report.position for report in self.positions},
            orders=None,
            leverage={},
            brackets={},
        )

    def market(self) -> MarketState:
        """The market, without prices that are too old; those of the future are ours that is slow."""
        return MarketState(
            marks={mark.symbol: mark for mark in self.marks if self.now_ms - mark.time_ms <= STALE_MS},
            rates={rate.asset: rate for rate in self.rates},
            instruments=self.instruments,
            margin_assets=self.margin_assets,
        )


def equity_of(reads: Reads) -> Decimal | None:
    """Wallet balances and quantities at ``premiumIndex`` marks; ``None`` where a price is missing or old."""
    book, market = reads.book(), reads.market()
    pnls = pnl_by_asset(
        (position.margin_asset, unrealized_pnl(position, _mark(market, position.symbol)))
        for position in book.positions.values()
    )
    return money_of(book, market, pnls).equity


def equity_by_exchange(reads: Reads) -> Decimal | None:
    """The same as the exchange adds it up in one answer, which no trade can fall into the middle of."""
    return equity_told(reads.book(), reads.market(), reads.wallet)


def is_future(reads: Reads, seconds: float) -> bool:
    """Whether an exchange time is still to come: by our clock and by the prices, of which one may be slow."""
    now_ms = max((reads.now_ms, *(mark.time_ms for mark in reads.marks)))
    return seconds * 1000 > now_ms + AHEAD_MS


def flows_after(reads: Reads, seconds: float) -> tuple[tuple[float, Decimal | None], ...]:
    """External flows after a time: exchange time (Unix seconds) and USD of each, ``None`` where it has no rate."""
    book, market = reads.book(), reads.market()
    counted = counted_assets(book, market) or frozenset()
    rows = [row for row in reads.incomes if row.time_ms > round(seconds * 1000)]
    return tuple(
        (row.time_ms / 1000, flow_value(row.asset, row.amount, book, market)) for row in income_flows(rows, counted)
    )


def sum_of(flows: tuple[tuple[float, Decimal | None], ...]) -> Decimal | None:
    """All of them together; unknown where one is."""
    return total(usd for _, usd in flows)


def changed_after(reads: Reads, seconds: float) -> bool:
    """Whether the wallet changed after a time, so that the income history must be asked why."""
    return any(balance.updated_ms > round(seconds * 1000) for balance in reads.wallet.balances)


def unexplained(reads: Reads, seconds: float) -> tuple[str, ...]:
    """Assets whose last change, after a time, neither the income history nor a trade of an open position explains yet.

    A trade moves position and wallet at once, while the income history may lag by minutes; a transfer moves the wallet
    alone, so that only the history tells it.
    """
    counted = counted_assets(reads.book(), reads.market()) or frozenset()
    return tuple(
        sorted(
            balance.asset
            for balance in reads.wallet.balances
            if balance.asset in counted
            and balance.updated_ms > round(seconds * 1000)
            and not _explained(reads, balance)
        )
    )


def _explained(reads: Reads, balance: Balance) -> bool:
    changed_ms = balance.updated_ms
    traded = any(report.position.updated_ms >= changed_ms - TRADE_MS for report in reads.positions)
    return traded or any(row.asset == balance.asset and row.time_ms >= changed_ms - ROW_MS for row in reads.incomes)


def _mark(market: MarketState, symbol: str) -> Decimal | None:
    mark = market.marks.get(symbol)
    return None if mark is None else mark.price
