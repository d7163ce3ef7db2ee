"""The live book of one account: what the stream and the readings make of it, event by event.

After every opening of the stream events are put aside until a reading has been taken, then replayed over it. Whoever
reads over REST notes the ``generation`` first: when it has changed meanwhile, the reading belongs to the past. No I/O.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal

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
from plimsoll.model.market import Mark
from plimsoll.model.orders import Order
from plimsoll.model.terms import AssetMode, PositionMode, PositionSide
from plimsoll.state import apply as moves
from plimsoll.state import explain
from plimsoll.state.book import Book
from plimsoll.state.compare import Difference
from plimsoll_exporter.keeper.market import MarketKeeper
from plimsoll_exporter.keeper.trust import mark_needs

log = logging.getLogger(__name__)

PRICE_STEP = Decimal("0.00000001")


class LiveBook:
    """The book, and how far it follows the stream.

    Attributes:
        book: ``None`` before the first reading; kept, but no longer followed, while not ``synced``.
        connected: The private stream is open.
        synced: The book holds a reading with every event since.
        generation: Changes whenever what was read before can no longer be built upon.
        suspected: Something came that we do not understand: read soon.
        unexplained: Wallet changes that wait for an explanation.
        corrections: Differences that a reconcile mended, by field.
    """

    def __init__(self, account: str, market: MarketKeeper, wake: Callable[[], None]) -> None:
        self._account, self._market, self._wake = account, market, wake
        self._backlog: list[AccountEvent] = []
        self._order_backlog: list[OrderUpdate | AlgoUpdate] = []
        self.book: Book | None = None
        self.connected = False
        self.synced = False
        self.generation = 0
        self.suspected = False
        self.unexplained = explain.Unexplained()
        self.corrections: Counter[str] = Counter()

    def opened(self) -> None:
        """The stream is open: put events aside until a reading has been taken."""
        self.connected = True
        self._start_over()

    def lost(self) -> None:
        """The stream is gone."""
        self.connected = False
        self._start_over()

    def restart(self, reason: str) -> None:
        """What is known can no longer be believed: read everything again over the open stream."""
        log.warning("%s: reading the account again: %s", self._account, reason)
        self._start_over()

    def event(self, event: AccountEvent) -> None:
        """One event from the stream."""
        if self.synced:
            self._take_in(event)
        else:
            self._backlog.append(event)

    def seeded(self, fresh: Book) -> None:
        """A reading of this generation was taken: replay what came meanwhile over it."""
        if self.book is None:
            self.unexplained = explain.start(fresh)
        else:
            self.unexplained = explain.after_reading(self.unexplained, self.book, fresh, gap=True)
        self.book, self.synced = fresh, True
        self._order_backlog = []
        backlog, self._backlog = self._backlog, []
        for event in backlog:
            self.event(event)
        self._tell_needs()
        self._wake()

    def corrected(self, mended: Book, differences: Iterable[Difference]) -> None:
        """A reconcile adopted the exchange's rows."""
        for difference in sorted(differences, key=str):
            log.warning("%s: not told by the stream: %s", self._account, difference)
            self.corrections[difference.field] += 1
        if self.book is not None:
            self.unexplained = explain.after_reading(self.unexplained, self.book, mended, gap=False)
        self.book = mended
        self._tell_needs()

    def orders_read(self, orders: Iterable[Order]) -> None:
        """A first list of open orders after a gap was taken: replay what came meanwhile over it."""
        if self.book is None:
            return
        self.book = moves.with_orders(self.book, orders)
        backlog, self._order_backlog = self._order_backlog, []
        for event in backlog:
            self.book = moves.apply(self.book, event, {})
        self._tell_needs()

    def _start_over(self) -> None:
        self.synced = False
        self.generation += 1
        self._backlog, self._order_backlog = [], []
        self._wake()

    def _take_in(self, event: AccountEvent) -> None:
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
        if isinstance(event, OrderUpdate | AlgoUpdate) and after.orders is None:
            self._order_backlog.append(event)
        self._follow(event, before, after)

    def _follow(self, event: AccountEvent, before: Book, after: Book) -> None:
        if isinstance(event, AccountUpdate):
            for change in event.positions:
                self._follow_position(change, event.time_ms, after)
        elif isinstance(event, AssetModeChange):
            self.restart("the assets mode was changed")
        elif isinstance(event, MarginCall):
            log.critical("%s: the exchange sends a margin call for %s", self._account, ", ".join(event.symbols))
        elif isinstance(event, UnknownEvent):
            log.warning("%s: an event of unknown type %r: reading the account soon", self._account, event.name)
            self.suspected = True
            self._wake()
        if after.symbols() != before.symbols() or after.balances.keys() != before.balances.keys():
            self._tell_needs()

    def _follow_position(self, change: PositionChange, time_ms: int, book: Book) -> None:
        hedged = change.position_side is not PositionSide.BOTH
        if hedged is not (book.settings.position_mode is PositionMode.HEDGE):
            self.restart("the position mode was changed")
        position = book.positions.get(change.key)
        if position is None:
            return
        if not position.margin_asset:
            self.restart(f"{change.symbol} is not in the exchange's list yet")
        price = (change.entry_price + change.unrealized_pnl / change.amount).quantize(PRICE_STEP)
        if price > 0:
            self._market.offer(Mark(symbol=change.symbol, price=price, time_ms=time_ms))

    def _tell_needs(self) -> None:
        if self.book is not None:
            multi = self.book.settings.asset_mode is AssetMode.MULTI
            self._market.need(self._account, mark_needs(self.book, self._market.state()), asset_rates=multi)
