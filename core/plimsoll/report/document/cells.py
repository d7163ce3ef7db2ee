"""Cells and columns as several tables have them."""

from __future__ import annotations

from decimal import Decimal

from plimsoll.report.document.blocks import Cell, Column
from plimsoll.report.document.forms import NONE, UNKNOWN, Moments, exact, money, percent, signed_money
from plimsoll.report.words import Severity


def text_cell(text: str, severity: Severity = Severity.INFO, *, shown: str | None = None) -> Cell:
    """A text, which may be shown in other words than are in the file."""
    return Cell(shown=text if shown is None else shown, value=text, severity=severity)


def money_cell(value: Decimal | None, absent: str = UNKNOWN) -> Cell:
    """USD."""
    return Cell(shown=money(value, absent), value=value)


def signed_cell(value: Decimal | None) -> Cell:
    """USD, earned or lost."""
    return Cell(shown=signed_money(value), value=value)


def exact_cell(value: Decimal | None, absent: str = UNKNOWN) -> Cell:
    """A price or a quantity."""
    return Cell(shown=exact(value, absent), value=value)


def percent_cell(value: Decimal | None, severity: Severity = Severity.INFO) -> Cell:
    """A ratio; the file has it as 0..1."""
    return Cell(shown=percent(value), value=value, severity=severity)


def moment_columns(moments: Moments, title: str = "Time", name: str = "time") -> tuple[Column, ...]:
    """A column of moments in each zone; for machines the first is ``time_utc`` and the second ``time_local``."""
    names = (f"{name}_utc", f"{name}_local")
    return tuple(
        Column(title=f"{title}, {zone}", name=each, moment=True)
        for zone, each in zip(moments.names, names, strict=False)
    )


def moment_cells(moments: Moments, time: float | None, absent: str = NONE) -> tuple[Cell, ...]:
    """A moment in each zone."""
    if time is None:
        return tuple(Cell(shown=absent, value=None) for _ in moments.names)
    return tuple(
        Cell(shown=shown, value=value) for shown, value in zip(moments.clocks(time), moments.stamps(time), strict=True)
    )
