"""The part of the state database that is about orders which ended: what is kept of each, how it is written and read.

Counters tell how many; here are the last ones of each account, executed and rejected, for people to look at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.database.rows import Cell

KEPT = 100
"""Rejected orders of an account that are kept, and as many others."""

COLUMNS = (
    "time_s, learned_s, source, outcome, intent, reason, code, message, symbol, direction, type, quantity, client_id"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class EndedOrder:
    """One order that ended. Texts are empty where nobody told.

    Attributes:
        time: When it ended, by whoever told.
        learned: When the product learned of it.
        source: ``stream``, ``history``, ``report`` or ``log``.
        outcome: ``filled``, ``cancelled``, ``expired`` or ``rejected``.
        reason: Why it was rejected; empty for all others.
        code: The exchange's code of a rejection; ``None`` where it gave none.
        message: The exchange's words.
        quantity: As it was asked for, base units.
    """

    time: float
    learned: float
    source: str
    outcome: str
    intent: str
    reason: str = ""
    code: int | None = None
    message: str = ""
    symbol: str = ""
    direction: str = ""
    type: str = ""
    quantity: str = ""
    client_id: str = ""


class OrderChange:
    """Ended orders inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._orders = connection

    def add_ended_order(self, account: str, order: EndedOrder) -> None:
        """Keep an ended order, and forget the oldest ones of its kind beyond ``KEPT``."""
        self._orders.execute(
            f"INSERT INTO ended_order (account, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own constant
            (account, *_row(order)),
        )
        self._orders.execute(
            "DELETE FROM ended_order WHERE account = ?1 AND (outcome = 'rejected') = ?2 AND id <= (SELECT id FROM"
            " ended_order WHERE account = ?1 AND (outcome = 'rejected') = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
            (account, order.outcome == "rejected", KEPT),
        )


def _row(order: EndedOrder) -> tuple[Cell, ...]:
    return (
        order.time,
        order.learned,
        order.source,
        order.outcome,
        order.intent,
        order.reason,
        order.code,
        order.message,
        order.symbol,
        order.direction,
        order.type,
        order.quantity,
        order.client_id,
    )


def ended_order_of(row: Sequence[Cell]) -> EndedOrder:
    """The order in the columns of ``COLUMNS``."""
    time, learned, source, outcome, intent, reason, code, *texts = row
    message, symbol, direction, kind, quantity, client_id = (str(text) for text in texts)
    return EndedOrder(
        time=float(time or 0),
        learned=float(learned or 0),
        source=str(source),
        outcome=str(outcome),
        intent=str(intent),
        reason=str(reason),
        code=None if code is None else int(code),
        message=message,
        symbol=symbol,
        direction=direction,
        type=kind,
        quantity=quantity,
        client_id=client_id,
    )
