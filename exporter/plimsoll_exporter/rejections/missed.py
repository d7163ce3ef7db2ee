"""How conditional orders ended while the stream was down, or the exporter was: asked one by one, weight 1 each.

Which of them work is kept in the state database. After a gap those that are listed no more are looked up; the answer is
counted like the event that was missed, under the same identity, so that an event which comes after all counts nothing.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Protocol

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError, KeyRefused, Refused
from plimsoll.model.events import AlgoUpdate
from plimsoll.model.orders import Order
from plimsoll.model.terms import OrderBook
from plimsoll.state.book import Book
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.streams import OrderEnds
from plimsoll_exporter.rejections.told import Source

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
SETTLE_SECONDS = 3.0
"""So long after the stream has opened the book is one that was read since, or nobody believes it."""

ASKED_AN_HOUR = 120
"""Questions an hour and account at most; what is left waits."""

HOUR_SECONDS = 3600.0
RETRY_SECONDS = 30.0
NO_SUCH_ORDER = -2013


class AlgoReader(Protocol):
    """Who knows single conditional orders."""

    async def algo_order(self, algo_id: int) -> AlgoUpdate:
        """One order as it stands now."""


class MissedEnds:
    """Asks for one account.

    Args:
        account: Its name.
        ends: Counts how orders end.
        ledger: Remembers which orders work.
        reader: Answers.
        book: What the account holds, while that can be believed.
        clock: Time.

    Raises:
        StateError: What was kept cannot be read.
    """

    def __init__(
        self,
        account: str,
        ends: OrderEnds,
        *,
        ledger: Ledger,
        reader: AlgoReader,
        book: Callable[[], Book | None],
        clock: Clock,
    ) -> None:
        self._account, self._ends, self._ledger = account, ends, ledger
        self._reader, self._book, self._clock = reader, book, clock
        self._working = ledger.working(account)
        self._suspects = self._working
        self._before: Book | None = None
        self._opened_at: float | None = None
        self._asked: deque[float] = deque()

    def opened(self) -> None:
        """The stream is open, and the account will be read again."""
        self._opened_at = self._clock.monotonic()

    def lost(self) -> None:
        """The stream is gone: whatever worked may end unheard."""
        self._opened_at = None
        self._before = self._book() or self._before
        self._note(self._before)
        self._suspects |= self._working

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            book = self._believed()
            if book is not None:
                await self._look(book)
            await self._clock.sleep(LOOK_SECONDS)

    def _believed(self) -> Book | None:
        """The book, if it is of this opening of the stream and knows every open order."""
        if self._opened_at is None or self._clock.monotonic() - self._opened_at < SETTLE_SECONDS:
            return None
        book = self._book()
        return book if book is not None and book.orders is not None and book.orders_complete else None

    async def _look(self, book: Book) -> None:
        suspects, opened_at = self._suspects, self._opened_at
        for key in sorted(suspects - _working(book)):
            if not self._may_ask():
                return
            try:
                await self._ask(key, self._before or book)
            except ExchangeError as error:
                log.warning("%s: how order %s ended is not known yet: %s", self._account, key, error)
                await self._clock.sleep(RETRY_SECONDS)
                return
            if self._opened_at != opened_at:
                return  # another gap: whatever was asked counts once, however often it is asked
            self._suspects -= {key}
        self._suspects -= suspects
        self._before = None
        self._note(self._believed())

    async def _ask(self, key: str, before: Book) -> None:
        try:
            told = await self._reader.algo_order(int(key))
        except KeyRefused:
            raise
        except Refused as error:
            if error.code != NO_SUCH_ORDER:
                raise
            log.warning("%s: the exchange no longer knows how conditional order %s ended", self._account, key)
            return
        if told.order.ended:
            log.info("%s: conditional order %s ended unheard: %s", self._account, key, told.order.status)
            self._ends.event(told, before, source=Source.HISTORY)

    def _may_ask(self) -> bool:
        now = self._clock.monotonic()
        while self._asked and now - self._asked[0] >= HOUR_SECONDS:
            self._asked.popleft()
        if len(self._asked) >= ASKED_AN_HOUR:
            return False
        self._asked.append(now)
        return True

    def _note(self, book: Book | None) -> None:
        """Remember which orders work now."""
        if book is None or book.orders is None:
            return
        now = _working(book)
        if now != self._working:
            self._ledger.keep_working(self._account, news=now - self._working, gone=self._working - now)
            self._working = now


def _working(book: Book) -> frozenset[str]:
    return frozenset(str(order.order_id) for order in (book.orders or {}).values() if _is_algo(order))


def _is_algo(order: Order) -> bool:
    return order.book is OrderBook.ALGO
