"""The live book of one account: what the stream and the readings make of it, event by event.

After every opening of the stream events are put aside until a reading has been taken, then replayed over it. Whoever
reads over REST notes the ``generation`` first: when it has changed meanwhile, the reading belongs to the past. No I/O.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from plimsoll.clock import Clock
from plimsoll.model.account import Balance
from plimsoll.model.events import (
    AccountEvent,
    AccountUpdate,
    AlgoUpdate,
    AssetModeChange,
    MarginCall,
    OrderUpdate,
    PositionChange,
    UnknownEvent,
)
from plimsoll.model.market import Bracket, Mark
from plimsoll.model.orders import Order, OrderKey
from plimsoll.model.terms import AssetMode, PositionMode, PositionSide
from plimsoll.state import apply as moves
from plimsoll.state import explain
from plimsoll.state.book import Book
from plimsoll.state.compare import Difference, rows_of
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.keeper.telling import Telling
from plimsoll_exporter.keeper.trust import last_needs, mark_needs

log = logging.getLogger(__name__)

PRICE_STEP = Decimal("0.00000001")

KEPT_EVENTS = 10_000
"""Events put aside at most; when a reading takes longer than that many, it is begun again."""

KEPT_ORDER_EVENTS = 5_000
"""Orders whose last event is put aside while the list of orders cannot be read; older ones are in the list by then."""

LOGGED_DIFFERENCES = 10
"""Corrections told one by one in the log; the rest is told as a number."""


class LiveBook:
    """The book, and how far it follows the stream.

    Attributes:
        book: ``None`` before the first reading; kept, but no longer followed, while not ``synced``.
        connected: The private stream is open.
        synced: The book holds a reading with every event since.
        generation: Changes whenever what was read before can no longer be built upon.
        suspected: Something came that we do not understand: read soon.
        told_symbols: Symbols with a position or a plain order, as the exchange said last.
        orders_doubted: One of them is new to us: read its orders soon.
        settings_doubted: The exchange computes with other settings than the book's: read them soon.
        restarted: Not synced because of what the stream told, not because it was opened.
        unexplained: Wallet changes that wait for an explanation.
        corrections: Differences that only a reconcile found, by field.
        onlooker: Told of every event after it was taken in.
        on_seeded: Told of the book of every reading after a gap, before the events that came meanwhile.
        last_wallets: Balance and time of the last change of each asset as an earlier life of this program knew them;
            the first reading is then one after a gap.
        telling: When the stream last told each row.
    """

    def __init__(self, account: str, market: MarketKeeper, wake: Callable[[], None], clock: Clock) -> None:
        self._account, self._market, self._wake, self._clock = account, market, wake, clock
        self._backlog: list[tuple[AccountEvent, float]] = []
        self._order_backlog: dict[OrderKey, OrderUpdate | AlgoUpdate] = {}
        self._unknown_names: set[str] = set()
        self.book: Book | None = None
        self.connected = False
        self.synced = False
        self.generation = 0
        self.suspected = False
        self.told_symbols: frozenset[str] = frozenset()
        self.orders_doubted = False
        self.settings_doubted = False
        self.restarted = False
        self.unexplained = explain.Unexplained()
        self.corrections: Counter[str] = Counter()
        self.onlooker: Callable[[AccountEvent], None] | None = None
        self.on_seeded: Callable[[Book], None] | None = None
        self.last_wallets: Mapping[str, tuple[Decimal, int]] = {}
        self.telling = Telling()

    def opened(self) -> None:
        """The stream is open: put events aside until a reading has been taken."""
        self.connected = True
        self.restarted = False
        self._start_over()

    def lost(self) -> None:
        """The stream is gone."""
        self.connected = False
        self._start_over()

    def restart(self, reason: str) -> None:
        """What is known can no longer be believed: read everything again over the open stream."""
        log.warning("%s: reading the account again: %s", self._account, reason)
        self.restarted = True
        self._start_over()

    def event(self, event: AccountEvent) -> None:
        """One event from the stream."""
        now = self._clock.monotonic()
        if self.synced:
            self._take_in(event, now)
        else:
            self._backlog.append((event, now))
            if len(self._backlog) > KEPT_EVENTS:
                self.restart(f"more than {KEPT_EVENTS} events came during the reading")

    def seeded(self, fresh: Book) -> None:
        """A reading of this generation was taken: replay what came meanwhile over it."""
        if self.book is None:
            self.unexplained = self._first_look(fresh)
        else:
            fresh = moves.keep_newer(fresh, self.book)
            self.unexplained = explain.after_reading(self.unexplained, self.book, fresh, gap=True)
        self.book, self.synced = fresh, True
        if self.on_seeded is not None:
            self.on_seeded(fresh)
        self._order_backlog = {}
        backlog, self._backlog = self._backlog, []
        for event, came_at in backlog:
            if self.synced:  # else one of them asked for a new reading, which will have seen the rest
                self._take_in(event, came_at)
        self._tell_needs()
        self._wake()

    def _first_look(self, fresh: Book) -> explain.Unexplained:
        """What is unexplained at the first reading: nothing, or what changed since an earlier life of this program."""
        if not self.last_wallets:
            return explain.start(fresh)
        balances = {
            asset: Balance(asset=asset, wallet=wallet, cross_wallet=wallet, updated_ms=updated_ms)
            for asset, (wallet, updated_ms) in self.last_wallets.items()
        }
        before = replace(fresh, balances=balances)
        return explain.after_reading(explain.Unexplained(), before, fresh, gap=True)

    def adopted(self, mended: Book) -> None:
        """A reconcile adopted the exchange's rows."""
        if self.book is not None:
            self.unexplained = explain.after_reading(self.unexplained, self.book, mended, gap=False)
        self.book = mended
        self._tell_needs()

    def count(self, differences: Iterable[Difference], what: str) -> None:
        """Count differences and say them in the log; ``what`` says what they are."""
        listed = sorted(differences, key=str)
        self.corrections.update(difference.field for difference in listed)
        for difference in listed[:LOGGED_DIFFERENCES]:
            log.warning("%s: %s: %s", self._account, what, difference)
        if len(listed) > LOGGED_DIFFERENCES:
            log.warning("%s: %s: and %d more", self._account, what, len(listed) - LOGGED_DIFFERENCES)

    def doubt_settings(self) -> None:
        """The exchange computes with another leverage setting than we know: read the settings soon."""
        self.settings_doubted = True
        self._wake()

    def tables_read(self, brackets: Mapping[str, tuple[Bracket, ...]]) -> None:
        """The margin tables were read again."""
        if self.book is not None:
            self.book = replace(self.book, brackets=brackets)

    def told(self, symbols: frozenset[str]) -> None:
        """The exchange says on which symbols positions and plain orders lie: one that we do not know is asked for."""
        news = symbols - self.told_symbols
        self.told_symbols = symbols
        if self.book is not None and self.book.orders is not None and news - self.book.symbols():
            self.orders_doubted = True
            self._wake()

    def orders_read(self, orders: Iterable[Order], *, complete: bool) -> None:
        """A first list of open orders after a gap was taken: replay what came meanwhile over it."""
        if self.book is None:
            return
        self.book = moves.with_orders(self.book, orders, complete=complete)
        backlog, self._order_backlog = self._order_backlog, {}
        for event in backlog.values():
            self.book = moves.apply(self.book, event, {})
        self._tell_needs()

    def order_symbols_read(self, symbols: frozenset[str]) -> None:
        """The orders of these symbols are known by now, though not yet those of all."""
        if self.book is not None and not self.book.orders_complete:
            self.book = replace(self.book, order_symbols=symbols)

    def orders_completed(self, orders: Iterable[Order]) -> None:
        """The first list of all symbols after a gap: what lies on symbols that were not read yet was never told."""
        if self.book is not None:
            self.book = moves.with_more_orders(self.book, orders)
            self._tell_needs()

    def _start_over(self) -> None:
        self.synced = False
        self.generation += 1
        self._backlog, self._order_backlog = [], {}
        self._wake()

    def _take_in(self, event: AccountEvent, came_at: float) -> None:
        before = self.book
        if before is None:
            return
        instruments = self._market.instruments
        try:
            after = moves.apply(before, event, instruments)
        except ValueError as error:
            self.restart(f"an event makes no sense: {error}")
            return
        self.unexplained = explain.after_event(self.unexplained, before, after, event, instruments)
        self.book = after
        self._note_told(event, before, after, came_at)
        if isinstance(event, OrderUpdate | AlgoUpdate) and after.orders is None:
            self._put_aside(event)
        if self.onlooker is not None:
            self.onlooker(event)
        self._follow(event, after)

    def _note_told(self, event: AccountEvent, before: Book, after: Book, came_at: float) -> None:
        """Note when the rows were told that an event moved; of orders that are not known yet, all that it tells."""
        for key in rows_of(event):
            if after.stamps.get(key) != before.stamps.get(key) or after.orders is None:
                self.telling.note(key, came_at)

    def _put_aside(self, event: OrderUpdate | AlgoUpdate) -> None:
        """Keep each order's newest event, which tells the whole order: an older one may come again after it."""
        kept = self._order_backlog.get(event.order.key)
        if kept is not None and _age_of(event) < _age_of(kept):
            return
        self._order_backlog.pop(event.order.key, None)
        self._order_backlog[event.order.key] = event
        if len(self._order_backlog) > KEPT_ORDER_EVENTS:
            del self._order_backlog[next(iter(self._order_backlog))]

    def _follow(self, event: AccountEvent, after: Book) -> None:
        if isinstance(event, AccountUpdate):
            for change in event.positions:
                self._follow_position(change, event.time_ms, after)
        elif isinstance(event, AssetModeChange):
            self.restart("the assets mode was changed")
        elif isinstance(event, MarginCall):
            log.critical("%s: the exchange sends a margin call for %s", self._account, ", ".join(event.symbols))
        elif isinstance(event, UnknownEvent):
            self._remark(event.name)
            self.suspected = True
            self._wake()
        self._tell_needs()

    def _remark(self, name: str) -> None:
        """Say in the log, once for each name, that an event is unknown."""
        if name not in self._unknown_names and len(self._unknown_names) < LOGGED_DIFFERENCES:
            self._unknown_names.add(name)
            log.warning("%s: an event of unknown type %r: reading the account soon", self._account, name)

    def _follow_position(self, change: PositionChange, time_ms: int, book: Book) -> None:
        if change.amount == 0:
            return
        hedged = change.position_side is not PositionSide.BOTH
        if hedged is not (book.settings.position_mode is PositionMode.HEDGE):
            self.restart("the position mode was changed")
        position = book.positions.get(change.key)
        if position is not None and not position.margin_asset:
            self.restart(f"{change.symbol} is not in the exchange's list yet")
        price = (change.entry_price + change.unrealized_pnl / change.amount).quantize(PRICE_STEP)
        if price > 0:
            self._market.offer(Mark(symbol=change.symbol, price=price, time_ms=time_ms))

    def _tell_needs(self) -> None:
        if self.book is not None:
            multi = self.book.settings.asset_mode is AssetMode.MULTI
            marks = mark_needs(self.book, self._market.instruments)
            self._market.need(self._account, marks, asset_rates=multi, last_prices=last_needs(self.book))


def _age_of(event: OrderUpdate | AlgoUpdate) -> tuple[int, int, bool]:
    """What is greater for the newer of two events of an order; of one instant the one that ends it."""
    return event.time_ms, event.event_ms, event.order.ended
