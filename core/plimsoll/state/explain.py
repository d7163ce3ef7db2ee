"""Is every change of the wallet explained by a fill, a fee, funding or a flow?

Events tell both halves separately: ``ACCOUNT_UPDATE`` the new wallet and what moved besides trading, the order events
profit and commission. What one half tells is added, what the other explains is taken away; when all has arrived the
rest is zero. After a gap the missing explanations come from the income history. What stays is unexplained, and figures
made meanwhile are not to be trusted. Pure; times are the exchange's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from plimsoll.model.account import ZERO, Income
from plimsoll.model.events import AccountEvent, AccountUpdate, Fill, OrderUpdate
from plimsoll.model.market import Instrument
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState

KEPT_TRADES = 1000
"""How many trade ids are remembered, so that the income history does not explain the same trade again."""

DUST = Decimal("0.00000010")
"""Below this an asset's rest is rounding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Transaction times between which the wallet changed unseen: after ``start_ms``, up to and including ``end_ms``."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Unexplained:
    """What is known of the wallet's changes and not yet explained.

    Attributes:
        rest: Wallet change minus explanations, by asset.
        included_ms: Transaction time up to which a reading told the wallet, by asset: what is older explains nothing.
        windows: Gaps that the income history has to explain, by asset.
        trades: Trades that were already taken as explanations, newest last; ids are unique within a symbol only.
    """

    rest: Mapping[str, Decimal] = field(default_factory=dict)
    included_ms: Mapping[str, int] = field(default_factory=dict)
    windows: Mapping[str, Window] = field(default_factory=dict)
    trades: tuple[tuple[str, int], ...] = ()


def start(book: Book) -> Unexplained:
    """Begin with the first reading: all it shows is taken as given."""
    return Unexplained(included_ms={asset: balance.updated_ms for asset, balance in book.balances.items()})


def after_event(
    known: Unexplained, before: Book, after: Book, event: AccountEvent, instruments: Mapping[str, Instrument]
) -> Unexplained:
    """Take in one event, given the book before and after it."""
    if isinstance(event, AccountUpdate):
        rest = dict(known.rest)
        for change in event.balances:
            moved = _wallet(after, change.asset) - _wallet(before, change.asset)
            told = change.change if event.time_ms > known.included_ms.get(change.asset, 0) else ZERO
            rest[change.asset] = rest.get(change.asset, ZERO) + moved - told
        return replace(known, rest=_without_dust(rest))
    if isinstance(event, OrderUpdate) and event.fill is not None:
        return _after_fill(known, event, event.fill, instruments.get(event.order.symbol))
    return known


def after_reading(known: Unexplained, before: Book, after: Book, *, gap: bool) -> Unexplained:
    """Take in a reading that replaced the wallet.

    Args:
        known: What was known before.
        before: The book that the events had made.
        after: The book with the reading in it.
        gap: True after a gap in the stream, when events up to the reading are lost; false for a correction in the
            middle, when their explanations may still arrive.
    """
    rest, windows, included = dict(known.rest), dict(known.windows), dict(known.included_ms)
    for asset, balance in after.balances.items():
        old = before.balances.get(asset)
        moved = balance.wallet - (old.wallet if old else ZERO)
        if moved != 0:
            rest[asset] = rest.get(asset, ZERO) + moved
            opened = windows[asset].start_ms if asset in windows else (old.updated_ms if old else 0)
            windows[asset] = Window(start_ms=opened, end_ms=balance.updated_ms)
        if gap:
            included[asset] = balance.updated_ms
    return replace(known, rest=_without_dust(rest), windows=windows, included_ms=included)


def after_income(
    known: Unexplained, rows: Iterable[Income], market: MarketState, tolerance_usd: Decimal
) -> Unexplained:
    """Let the income history explain the gaps; an asset whose rest would stay above the tolerance is left as it is."""
    rest, windows, included = dict(known.rest), dict(known.windows), dict(known.included_ms)
    listed = list(rows)
    for asset, window in known.windows.items():
        left = rest.get(asset, ZERO) - sum((row.amount for row in listed if _explains(row, asset, window, known)), ZERO)
        price = market.price_of(asset)
        if price is not None and abs(left) * price <= tolerance_usd:
            rest[asset] = left
            included[asset] = max(included.get(asset, 0), window.end_ms)
            del windows[asset]
    return replace(known, rest=_without_dust(rest), windows=windows, included_ms=included)


def forgive(known: Unexplained) -> Unexplained:
    """Give up: what is left counts as performance."""
    return replace(known, rest={}, windows={})


def value_usd(known: Unexplained, market: MarketState) -> Decimal | None:
    """The unexplained change in USD, signed; ``None`` while an asset of it cannot be valued."""
    total = ZERO
    for asset, amount in known.rest.items():
        price = market.price_of(asset)
        if price is None:
            return None
        total += amount * price
    return total


def size_usd(known: Unexplained, market: MarketState) -> Decimal | None:
    """The same without letting assets cancel out: what the tolerance is compared with."""
    prices = {asset: market.price_of(asset) for asset in known.rest}
    if None in prices.values():
        return None
    return sum((abs(amount) * (prices[asset] or ZERO) for asset, amount in known.rest.items()), ZERO)


def _after_fill(known: Unexplained, event: OrderUpdate, fill: Fill, instrument: Instrument | None) -> Unexplained:
    trade = (event.order.symbol, fill.trade_id)
    if trade in known.trades:
        return known
    rest = dict(known.rest)
    settled_in = instrument.margin_asset if instrument is not None else ""
    for asset, amount in ((settled_in, fill.realized_pnl), (fill.commission_asset, -fill.commission)):
        if amount != 0 and event.time_ms > known.included_ms.get(asset, 0):
            rest[asset] = rest.get(asset, ZERO) - amount
    return replace(known, rest=_without_dust(rest), trades=(*known.trades, trade)[-KEPT_TRADES:])


def _explains(row: Income, asset: str, window: Window, known: Unexplained) -> bool:
    counted = row.trade_id.isdigit() and (row.symbol, int(row.trade_id)) in known.trades
    return row.asset == asset and window.start_ms < row.time_ms <= window.end_ms and not counted


def _wallet(book: Book, asset: str) -> Decimal:
    balance = book.balances.get(asset)
    return balance.wallet if balance else ZERO


def _without_dust(rest: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {asset: amount for asset, amount in rest.items() if abs(amount) > DUST}
