"""The part of the state database that is about orders which were to close positions: stops, take-profits, reductions.

One row an order, from when it was first known to work until how it ended: what protected a position last month is told
by nothing else, since the exchange's lists hold open orders only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.database.rows import Cell

KEPT_CLOSING = 5_000
"""Orders of an account that are kept; the oldest ones that have ended are forgotten first."""

PRUNE_EVERY = 64
"""Rows between two looks for what is beyond ``KEPT_CLOSING``."""

COLUMNS = (
    "symbol, book, order_id, client_id, direction, position_side, type, purpose, quantity, close_position, price,"
    " trigger_price, watches, since_s, ended_s, outcome, reason, average_price"
)

GONE = "gone"
"""Outcome of an order that is listed no more while nobody told how it ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosingOrder:
    """One order that was to close a position. Prices are in quote units, texts are empty where nothing is told.

    Attributes:
        book: ``plain`` or ``algo``, which number their orders independently.
        direction: ``BUY`` or ``SELL``.
        position_side: ``both`` in one-way mode, else the hedge's side.
        purpose: ``stop``, ``take_profit``, ``reduce``, or ``entry`` for one against the position without being
            bound to it.
        quantity: Base units asked for.
        close_position: It closes all that is held.
        price: Its limit; empty for a market order.
        trigger: Empty where it has none.
        watches: ``last`` or ``mark``: what is compared with the trigger.
        since: Since when it is known to work, by the exchange's clock.
        ended: When it ended; ``None`` while it works.
        outcome: ``filled``, ``rejected``, ``cancelled``, ``expired`` or ``GONE``; empty while it works.
        reason: The exchange's words or code, where it gives any.
        average_price: Of the fills of the order that it became.
    """

    symbol: str
    book: str
    order_id: int
    client_id: str
    direction: str
    position_side: str
    type: str
    purpose: str
    quantity: str
    close_position: bool
    price: str
    trigger: str
    watches: str
    since: float
    ended: float | None = None
    outcome: str = ""
    reason: str = ""
    average_price: str = ""


class ClosingChange:
    """Closing orders inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._closing = connection

    def keep_closing_order(self, account: str, order: ClosingOrder) -> None:
        """Keep an order that works, or has ended unseen; one that is kept already stays as it is."""
        cursor = self._closing.execute(
            f"INSERT INTO closing_order (account, {COLUMNS}) VALUES ({', '.join('?' * 19)}) ON CONFLICT DO NOTHING",  # noqa: S608 - our own constant
            (account, *_row(order)),
        )
        if cursor.rowcount > 0 and (cursor.lastrowid or 0) % PRUNE_EVERY == 0:
            self._closing.execute(
                "DELETE FROM closing_order WHERE account = ?1 AND ended_s IS NOT NULL AND id <= (SELECT id FROM"
                " closing_order WHERE account = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                (account, KEPT_CLOSING),
            )

    def end_closing_order(self, account: str, order: ClosingOrder) -> None:
        """Say how an order ended; how one ended is said once, except that a known end replaces ``GONE``."""
        self._closing.execute(
            "UPDATE closing_order SET ended_s = ?, outcome = ?, reason = ?, average_price = ? WHERE account = ?"
            " AND symbol = ? AND book = ? AND order_id = ? AND outcome IN ('', ?)",
            (
                order.ended,
                order.outcome,
                order.reason,
                order.average_price,
                account,
                order.symbol,
                order.book,
                order.order_id,
                GONE,
            ),
        )


def _row(order: ClosingOrder) -> tuple[Cell, ...]:
    return (
        order.symbol,
        order.book,
        order.order_id,
        order.client_id,
        order.direction,
        order.position_side,
        order.type,
        order.purpose,
        order.quantity,
        int(order.close_position),
        order.price,
        order.trigger,
        order.watches,
        order.since,
        order.ended,
        order.outcome,
        order.reason,
        order.average_price,
    )


def closing_order_of(row: Sequence[Cell]) -> ClosingOrder:
    """The order in the columns of ``COLUMNS``."""
    symbol, book, order_id, client_id, direction, position_side, kind, purpose, quantity, whole, *rest = row
    price, trigger, watches, since, ended, outcome, reason, average_price = rest
    return ClosingOrder(
        symbol=str(symbol),
        book=str(book),
        order_id=int(order_id or 0),
        client_id=str(client_id),
        direction=str(direction),
        position_side=str(position_side),
        type=str(kind),
        purpose=str(purpose),
        quantity=str(quantity),
        close_position=bool(whole),
        price=str(price),
        trigger=str(trigger),
        watches=str(watches),
        since=float(since or 0),
        ended=None if ended is None else float(ended),
        outcome=str(outcome),
        reason=str(reason),
        average_price=str(average_price),
    )
