"""The section of orders: executed against rejected ones, side by side in one order of time."""

from __future__ import annotations

from plimsoll.report.document.blocks import Block, Cell, Column, Paragraph, Section, Table
from plimsoll.report.document.cells import moment_cells, moment_columns, text_cell
from plimsoll.report.document.forms import Moments
from plimsoll.report.model import OrderRow, Severity, Tables

_FACTS = ("direction", "type", "quantity", "intent", "outcome", "reason", "code", "message", "told_by", "source")
_INTENTS = {"open": "entry", "close": "close"}


def orders(tables: Tables, moments: Moments) -> Section:
    """Every order of the period that ended, at the left what was executed, at the right what was refused."""
    columns = (
        *moment_columns(moments),
        Column(title="Symbol", name="symbol"),
        Column(title="Executed", name="executed", wide=True),
        Column(title="Rejected", name="rejected", wide=True),
        *(Column(title=name, name=name) for name in _FACTS),
    )
    both = [(one, False) for one in tables.executed] + [(one, True) for one in tables.rejected]
    both.sort(key=lambda pair: pair[0].time)
    table = Table(
        name="orders",
        caption=f"{_counted(len(tables.executed))} executed or ended, {_counted(len(tables.rejected))} rejected",
        columns=columns,
        rows=tuple(_row(order, moments, rejected=rejected) for order, rejected in both),
        empty="No order is known to have ended in this period.",
        hidden=frozenset(_FACTS),
    )
    blocks: tuple[Block, ...] = (table,)
    if tables.orders_note:
        blocks += (Paragraph(text=tables.orders_note, lead="Not in this table", severity=Severity.WARNING),)
    return Section(anchor="orders-section", title="Orders: executed against rejected", blocks=blocks)


def _counted(number: int) -> str:
    return f"{number} order" if number == 1 else f"{number} orders"


def _row(order: OrderRow, moments: Moments, *, rejected: bool) -> tuple[Cell, ...]:
    nothing = Cell(shown="", value=None)
    told = _told(order)
    refused = text_cell(f"{told}: {_why(order)}", Severity.CRITICAL if order.intent == "close" else Severity.WARNING)
    return (
        *moment_cells(moments, order.time),
        text_cell(order.symbol),
        nothing if rejected else text_cell(told),
        refused if rejected else nothing,
        *(text_cell(text) for text in (order.direction, order.type, order.quantity, order.intent, order.outcome)),
        text_cell(order.reason),
        Cell(shown="", value=order.code),
        text_cell(order.message),
        text_cell(order.told_by),
        text_cell(order.source.value),
    )


def _told(order: OrderRow) -> str:
    """``SELL 0.5, MARKET, close``, and how it ended where it was neither filled nor refused."""
    parts = [f"{order.direction} {order.quantity}".strip(), order.type, _INTENTS.get(order.intent, "intent unknown")]
    if order.outcome not in {"filled", "rejected"}:
        parts.append(order.outcome)
    return ", ".join(part for part in parts if part)


def _why(order: OrderRow) -> str:
    """The reason of a refusal, and the exchange's own words."""
    code = "" if order.code is None else str(order.code)
    words = " ".join(part for part in (code, order.message) if part)
    told = f" ({words})" if words else ""
    return (order.reason or "reason unknown") + told
