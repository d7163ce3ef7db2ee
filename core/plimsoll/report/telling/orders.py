"""Executed and rejected orders, side by side. Pure."""

from __future__ import annotations

from plimsoll.database.orders import EndedOrder
from plimsoll.report.findings.refusals import WORDS
from plimsoll.report.model import SourceName
from plimsoll.report.tables import OrderRow
from plimsoll.report.view import View, closer, is_ours

TELLERS = {
    "stream": "the exchange's stream",
    "history": "the exchange's history",
    "report": "the bot",
    "log": "the bot's log",
}


def executed(view: View) -> tuple[OrderRow, ...]:
    """The orders that filled, oldest first."""
    return tuple(_row(view, order) for order in view.orders("filled"))


def rejected(view: View) -> tuple[OrderRow, ...]:
    """The orders that were rejected, oldest first."""
    return tuple(_row(view, order) for order in view.orders("rejected"))


def note(view: View) -> str:
    """What the lists cannot hold; empty where they are whole."""
    if not view.has(SourceName.STATE):
        return "The state database is missing, so neither list can be known."
    if not view.material.orders_whole:
        return "The period is so long ago, or had so many orders, that the oldest ones are no longer kept."
    return ""


def _row(view: View, order: EndedOrder) -> OrderRow:
    by = f"{closer(view.material, order)}; told by " if is_ours(order) else ""
    return OrderRow(
        time=order.time,
        symbol=order.symbol,
        direction=order.direction,
        type=order.type,
        quantity=order.executed if order.outcome == "filled" and order.executed else order.quantity,
        intent=order.intent,
        outcome=order.outcome,
        reason=WORDS.get(order.reason, "") if order.outcome == "rejected" else "",
        code=order.code,
        message=order.message,
        told_by=by + TELLERS.get(order.source, order.source),
    )
