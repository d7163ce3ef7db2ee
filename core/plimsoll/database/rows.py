"""How values become columns and rows become values again; nothing here touches the file."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from plimsoll.database.values import Labels, Level, RebaseRequest
from plimsoll.model.flows import Flow, FlowSource
from plimsoll.risk.standing import RuleStanding

Cell = str | int | float | None
"""What SQLite gives and takes."""

Row = Sequence[Cell]

RULE_COLUMNS = "definition, reference, reference_at_s, start, day, estimated, breached, breached_at_s, checkpoint"
FLOW_COLUMNS = "asset, amount, usd, time_ms, kind, source, income_key, booked_at_s"
REBASE_COLUMNS = (
    "id, account, rule, reason, requested_at_s, requested_by, done_at_s,"
    " reference_before, floor_before, reference_after, floor_after, refused"
)


def labels_text(labels: Labels) -> str:
    """Labels as one text, the same for equal labels."""
    return json.dumps(dict(labels), sort_keys=True, separators=(",", ":"))


def labels_of(text: Cell) -> dict[str, str]:
    """The labels that ``labels_text`` wrote."""
    return {str(name): str(value) for name, value in json.loads(str(text)).items()}


def orders_text(orders: frozenset[int]) -> str:
    """Order ids as one text."""
    return json.dumps(sorted(orders), separators=(",", ":"))


def orders_of(text: Cell) -> frozenset[int]:
    """The order ids that ``orders_text`` wrote."""
    return frozenset(int(one) for one in json.loads(str(text)))


def decimal(cell: Cell) -> Decimal:
    """A number that was written as text.

    Raises:
        ValueError: It is not finite.
        ArithmeticError: It is no number.
    """
    found = Decimal(str(cell))
    if not found.is_finite():
        raise ValueError("a number that is not finite")
    return found


def real(cell: Cell) -> float | None:
    """Seconds, or nothing.

    Raises:
        ValueError: It is no number, or not finite.
    """
    found = None if cell is None else float(cell)
    if found is not None and not math.isfinite(found):
        raise ValueError("a time that is not finite")
    return found


def rule_row(rule: RuleStanding) -> tuple[Cell, ...]:
    """The columns of ``RULE_COLUMNS``."""
    return (
        rule.definition,
        str(rule.reference),
        rule.reference_at,
        str(rule.start),
        None if rule.day is None else rule.day.isoformat(),
        int(rule.estimated),
        int(rule.breached),
        rule.breached_at,
        None if rule.checkpoint is None else str(rule.checkpoint),
    )


def rule_of(row: Row) -> RuleStanding:
    """The rule that ``rule_row`` wrote."""
    definition, reference, reference_at, start, day, estimated, breached, breached_at, checkpoint = row
    return RuleStanding(
        definition=str(definition),
        reference=decimal(reference),
        reference_at=real(reference_at) or 0.0,
        start=decimal(start),
        day=None if day is None else date.fromisoformat(str(day)),
        estimated=bool(estimated),
        breached=bool(breached),
        breached_at=real(breached_at),
        checkpoint=None if checkpoint is None else decimal(checkpoint),
    )


def flow_row(flow: Flow) -> tuple[Cell, ...]:
    """The columns of ``FLOW_COLUMNS``."""
    return (
        flow.asset,
        str(flow.amount),
        str(flow.usd),
        flow.time_ms,
        flow.kind,
        flow.source.value,
        flow.transaction,
        flow.booked_at,
    )


def flow_of(row: Row) -> Flow:
    """The flow that ``flow_row`` wrote."""
    asset, amount, usd, time_ms, kind, source, transaction, booked_at = row
    return Flow(
        asset=str(asset),
        amount=decimal(amount),
        usd=decimal(usd),
        time_ms=int(time_ms or 0),
        kind=str(kind),
        source=FlowSource(str(source)),
        transaction=str(transaction),
        booked_at=real(booked_at) or 0.0,
    )


def level_of(reference: Cell, floor: Cell) -> Level | None:
    """A level, where one was written."""
    return None if reference is None else Level(reference=decimal(reference), floor=decimal(floor))


def level_row(level: Level | None) -> tuple[Cell, Cell]:
    """Reference and floor as text."""
    return (None, None) if level is None else (str(level.reference), str(level.floor))


def rebase_of(row: Row) -> RebaseRequest:
    """The request in the columns of ``REBASE_COLUMNS``."""
    number, account, rule, reason, requested_at, requested_by, done_at, *levels, refused = row
    return RebaseRequest(
        id=int(number or 0),
        account=str(account),
        rule=str(rule),
        reason=str(reason),
        requested_at=real(requested_at) or 0.0,
        requested_by=str(requested_by),
        done_at=real(done_at),
        before=level_of(levels[0], levels[1]),
        after=level_of(levels[2], levels[3]),
        refused=str(refused),
    )
