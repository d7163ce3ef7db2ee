"""Ended orders as the private stream tells them, on their way to the ledger.

What an order does is judged by the position of the moment it is first heard of: by the time it has filled, the
position may be gone already.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from decimal import Decimal

from plimsoll.database.orders import EndedOrder
from plimsoll.model.events import AlgoUpdate, OrderUpdate
from plimsoll.model.orders import Order, OrderKey
from plimsoll.risk.order_ends import OrderEnd, order_end, order_intent
from plimsoll.risk.protective_ends import ProtectiveEnd, protective_end
from plimsoll.risk.rejections import Intent
from plimsoll.state.book import Book
from plimsoll_exporter.rejections.closing import ClosingOrders
from plimsoll_exporter.rejections.counts import ORDERS, PROTECTIVE, SLIPPAGE, SLIPPAGE_SUM, bound_of
from plimsoll_exporter.rejections.fills import Fills
from plimsoll_exporter.rejections.ledger import ORDER, PROTECTIVE_END, SLIPPED, Entry, Ledger
from plimsoll_exporter.rejections.told import Source, Told

REMEMBERED = 10_000
"""Working orders whose intent is remembered; of the oldest beyond them it is judged at their end."""


class OrderEnds:
    """Hears the order events of one account.

    Args:
        account: Its name.
        ledger: Counts.

    Attributes:
        closing: Keeps the life of orders that are to close positions.

    Raises:
        StateError: What was kept cannot be read.
    """

    def __init__(self, account: str, ledger: Ledger) -> None:
        self._account, self._ledger = account, ledger
        self._fills = Fills()
        self.closing = ClosingOrders(account, ledger)
        self._intents: OrderedDict[tuple[str, OrderKey], Intent] = OrderedDict()

    def event(self, event: OrderUpdate | AlgoUpdate, before: Book | None, *, source: Source = Source.STREAM) -> None:
        """Hear one event; ``before`` is the book before it, ``None`` where it is not known."""
        intent = self._intent(event.order, before)
        realized = self._fills.event(event)
        end = order_end(event, before)
        if end is not None:
            row = _row(end, intent, source, event, realized)
            self._ledger.put(lambda entry: _end(entry, self._account, end, intent, row))
        protective = None if before is None else protective_end(event, before)
        if protective is not None:
            self._ledger.put(lambda entry: _protective(entry, self._account, protective))
        if event.order.ended:
            self._intents.pop((event.order.symbol, event.order.key), None)
        self.closing.event(event, before)

    def _intent(self, order: Order, before: Book | None) -> Intent:
        key = (order.symbol, order.key)
        known = self._intents.get(key, Intent.UNKNOWN)
        if known is Intent.UNKNOWN:
            known = self._intents[key] = order_intent(order, before)
            if len(self._intents) > REMEMBERED:
                self._intents.popitem(last=False)
        return known


def _end(entry: Entry, account: str, end: OrderEnd, intent: Intent, row: EndedOrder) -> None:
    if not entry.once(account, ORDER, end.identity):
        return
    order = end.order
    if end.rejection is None:
        entry.count(account, ORDERS, (end.outcome.value, intent.value))
        entry.add(account, replace(row, learned=entry.now))
        return
    entry.reject(
        Told(
            account=account,
            source=Source(row.source),
            key=end.identity,
            time=end.time_ms / 1000,
            reason=end.rejection,
            intent=intent,
            message=end.text,
            symbol=order.symbol,
            direction=order.direction.value.upper(),
            type=order.type,
            quantity=str(order.quantity),
            client_id=order.client_id,
        )
    )


def _protective(entry: Entry, account: str, end: ProtectiveEnd) -> None:
    if entry.once(account, PROTECTIVE_END, end.identity):
        entry.count(account, PROTECTIVE, (end.outcome.value,))
    # By itself: of the two events about a stop that filled, only one may tell its trigger.
    if end.slippage is not None and entry.once(account, SLIPPED, end.identity):
        entry.count(account, SLIPPAGE, (bound_of(end.slippage),))
        entry.count(account, SLIPPAGE_SUM, (), end.slippage)


def _row(
    end: OrderEnd, intent: Intent, source: Source, event: OrderUpdate | AlgoUpdate, realized: Decimal | None
) -> EndedOrder:
    order = end.order
    return EndedOrder(
        time=end.time_ms / 1000,
        learned=0.0,
        source=source.value,
        outcome=end.outcome.value,
        intent=intent.value,
        symbol=order.symbol,
        direction=order.direction.value.upper(),
        type=order.type,
        quantity=str(order.quantity),
        client_id=order.client_id,
        executed=str(order.executed),
        average_price="" if event.average_price is None else str(event.average_price),
        realized="" if realized is None else str(realized),
    )
