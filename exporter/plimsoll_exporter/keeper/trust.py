"""How far an account can be believed at a moment, and why not. Pure: ages and times are passed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.model.account import ZERO
from plimsoll.model.market import AssetRate, Instrument, LastPrice, Mark
from plimsoll.model.terms import AssetMode, PriceKind, Purpose
from plimsoll.state.book import Book
from plimsoll.state.market import USD_ASSETS, MarketState
from plimsoll_exporter.view import Status

MARK_AGE_SECONDS = 3.0
"""How old a mark price may be; the exchange sends one every second."""

AHEAD_SECONDS = 2.0
"""How far a price may be stamped ahead of the exchange's time: so well do we know its clock. Beyond, it is no price."""

RATE_AGE_SECONDS = 10.0
"""How old a conversion rate of multi-assets mode may be; the exchange sends one every second, less reliably."""

LAST_AGE_SECONDS = 60.0
"""How old a last price may be: it holds until the next trade, and where nobody trades the exchange may be silent."""

EXPLAIN_SECONDS = 60.0
"""How long an unexplained wallet change spoils the samples; after that it counts as performance."""

UNEXPLAINED_USD = Decimal(1)
"""The tolerance for an unexplained wallet change, however small the account is."""

UNEXPLAINED_RATIO = Decimal("0.0005")


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What the keeper knows of its sources.

    Attributes:
        connected: The private stream is open.
        synced: A reading was taken after it opened, and every event since was applied.
        was_live: The account was live before.
        reconciled_age: Seconds since the last reading that agreed or was adopted.
        trouble: The last failure in words; empty when the last reading went well.
    """

    connected: bool
    synced: bool
    was_live: bool
    reconciled_age: float
    allowed_age: float
    trouble: str


def judge(evidence: Evidence, book: Book | None, market: MarketState, exchange_ms: float) -> tuple[Status, str]:
    """The account's status, and in words why it is not live."""
    if not evidence.connected:
        status = Status.STALE if evidence.was_live else Status.CONNECTING
        return status, evidence.trouble or "the private stream is not open"
    if not evidence.synced or book is None:
        return Status.SYNCING, evidence.trouble or "reading the account"
    if evidence.reconciled_age > evidence.allowed_age:
        since = f"not reconciled for {evidence.reconciled_age:.0f} s"
        return Status.STALE, f"{since}: {evidence.trouble}" if evidence.trouble else since
    reason = next(_old_prices(book, market, exchange_ms), "")
    if reason:
        return Status.STALE if evidence.was_live else Status.SYNCING, reason
    return Status.LIVE, ""


def unexplained_limit(equity: Decimal | None) -> Decimal:
    """Unexplained wallet change in USD up to which samples are trusted."""
    return max(UNEXPLAINED_USD, UNEXPLAINED_RATIO * equity) if equity is not None else UNEXPLAINED_USD


def mark_needs(book: Book, instruments: Mapping[str, Instrument]) -> frozenset[str]:
    """Symbols whose mark price the account's figures need: what it holds, orders, and what values its assets."""
    assets = {balance.asset for balance in book.balances.values() if balance.wallet != ZERO}
    assets |= {instruments[symbol].quote_asset for symbol in book.symbols() & instruments.keys()}
    assets -= USD_ASSETS
    valued = {symbol for asset in assets if (symbol := f"{asset}USDT") in instruments}
    return book.symbols() | valued


def last_needs(book: Book) -> frozenset[str]:
    """Symbols whose last price is needed: those with a position and a stop that watches it, if only to see it hang."""
    held = {symbol for symbol, _ in book.positions}
    return frozenset(
        order.symbol
        for order in (book.orders or {}).values()
        if order.symbol in held and order.purpose is Purpose.STOP and order.watches is PriceKind.LAST
    )


def fresh(market: MarketState, exchange_ms: float) -> MarketState:
    """The market without prices and rates that are too old to be shown, or of a time to come."""
    return replace(
        market,
        marks={
            symbol: mark for symbol, mark in market.marks.items() if not _age_fault(mark, exchange_ms, MARK_AGE_SECONDS)
        },
        rates={
            asset: rate for asset, rate in market.rates.items() if not _age_fault(rate, exchange_ms, RATE_AGE_SECONDS)
        },
        lasts=fresh_lasts(market.lasts, exchange_ms),
    )


def fresh_lasts(lasts: Mapping[str, LastPrice], exchange_ms: float) -> dict[str, LastPrice]:
    """The last prices that are not too old to be believed, nor of a time to come."""
    return {symbol: last for symbol, last in lasts.items() if not _age_fault(last, exchange_ms, LAST_AGE_SECONDS)}


def _age_fault(price: Mark | AssetRate | LastPrice, exchange_ms: float, allowed: float) -> str:
    """In words why a price cannot be used at this time; empty where it can."""
    age = (exchange_ms - price.time_ms) / 1000
    if age < -AHEAD_SECONDS:
        return f"is stamped {-age:.0f} s ahead of the exchange's clock"
    return f"is {age:.0f} s old" if age > allowed else ""


def _pricing_symbols(book: Book, market: MarketState) -> set[str]:
    """Symbols whose marks make USD of what is counted in another asset: margin assets in the wallet, quote assets."""
    counted = market.margin_assets if book.settings.asset_mode is AssetMode.SINGLE else frozenset[str]()
    assets = {balance.asset for balance in book.balances.values() if balance.wallet != ZERO} & counted
    held = {symbol for symbol, _ in book.positions}
    assets |= {market.instruments[symbol].quote_asset for symbol in held & market.instruments.keys()}
    return {f"{asset}USDT" for asset in assets - USD_ASSETS}


def _old_prices(book: Book, market: MarketState, exchange_ms: float) -> Iterator[str]:
    for symbol in sorted({symbol for symbol, _ in book.positions} | _pricing_symbols(book, market)):
        mark = market.marks.get(symbol)
        if mark is None:
            yield f"no mark price of {symbol} yet"
        elif fault := _age_fault(mark, exchange_ms, MARK_AGE_SECONDS):
            yield f"the mark price of {symbol} {fault}"
    if book.settings.asset_mode is AssetMode.MULTI:
        if not market.rates:
            yield "no conversion rates yet"
        held = sorted(balance.asset for balance in book.balances.values() if balance.wallet != ZERO)
        for asset in held:
            rate = market.rates.get(asset)
            if rate is not None and (fault := _age_fault(rate, exchange_ms, RATE_AGE_SECONDS)):
                yield f"the conversion rate of {asset} {fault}"
