"""The life of orders that are to close positions, kept for the incident report: since when each worked, how it ended.

What the stream tells is written with it; what it did not tell is found in the book, once a second. An order that is
listed no more while nobody told how it ended is noted as gone, until somebody tells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from plimsoll.database.closing import GONE, ClosingOrder
from plimsoll.model.events import AlgoUpdate, OrderUpdate
from plimsoll.model.orders import Order, OrderKey
from plimsoll.model.terms import OrderBook, Purpose
from plimsoll.risk.protective_ends import born_of_algo, outcome_of
from plimsoll.risk.stops import closes
from plimsoll.state.book import Book
from plimsoll_exporter.rejections.ledger import Ledger

LOOKS_BEFORE_GONE = 30
"""How often an order must be missing from the book, a second apart, before it counts as gone: an end is told late."""

REMEMBERED = 1_000
"""Conditional orders that are remembered after they ended: what they became may be told of later than they."""

Key = tuple[str, OrderKey]


class ClosingOrders:
    """Keeps the closing orders of one account.

    Args:
        account: Its name.
        ledger: Writes them down.

    Raises:
        StateError: What was kept cannot be read.
    """

    def __init__(self, account: str, ledger: Ledger) -> None:
        self._account, self._ledger = account, ledger
        kept = ledger.working_closing_orders(account)
        self._known: dict[Key, ClosingOrder] = {(one.symbol, (OrderBook(one.book), one.order_id)): one for one in kept}
        self._missing: dict[Key, int] = {}
        self._conditional: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)
        for one in kept:
            self._note(one)

    def event(self, event: OrderUpdate | AlgoUpdate, before: Book | None) -> None:
        """Hear one event; ``before`` is the book before it, ``None`` where it is not known."""
        order = event.order
        key = (order.symbol, order.key)
        if order.ended:
            self._ended(key, event, before)
        elif key not in self._known and _closing(order, before) and not self._is_known_stop(order, before):
            self._keep(key, _row(order, since=event.time_ms / 1000))

    def look(self, book: Book | None, now: float) -> None:
        """Find in a believed book what the stream did not tell; ``None`` tells nothing."""
        if book is None or book.orders is None:
            self._missing.clear()
            return
        for order in book.orders.values():
            key = (order.symbol, order.key)
            if (
                key not in self._known
                and not order.ended
                and _closing(order, book)
                and not self._is_known_stop(order, book)
            ):
                self._keep(key, _row(order, since=order.updated_ms / 1000 or now))
        for key in tuple(self._absent(book)):
            self._missing[key] = self._missing.get(key, 0) + 1
            if self._missing[key] >= LOOKS_BEFORE_GONE:
                self._end(key, replace(self._known[key], ended=now, outcome=GONE))

    def _absent(self, book: Book) -> Iterator[Key]:
        """The known orders that a book does not have, though it would."""
        listed = {(order.symbol, order.key) for order in (book.orders or {}).values()}
        self._missing = {key: count for key, count in self._missing.items() if key not in listed}
        return (key for key in self._known if key not in listed and book.knows_orders_of(key[0]))

    def _ended(self, key: Key, event: OrderUpdate | AlgoUpdate, before: Book | None) -> None:
        order = event.order
        if key not in self._known:
            if order.purpose not in {Purpose.STOP, Purpose.TAKE_PROFIT} or self._is_known_stop(order, before):
                return
            self._keep(key, _row(order, since=event.time_ms / 1000))
        average = "" if event.average_price is None else str(event.average_price)
        ended = replace(
            self._known[key],
            ended=event.time_ms / 1000,
            outcome=outcome_of(event).value,
            reason=order.reason,
            average_price=average,
        )
        self._end(key, ended)

    def _is_known_stop(self, order: Order, book: Book | None) -> bool:
        """Whether a plain order is what a conditional one became, which is the same order to people."""
        if order.book is not OrderBook.PLAIN:
            return False
        if book is not None and born_of_algo(order, book):
            return True
        return (order.symbol, order.client_id) in self._conditional

    def _note(self, row: ClosingOrder) -> None:
        if row.book == OrderBook.ALGO.value and row.client_id:
            self._conditional.append((row.symbol, row.client_id))

    def _keep(self, key: Key, row: ClosingOrder) -> None:
        self._known[key] = row
        self._note(row)
        self._ledger.put(lambda entry: entry.change.keep_closing_order(self._account, row))

    def _end(self, key: Key, row: ClosingOrder) -> None:
        self._known.pop(key, None)
        self._missing.pop(key, None)
        self._ledger.put(lambda entry: entry.change.end_closing_order(self._account, row))


def _closing(order: Order, book: Book | None) -> bool:
    """Whether an order rests to close a position: by its type, its flags, or by standing against what is held."""
    if order.type == "MARKET":
        return False
    if order.purpose is not Purpose.ENTRY:
        return True
    position = None if book is None else book.positions.get((order.symbol, order.position_side))
    return position is not None and bool(position.amount) and closes(order, position)


def _row(order: Order, *, since: float) -> ClosingOrder:
    return ClosingOrder(
        symbol=order.symbol,
        book=order.book.value,
        order_id=order.order_id,
        client_id=order.client_id,
        direction=order.direction.value.upper(),
        position_side=order.position_side.value,
        type=order.type,
        purpose=order.purpose.value,
        quantity=str(order.quantity),
        close_position=order.close_position,
        price=_price(order.price),
        trigger="" if order.trigger_price is None else _price(order.trigger_price),
        watches=order.watches.value,
        since=since,
    )


def _price(price: Decimal) -> str:
    return str(price) if price else ""
