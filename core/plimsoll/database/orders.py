"""The part of the state database that is about orders which ended: what is kept of each, how it is written and read.

Counters tell how many; here are the last ones of each account, executed and rejected, for people to look at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.database.rows import Cell

KEPT = 100
"""Rejected orders of an account that are shown, and as many others."""

KEPT_ROWS = 5_000
"""Rejected orders of an account that are kept for the incident report, and as many others."""

PRUNE_EVERY = 64
"""Rows between two looks for what is beyond ``KEPT_ROWS``."""

COLUMNS = (
    "time_s, learned_s, source, outcome, intent, reason, code, message, symbol, direction, type, quantity, client_id,"
    " executed, average_price, realized"
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
        executed: What was filled of it, base units.
        average_price: Of its fills, quote units.
        realized: Profit and loss that its fills realised, before fees, in the margin asset; empty where not all of them
            were heard.
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
    executed: str = ""
    average_price: str = ""
    realized: str = ""


class OrderChange:
    """Ended orders inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._orders = connection

    def add_ended_order(self, account: str, order: EndedOrder) -> None:
        """Keep an ended order, and now and then forget the account's oldest ones beyond ``KEPT_ROWS``."""
        cursor = self._orders.execute(
            f"INSERT INTO ended_order (account, {COLUMNS}) VALUES ({', '.join('?' * 17)})",  # noqa: S608 - our own constant
            (account, *_row(order)),
        )
        if (cursor.lastrowid or 0) % PRUNE_EVERY:
            return
        for rejected in (False, True):
            self._orders.execute(
                "DELETE FROM ended_order WHERE account = ?1 AND (outcome = 'rejected') = ?2 AND id <= (SELECT id FROM"
                " ended_order WHERE account = ?1 AND (outcome = 'rejected') = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
                (account, rejected, KEPT_ROWS),
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
        order.executed,
        order.average_price,
        order.realized,
    )


def ended_order_of(row: Sequence[Cell]) -> EndedOrder:
    """The order in the columns of ``COLUMNS``."""
    time, learned, source, outcome, intent, reason, code, *texts = row
    message, symbol, direction, kind, quantity, client_id, executed, average, realized = (str(text) for text in texts)
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
        executed=executed,
        average_price=average,
        realized=realized,
    )
