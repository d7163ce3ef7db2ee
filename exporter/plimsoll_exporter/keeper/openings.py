"""When the positions of one account were opened and by how many orders: heard from its fills, kept over restarts.

Whatever was not seen is unknown. Written with every fill, so that ``kill -9`` costs at most a history: a row that does
not agree with the account at the next start is unknown, never wrong.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable

from plimsoll.database.draft import Draft, Step
from plimsoll.database.values import PositionRecord
from plimsoll.model.account import PositionKey
from plimsoll.model.events import AccountEvent, OrderUpdate
from plimsoll.risk.entries import Opening, Openings, after_fill, begun, reconciled
from plimsoll.state.book import Book
from plimsoll_exporter.keeper.store import Store

log = logging.getLogger(__name__)

KEPT_TRADES = 10_000
"""Trades that are remembered, so that one which is told twice counts once."""


class OpeningWatch:
    """Keeps the histories of one account's positions.

    Attributes:
        openings: As far as they are known.

    Args:
        account: Its name.
        store: Where they are kept.

    Raises:
        StateError: What was kept cannot be read.
    """

    def __init__(self, account: str, store: Store) -> None:
        self._account, self._store = account, store
        rows = {(record.symbol, record.side): _row(record) for record in store.positions(account)}
        self.openings = Openings(rows=rows)
        self._written = rows
        self._seeded: Book | None = None
        self._trades: OrderedDict[tuple[str, int], None] = OrderedDict()

    def seeded(self, book: Book) -> None:
        """The account was read for the first time, or after a gap."""
        self._seeded = book
        self._become(lambda: begun(self.openings, book))

    def event(self, event: AccountEvent) -> None:
        """One event; only fills that were not heard before, and that no reading has told, matter."""
        if not isinstance(event, OrderUpdate) or event.fill is None or not self._is_new(event, event.fill.trade_id):
            return
        self._become(lambda: after_fill(self.openings, event))

    def look(self, book: Book, now_ms: int) -> None:
        """Compare with what the account holds."""
        self._become(lambda: reconciled(self.openings, book, now_ms))

    def _is_new(self, event: OrderUpdate, trade_id: int) -> bool:
        trade = (event.order.symbol, trade_id)
        if trade in self._trades:
            return False
        self._trades[trade] = None
        if len(self._trades) > KEPT_TRADES:
            self._trades.popitem(last=False)
        return event.time_ms > self._told_until((event.order.symbol, event.order.position_side))

    def _told_until(self, key: PositionKey) -> int:
        """Up to when the last reading after a gap tells all fills of a position: the wallet was read before it."""
        book = self._seeded
        if book is None:
            return 0
        return max(book.floor_ms, book.stamps.get(key, (0, 0.0))[0])

    def _become(self, change: Callable[[], Openings]) -> None:
        """Take over what a change makes; a fault of ours makes every history unknown and stops nothing else."""
        try:
            self.openings = change()
        except Exception as error:
            log.exception("%s: entries are unknown by a fault of ours", self._account, exc_info=error)
            self.openings = Openings()
        self._write()

    def _write(self) -> None:
        known = {key: row for key, row in self.openings.rows.items() if row.entries is not None}
        if known == self._written:
            return
        gone = self._written.keys() - known.keys()
        news = [(key, row) for key, row in known.items() if self._written.get(key) != row]
        steps = [_drop(self._account, key) for key in sorted(gone)] + [_save(self._account, *each) for each in news]
        self._written = known
        self._store.put(Draft(steps=tuple(steps)))


def _row(record: PositionRecord) -> Opening:
    return Opening(
        amount=record.amount,
        opened_ms=record.opened_ms,
        entries=record.entries,
        filling=record.orders,
        moved_ms=record.moved_ms,
    )


def _save(account: str, key: PositionKey, row: Opening) -> Step:
    symbol, side = key
    record = PositionRecord(
        symbol=symbol,
        side=side,
        opened_ms=row.opened_ms,
        entries=row.entries or 0,
        orders=row.filling,
        amount=row.amount,
        moved_ms=row.moved_ms,
    )
    return lambda change: change.save_position(account, record)


def _drop(account: str, key: PositionKey) -> Step:
    symbol, side = key
    return lambda change: change.drop_position(account, symbol, side)
