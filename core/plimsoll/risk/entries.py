"""When each position was opened, and how many orders have increased it since.

Moved by fills alone, in a book of its own: amounts that fills add up to are compared with the account's now and then,
and where they differ for longer than events take to arrive, a fill was missed and the history is unknown. What was open
before we looked is unknown until it closes. The state is kept over restarts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from plimsoll.model.account import PositionKey
from plimsoll.model.events import OrderUpdate
from plimsoll.model.terms import Direction
from plimsoll.risk.unknown import ZERO
from plimsoll.state.book import Book

SETTLE_MS = 5_000
"""A fill and the position it makes are told by two events; within this time both have come."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """The history of one open position.

    Attributes:
        amount: Signed base units that the fills so far make.
        opened_ms: Exchange time of the fill that opened it; ``None`` where that was not seen.
        entries: Orders that increased it since, the opening one included; ``None`` where that was not seen.
        filling: Those of them that are not finished: their next fill is no new entry.
        moved_ms: Exchange time of the last fill, or of a later change of the position that left its amount as it was.
    """

    amount: Decimal
    opened_ms: int | None
    entries: int | None
    filling: frozenset[int] = frozenset()
    moved_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Openings:
    """Every open position's history, by the row of the position."""

    rows: Mapping[PositionKey, Opening] = field(default_factory=dict)

    def of(self, key: PositionKey, book: Book) -> Opening | None:
        """The history of a position; ``None`` where it is unknown or does not agree with the account."""
        row, position = self.rows.get(key), book.positions.get(key)
        if row is None or row.entries is None or position is None or row.amount != position.amount:
            return None
        return row


def after_fill(openings: Openings, event: OrderUpdate) -> Openings:
    """The histories after an event about an order; only fills move them."""
    if event.fill is None:
        return openings
    order = event.order
    key = (order.symbol, order.position_side)
    row = openings.rows.get(key)
    signed = event.fill.quantity if order.direction is Direction.BUY else -event.fill.quantity
    amount = signed if row is None else row.amount + signed
    rest = {each: found for each, found in openings.rows.items() if each != key}
    if amount == ZERO:
        return Openings(rows=rest)
    if row is None or (row.amount > 0) is not (amount > 0):
        row = Opening(amount=ZERO, opened_ms=event.time_ms, entries=0)
    moved = _grown(row, order.order_id) if abs(amount) > abs(row.amount) else row
    filling = moved.filling - {order.order_id} if order.ended else moved.filling
    moved_ms = max(row.moved_ms, event.time_ms)
    return Openings(rows={**rest, key: replace(moved, amount=amount, filling=filling, moved_ms=moved_ms)})


def reconciled(openings: Openings, book: Book, now_ms: int) -> Openings:
    """The histories without what the account contradicts, and with what it holds that no fill has told.

    Args:
        openings: As the fills made them.
        book: The account; before the first reading nothing can be compared.
        now_ms: The exchange's time: a row that moved within ``SETTLE_MS`` may still be waiting for its other event.
    """
    rows: dict[PositionKey, Opening] = {}
    for key in openings.rows.keys() | book.positions.keys():
        row, position = openings.rows.get(key), book.positions.get(key)
        held = ZERO if position is None else position.amount
        moved_ms = max(0 if row is None else row.moved_ms, 0 if position is None else position.updated_ms)
        if row is not None and row.amount == held:
            rows[key] = row if row.moved_ms == moved_ms else replace(row, moved_ms=moved_ms)
        elif row is not None and now_ms - moved_ms <= SETTLE_MS:
            rows[key] = row
        elif position is not None and now_ms - moved_ms > SETTLE_MS:
            rows[key] = Opening(amount=held, opened_ms=None, entries=None, moved_ms=moved_ms)
    return Openings(rows=rows)


def begun(openings: Openings, book: Book) -> Openings:
    """The histories when an account is read for the first time, or after a gap: what does not agree is unknown.

    A position of the same amount that has changed since may be another one.
    """
    rows = {
        key: found
        if (found := openings.rows.get(key)) is not None
        and found.amount == position.amount
        and position.updated_ms <= found.moved_ms
        else Opening(amount=position.amount, opened_ms=None, entries=None, moved_ms=position.updated_ms)
        for key, position in book.positions.items()
    }
    return Openings(rows=rows)


def _grown(row: Opening, order_id: int) -> Opening:
    if row.entries is None or order_id in row.filling:
        return row
    return replace(row, entries=row.entries + 1, filling=row.filling | {order_id})
