"""The sections of figures: positions at three moments, losses at stops, money."""

from __future__ import annotations

from decimal import Decimal

from plimsoll.report.document.blocks import Cell, Column, Paragraph, Section, Table
from plimsoll.report.document.cells import exact_cell, money_cell, percent_cell, signed_cell, text_cell
from plimsoll.report.document.forms import NONE, UNKNOWN, Moments, money
from plimsoll.report.model import MoneyRow, PositionRow, PositionsAt, Severity, StopRow, Tables

_MOMENTS = {"start": "at the start", "worst": "at the worst moment", "end": "at the end"}

_LOSS_AT_STOP = "Loss at stop: of the covered part, from entry, if the stop fills at its trigger."

_POSITION_COLUMNS = (
    Column(title="Symbol", name="symbol"),
    Column(title="Side", name="side"),
    Column(title="Quantity", name="quantity", number=True),
    Column(title="Notional, USD", name="notional_usd", number=True),
    Column(title="Entry", name="entry_price", number=True),
    Column(title="Mark", name="mark_price", number=True),
    Column(title="Unrealised, USD", name="unrealized_usd", number=True),
    Column(title="Stop at", name="stop_price", number=True),
    Column(title="Covered", name="coverage_ratio", number=True),
    Column(title="Loss at stop, USD", name="loss_at_stop_usd", number=True),
    Column(title="Protection", name="protection"),
)


def positions(tables: Tables, moments: Moments) -> Section:
    """What the account held at the start, at the worst moment and at the end."""
    return Section(
        anchor="positions",
        title="Positions",
        blocks=tuple(_positions(one, moments) for one in tables.positions) or (Paragraph(text="Not known."),),
    )


def _positions(at: PositionsAt, moments: Moments) -> Table:
    equity = UNKNOWN if at.equity is None else f"{money(at.equity)} USD"
    where = _MOMENTS.get(at.moment, at.moment)
    return Table(
        name=f"positions-{at.moment}",
        caption=f"Positions {f'before {where[3:]}' if at.note else where}: {moments.said(at.time)}, equity {equity}",
        columns=_POSITION_COLUMNS,
        rows=tuple(_position(row) for row in at.rows or ()),
        empty="Not known." if at.rows is None else "No position.",
        note=" ".join(filter(None, (at.note, _LOSS_AT_STOP if at.rows else ""))),
    )


def _position(row: PositionRow) -> tuple[Cell, ...]:
    absent = UNKNOWN if row.coverage is None else NONE
    bare = row.coverage is not None and row.coverage < 1
    severity = Severity.INFO
    if bare:
        severity = Severity.CRITICAL if row.coverage == 0 else Severity.WARNING
    return (
        text_cell(row.symbol),
        text_cell(row.side),
        exact_cell(row.quantity),
        money_cell(row.notional),
        exact_cell(row.entry),
        exact_cell(row.mark),
        signed_cell(row.unrealized),
        exact_cell(row.stop, absent),
        percent_cell(row.coverage, severity),
        money_cell(row.loss_at_stop, absent),
        text_cell(row.protection),
    )


def stops(tables: Tables) -> Section:
    """The loss that was planned at each stop against the real one."""
    columns = (
        Column(title="Symbol", name="symbol"),
        Column(title="Side", name="side"),
        Column(title="Planned at the stop, USD", name="expected_usd", number=True),
        Column(title="Real, USD", name="real_usd", number=True),
        Column(title="Closed", name="closed"),
        Column(title="Real less planned, USD", name="difference_usd", number=True),
        Column(title="Why", name="explanation", wide=True),
    )
    table = Table(
        name="losses-at-stops",
        caption="Loss planned at the stop against the real one, of each position; a loss is positive",
        columns=columns,
        rows=tuple(_stop(row) for row in tables.stops),
        empty="No position was held in this period.",
        note="Real: realised where the position was closed in the period, else unrealised at the worst moment.",
    )
    return Section(anchor="stops", title="Losses at stops", blocks=(table,))


def _stop(row: StopRow) -> tuple[Cell, ...]:
    worse = row.difference is not None and row.difference > Decimal(0)
    difference = signed_cell(row.difference)
    return (
        text_cell(row.symbol),
        text_cell(row.side),
        money_cell(row.expected, "none known"),
        money_cell(row.real) if row.real is None or row.real >= 0 else _profit(row.real),
        text_cell("yes" if row.closed else "no"),
        Cell(shown=difference.shown, value=difference.value, severity=Severity.WARNING if worse else Severity.INFO),
        text_cell("; ".join(row.explanation)),
    )


def _profit(loss: Decimal) -> Cell:
    """A loss that was none, in words; the file has it as a negative loss."""
    return Cell(shown=f"profit {money(-loss)}", value=loss)


def costs(tables: Tables) -> Section:
    """Fees, funding, profit and loss."""
    columns = (
        Column(title="What", name="name"),
        Column(title="Amount, USD", name="amount_usd", number=True),
        Column(title="Remark", name="note", wide=True),
    )
    table = Table(
        name="money",
        caption="What the period cost and earned; what was earned is positive",
        columns=columns,
        rows=tuple(_money(row) for row in tables.money),
        empty="Nothing is known of money in this period.",
        note="Each line is rounded by itself: the last digit of their sum may differ.",
    )
    return Section(anchor="money-section", title="Money", blocks=(table,))


def _money(row: MoneyRow) -> tuple[Cell, ...]:
    return (text_cell(row.name), signed_cell(row.amount), text_cell(row.note))
