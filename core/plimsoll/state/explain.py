"""Is every change of the wallet explained by a fill, a fee, funding or a flow?

Events tell both halves separately: ``ACCOUNT_UPDATE`` the new wallet and what moved besides trading, the order events
profit and commission. What one half tells is added, what the other explains is taken away; when all has arrived the
rest is zero. After a gap the missing explanations come from the income history (``explain_history``). What stays is
unexplained, and figures made meanwhile are not to be trusted. Pure; times are the exchange's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from plimsoll.model.account import ZERO
from plimsoll.model.events import AccountEvent, AccountUpdate, BalanceChange, Fill, OrderUpdate
from plimsoll.model.market import Instrument
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState

KEPT_TRADES = 1000
"""How many trades are remembered, so that the income history does not explain the same trade again."""

DUST = Decimal("0.00000010")
"""Below this an asset's rest is rounding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Transaction times between which the wallet changed unseen: after ``start_ms``, up to and including ``end_ms``.

    Attributes:
        told: What the stream explained of it, trades apart, since the window was opened or the history last explained
            something: the history lists all that again.
    """

    start_ms: int
    end_ms: int
    told: Decimal = ZERO


@dataclass(frozen=True, kw_only=True, slots=True)
class Unexplained:
    """What is known of the wallet's changes and not yet explained.

    Attributes:
        rest: Wallet change minus explanations, by asset.
        included_ms: Transaction time up to which a reading told the wallet, by asset: what is older explains nothing.
        windows: Gaps that the income history has to explain, by asset.
        trades: Trades already taken as explanations, newest last: symbol (ids are unique within one only), id, asset.
        rows: Keys of income rows already taken as explanations, newest last.
        accepted: The part of ``rest`` that counts as performance, by asset: what changes it later is judged anew, also
            where the sum of both is nothing.
        given_up: What was forgotten and may yet be found to have been a flow, by asset; in ``rest`` no more.
    """

    rest: Mapping[str, Decimal] = field(default_factory=dict)
    included_ms: Mapping[str, int] = field(default_factory=dict)
    windows: Mapping[str, Window] = field(default_factory=dict)
    trades: tuple[tuple[str, int, str], ...] = ()
    rows: tuple[str, ...] = ()
    accepted: Mapping[str, Decimal] = field(default_factory=dict)
    given_up: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def fresh(self) -> Mapping[str, Decimal]:
        """What is unexplained and does not count as performance yet, by asset."""
        parts = {
            asset: self.rest.get(asset, ZERO) - self.accepted.get(asset, ZERO)
            for asset in self.rest.keys() | self.accepted.keys()
        }
        return {asset: amount for asset, amount in parts.items() if abs(amount) > DUST}

    @property
    def whole(self) -> bool:
        """Whether every change of the wallet is explained."""
        return not self.rest and not self.accepted


def start(book: Book) -> Unexplained:
    """Begin with the first reading: all it shows is taken as given."""
    return Unexplained(included_ms={asset: balance.updated_ms for asset, balance in book.balances.items()})


def after_event(
    known: Unexplained, before: Book, after: Book, event: AccountEvent, instruments: Mapping[str, Instrument]
) -> Unexplained:
    """Take in one event, given the book before and after it."""
    if isinstance(event, AccountUpdate):
        for change in event.balances:
            known = _after_change(known, before, after, change, event.time_ms)
        return known
    if isinstance(event, OrderUpdate) and event.fill is not None:
        return _after_fill(known, event, event.fill, settled_in(after, event.order.symbol, instruments))
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
            windows[asset] = _widened(known, before, asset, balance.updated_ms, ZERO)
        if gap:
            included[asset] = balance.updated_ms
    return settled(replace(known, included_ms=included, rest=rest, windows=windows))


def accept(known: Unexplained) -> Unexplained:
    """What is left counts as performance from now on, until something explains it."""
    return replace(known, accepted=dict(known.rest))


def forgive(known: Unexplained, parts: Mapping[str, Decimal]) -> Unexplained:
    """Give up parts of the rest, the accepted ones or all of it: they count as performance for good."""
    gone = {asset: known.given_up.get(asset, ZERO) + amount for asset, amount in parts.items()}
    rest = {asset: known.rest.get(asset, ZERO) - parts.get(asset, ZERO) for asset in known.rest.keys() | parts.keys()}
    return settled(replace(known, rest=rest, accepted={}, given_up={**known.given_up, **gone}))


def lessened(known: Unexplained, asset: str, explained: Decimal, *, whole: bool = False) -> Unexplained:
    """Take away what something explained: of what is still waited for, else of what passes for performance.

    Args:
        known: Before.
        asset: Whose wallet.
        explained: By how much it is explained to have changed.
        whole: It may explain what passes for performance in part; half a trade may not, since its other half comes.
    """
    rest, accepted = known.rest.get(asset, ZERO), known.accepted.get(asset, ZERO)
    fresh, rest = rest - accepted, rest - explained
    if abs(rest) <= DUST:
        accepted = ZERO
    elif whole and abs(fresh - explained) >= abs(fresh) and abs(accepted - explained) < abs(accepted):
        accepted -= explained
    return settled(replace(known, rest={**known.rest, asset: rest}, accepted={**known.accepted, asset: accepted}))


def settled(known: Unexplained) -> Unexplained:
    """The same without what is explained to the last cent."""
    rest = {asset: amount for asset, amount in known.rest.items() if abs(amount) > DUST}
    accepted = {asset: amount for asset, amount in known.accepted.items() if abs(amount) > DUST}
    kept = known.windows.keys() & (rest.keys() | accepted.keys())
    return replace(known, rest=rest, accepted=accepted, windows={asset: known.windows[asset] for asset in kept})


def value_usd(known: Unexplained, market: MarketState) -> Decimal | None:
    """The unexplained change in USD, signed; ``None`` while an asset of it cannot be valued."""
    total = ZERO
    for asset, amount in known.rest.items():
        price = market.price_of(asset)
        if price is None:
            return None
        total += amount * price
    return total


def size_usd(rest: Mapping[str, Decimal], market: MarketState) -> Decimal | None:
    """The size of changes by asset in USD, without letting assets cancel out: what the tolerance is compared with."""
    prices = {asset: market.price_of(asset) for asset, amount in rest.items() if amount != 0}
    if None in prices.values():
        return None
    return sum((abs(rest[asset]) * (price or ZERO) for asset, price in prices.items()), ZERO)


def _after_change(known: Unexplained, before: Book, after: Book, change: BalanceChange, time_ms: int) -> Unexplained:
    asset = change.asset
    moved = _wallet(after, asset) - _wallet(before, asset)
    told = change.change if time_ms > known.included_ms.get(asset, 0) else ZERO
    rest = {**known.rest, asset: known.rest.get(asset, ZERO) + moved - told}
    windows = dict(known.windows)
    if moved != told or asset in windows:
        windows[asset] = _widened(known, before, asset, time_ms, told)
    return settled(replace(known, rest=rest, windows=windows))


def _widened(known: Unexplained, before: Book, asset: str, end_ms: int, told: Decimal) -> Window:
    """The asset's window, made to reach from its last explained change to this one."""
    if asset in known.windows:
        window = known.windows[asset]
        return Window(start_ms=window.start_ms, end_ms=max(window.end_ms, end_ms), told=window.told + told)
    balance = before.balances.get(asset)
    unchanged_until = max((other.updated_ms for other in before.balances.values()), default=0)
    start_ms = (balance.updated_ms if balance is not None else 0) or unchanged_until
    return Window(start_ms=start_ms, end_ms=end_ms, told=told)


def _after_fill(known: Unexplained, event: OrderUpdate, fill: Fill, settled_in: str) -> Unexplained:
    parts = {fill.commission_asset: -fill.commission}
    parts[settled_in] = parts.get(settled_in, ZERO) + fill.realized_pnl
    for asset, amount in parts.items():
        trade = (event.order.symbol, fill.trade_id, asset)
        if asset and amount != 0 and trade not in known.trades and event.time_ms > known.included_ms.get(asset, 0):
            known = replace(lessened(known, asset, amount), trades=(*known.trades, trade)[-KEPT_TRADES:])
    return known


def settled_in(book: Book, symbol: str, instruments: Mapping[str, Instrument]) -> str:
    """The asset that a symbol's profit goes to; empty while nothing tells it, then the income history explains it."""
    if symbol in instruments:
        return instruments[symbol].margin_asset
    return next((item.margin_asset for item in book.positions.values() if item.symbol == symbol), "")


def _wallet(book: Book, asset: str) -> Decimal:
    balance = book.balances.get(asset)
    return balance.wallet if balance else ZERO
