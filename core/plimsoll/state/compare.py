"""Where a reading of the exchange and the book that events made disagree, and how the reading is adopted.

A reading of which nothing is as new as our row may lag behind the stream: that is no disagreement while the row is
young, but no proof of the row either (``account_unlike``, ``orders_unlike``): an exchange's clock that went back stamps
what changed since as if it were older. (The row itself may well be older, for the exchange does not renew its time at
every change.) One disagreement alone proves nothing either, since an event may be on its way: the keeper asks twice and
adopts what both readings say.
Whether the stream lost an event or is merely late shows afterwards: ``untold`` is what it has not told even then.
Everywhere ``now_ms`` is the exchange's time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf

from plimsoll.model.account import AccountSettings, Balance, Position, PositionKey, PositionReport, SymbolSettings
from plimsoll.model.events import (
    AccountEvent,
    AccountUpdate,
    AlgoUpdate,
    BalanceChange,
    LeverageChange,
    OrderUpdate,
    PositionChange,
)
from plimsoll.model.orders import Order
from plimsoll.state.apply import OLDEST
from plimsoll.state.book import Book, Stamp

AMOUNT_TOLERANCE = Decimal("0.0000001")
RATIO_TOLERANCE = Decimal("0.000001")

LAG_MS = 40_000
"""A row stamped longer ago than this, or in the future, does not excuse a reading: no reading lags so far behind.

It is less than the pause between two readings: what a row excused once is mostly found by the next one.
"""

FIELDS = (
    "wallet",
    "cross_wallet",
    "position",
    "entry_price",
    "margin_mode",
    "isolated_wallet",
    "order",
    "leverage",
    "position_mode",
    "asset_mode",
    "maintenance_margin",
    "liquidation_price",
    "equity",
)
"""Every field that a reconcile compares: the values of the label ``field``."""

Excuse = Callable[[Hashable, int], bool]
"""Whether a reading, of which the newest row is of this time in ms, may lag behind our row of this key."""

NONE = "none"
"""What a difference calls a row that is not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One value on which the exchange and we disagree; ``ours`` and ``theirs`` are texts for people."""

    field: str
    key: Hashable
    ours: str
    theirs: str

    def __str__(self) -> str:
        """Say it in one line."""
        key = "/".join(map(str, self.key)) if isinstance(self.key, tuple) else self.key
        return f"{self.field} of {key}: we had {self.ours}, the exchange says {self.theirs}"


def lasting(found: Iterable[Difference], suspects: Iterable[Difference]) -> frozenset[Difference]:
    """Differences that an earlier reading showed too, while no event moved our value: the stream will not tell them.

    What the exchange says may have moved on meanwhile: an account that trades says something new at each reading.
    """
    known = {(suspect.field, suspect.key, suspect.ours) for suspect in suspects}
    return frozenset(item for item in found if (item.field, item.key, item.ours) in known)


def untold(adopted: Iterable[Difference], event: AccountEvent) -> frozenset[Difference]:
    """The adopted differences without those of which the event says what the exchange's reading said before it."""
    said = frozenset(_said_by(event))
    return frozenset(item for item in adopted if (item.field, item.key, item.theirs) not in said)


def account_differences(
    book: Book, balances: Iterable[Balance], reports: Iterable[PositionReport], *, now_ms: int
) -> frozenset[Difference]:
    """Balances and positions that differ from what the exchange says; the balances were read first."""
    return _account_differences(book, balances, reports, lambda key, newest: _excused(book, key, newest, now_ms))


def account_unlike(book: Book, balances: Iterable[Balance], reports: Iterable[PositionReport]) -> frozenset[Difference]:
    """The same with those which the reading may lag behind."""
    return _account_differences(book, balances, reports, _never)


def order_differences(
    book: Book, orders: Iterable[Order], symbols: frozenset[str] | None, *, now_ms: int
) -> frozenset[Difference]:
    """Open orders that differ; ``symbols`` limits the comparison to those that were read, ``None`` is all of them."""
    return _order_differences(book, orders, symbols, lambda key, newest: _excused(book, key, newest, now_ms))


def orders_unlike(book: Book, orders: Iterable[Order], symbols: frozenset[str] | None) -> frozenset[Difference]:
    """The same with those which the reading may lag behind."""
    return _order_differences(book, orders, symbols, _never)


def settings_differences(
    book: Book, settings: AccountSettings, symbol_settings: Iterable[SymbolSettings]
) -> frozenset[Difference]:
    """Account-wide and per-symbol switches that differ; a symbol that was listed meanwhile is no difference."""
    found = {
        Difference(field=name, key="account", ours=getattr(book.settings, name), theirs=getattr(settings, name))
        for name in ("position_mode", "asset_mode")
        if getattr(book.settings, name) is not getattr(settings, name)
    }
    found |= {
        Difference(field="leverage", key=item.symbol, ours=str(book.leverage[item.symbol]), theirs=str(item.leverage))
        for item in symbol_settings
        if item.symbol in book.leverage and book.leverage[item.symbol] != item.leverage
    }
    return frozenset(found)


def adopt_account(
    book: Book,
    balances: Iterable[Balance],
    reports: Iterable[PositionReport],
    confirmed: Iterable[Difference],
    *,
    now_ms: int,
) -> Book:
    """The book with the exchange's rows wherever a difference was confirmed."""
    keys = {difference.key for difference in confirmed}
    stamps = dict(book.stamps)
    new_balances = dict(book.balances)
    for balance in balances:
        if balance.asset in keys:
            new_balances[balance.asset] = balance
            stamps[balance.asset] = _stamp(book, balance.asset, balance.updated_ms, now_ms)
    theirs = {report.position.key: report.position for report in reports}
    positions = dict(book.positions)
    for key in (theirs.keys() | book.positions.keys()) & keys:
        positions.pop(key, None)
        if key in theirs:
            positions[key] = theirs[key]
            stamps[key] = _stamp(book, key, theirs[key].updated_ms, now_ms)
    return replace(book, balances=new_balances, positions=positions, stamps=stamps)


def adopt_orders(book: Book, orders: Iterable[Order], confirmed: Iterable[Difference]) -> Book:
    """The book with the exchange's orders wherever a difference was confirmed."""
    keys = {difference.key for difference in confirmed}
    theirs = {order.key: order for order in orders if order.key in keys and not order.ended}
    kept = {key: order for key, order in (book.orders or {}).items() if key not in keys}
    stamps: dict[Hashable, Stamp] = {**book.stamps, **{k: (o.updated_ms, inf) for k, o in theirs.items()}}
    return replace(book, orders=kept | theirs, stamps=stamps)


def adopt_settings(book: Book, settings: AccountSettings, symbol_settings: Iterable[SymbolSettings]) -> Book:
    """The book with the exchange's switches."""
    return replace(book, settings=settings, leverage={item.symbol: item.leverage for item in symbol_settings})


def rows_of(event: AccountEvent) -> tuple[Hashable, ...]:
    """The keys of the stamped rows that an event tells: assets, positions, an order."""
    if isinstance(event, AccountUpdate):
        return *(balance.asset for balance in event.balances), *(position.key for position in event.positions)
    return (event.order.key,) if isinstance(event, OrderUpdate | AlgoUpdate) else ()


def _said_by(event: AccountEvent) -> Iterator[tuple[str, Hashable, str]]:
    """What an event says of each row: field, key and value, as a difference spells them."""
    if isinstance(event, AccountUpdate):
        for balance in event.balances:
            yield from _said_of_balance(balance)
        for position in event.positions:
            yield from _said_of_position(position)
    elif isinstance(event, OrderUpdate | AlgoUpdate):
        yield "order", event.order.key, _order_text(None if event.order.ended else event.order)
    elif isinstance(event, LeverageChange):
        yield "leverage", event.symbol, str(event.leverage)


def _said_of_balance(change: BalanceChange) -> Iterator[tuple[str, Hashable, str]]:
    yield "wallet", change.asset, _plain(change.wallet)
    yield "cross_wallet", change.asset, _plain(change.cross_wallet)


def _said_of_position(change: PositionChange) -> Iterator[tuple[str, Hashable, str]]:
    yield "position", change.key, _plain(change.amount) if change.amount != 0 else NONE
    yield "entry_price", change.key, _plain(change.entry_price)
    yield "isolated_wallet", change.key, _plain(change.isolated_wallet)
    yield "margin_mode", change.key, change.margin_mode


def _account_differences(
    book: Book, balances: Iterable[Balance], reports: Iterable[PositionReport], excused: Excuse
) -> frozenset[Difference]:
    found: set[Difference] = set()
    listed = tuple(balances)
    newest_ms = max((balance.updated_ms for balance in listed), default=0)
    for balance in listed:
        if not excused(balance.asset, newest_ms):
            found |= _balance_differences(book, balance)
    theirs = {report.position.key: report.position for report in reports}
    newest_ms = max([newest_ms, *(position.updated_ms for position in theirs.values())])
    for key in theirs.keys() | book.positions.keys():
        if key not in theirs or not excused(key, newest_ms):
            found |= _position_differences(book, key, theirs.get(key))
    return frozenset(found)


def _order_differences(
    book: Book, orders: Iterable[Order], symbols: frozenset[str] | None, excused: Excuse
) -> frozenset[Difference]:
    theirs = {order.key: order for order in orders if not order.ended}
    ours = {key: order for key, order in (book.orders or {}).items() if symbols is None or order.symbol in symbols}
    return frozenset(
        Difference(field="order", key=key, ours=_order_text(ours.get(key)), theirs=_order_text(theirs.get(key)))
        for key in theirs.keys() | ours.keys()
        if _order_text(ours.get(key)) != _order_text(theirs.get(key))
        and (key not in theirs or not excused(key, theirs[key].updated_ms))
    )


def _never(_key: Hashable, _newest_ms: int) -> bool:
    """Excuse nothing."""
    return False


def _excused(book: Book, key: Hashable, newest_ms: int, now_ms: int) -> bool:
    """Whether a reading may lag behind our row: nothing in it is as new as the row, and the row is young."""
    told_ms = book.stamps.get(key, OLDEST)[0]
    return newest_ms < told_ms and abs(now_ms - told_ms) <= LAG_MS


def _stamp(book: Book, key: Hashable, updated_ms: int, now_ms: int) -> Stamp:
    """The stamp of an adopted row: late events stay late, but a time in the future binds nobody."""
    told = book.stamps.get(key, OLDEST)
    adopted = (updated_ms, inf)
    return adopted if told[0] > now_ms + LAG_MS else max(told, adopted)


def _balance_differences(book: Book, theirs: Balance) -> set[Difference]:
    ours = book.balances.get(theirs.asset)
    zero = Decimal(0)
    pairs = {
        "wallet": (ours.wallet if ours else zero, theirs.wallet),
        "cross_wallet": (ours.cross_wallet if ours else zero, theirs.cross_wallet),
    }
    return _beyond(pairs, theirs.asset, AMOUNT_TOLERANCE)


def _position_differences(book: Book, key: PositionKey, theirs: Position | None) -> set[Difference]:
    ours = book.positions.get(key)
    if ours is None or theirs is None or ours.amount != theirs.amount:
        return {Difference(field="position", key=key, ours=_amount_text(ours), theirs=_amount_text(theirs))}
    found = _beyond({"isolated_wallet": (ours.isolated_wallet, theirs.isolated_wallet)}, key, AMOUNT_TOLERANCE)
    found |= _beyond({"entry_price": (ours.entry_price, theirs.entry_price)}, key, theirs.entry_price * RATIO_TOLERANCE)
    if ours.margin_mode is not theirs.margin_mode:
        found.add(Difference(field="margin_mode", key=key, ours=ours.margin_mode, theirs=theirs.margin_mode))
    return found


def _beyond(pairs: Mapping[str, tuple[Decimal, Decimal]], key: Hashable, tolerance: Decimal) -> set[Difference]:
    return {
        Difference(field=name, key=key, ours=_plain(ours), theirs=_plain(theirs))
        for name, (ours, theirs) in pairs.items()
        if abs(ours - theirs) > tolerance
    }


def _amount_text(position: Position | None) -> str:
    return _plain(position.amount) if position is not None else NONE


def _order_text(order: Order | None) -> str:
    if order is None:
        return NONE
    trigger = _plain(order.trigger_price) if order.trigger_price is not None else "-"
    sizes = f"{_plain(order.quantity)}/{_plain(order.executed)}"
    return f"{order.direction} {order.type} {sizes} at {_plain(order.price)} trigger {trigger}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
