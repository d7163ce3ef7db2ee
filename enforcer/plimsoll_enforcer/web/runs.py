"""Runs as JSON: decimals as strings, times as Unix seconds, unknown as ``null``."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_enforcer.desk import AuditLine, RunDetail, RunSummary
from plimsoll_enforcer.flatten.result import Closed, FlattenResult


def run_summary(run: RunSummary) -> dict[str, object]:
    """One run in a list."""
    return {
        "run_id": run.run_id,
        "account": run.account,
        "mode": run.mode,
        "trigger": run.trigger,
        "began_at": run.began_at,
        "ended_at": run.ended_at,
        "outcome": run.outcome,
        "result": None if run.result is None else _result(run.result),
    }


def run_detail(run: RunDetail) -> dict[str, object]:
    """One run with its audit."""
    return {**run_summary(run.summary), "audit": [_line(one) for one in run.audit]}


def _result(result: FlattenResult) -> dict[str, object]:
    return {
        "flat": result.flat,
        "seconds_to_flat": result.seconds_to_flat,
        "confirmed": result.confirmed,
        "residual_exposure_usd": _text(result.residual_exposure_usd),
        "positions": [_closed(one) for one in result.positions],
        "orders_cancelled": result.orders_cancelled,
        "orders_left": result.orders_left,
    }


def _closed(one: Closed) -> dict[str, object]:
    return {
        "symbol": one.symbol,
        "position_side": one.position_side.value,
        "amount": _text(one.amount),
        "closed": _text(one.closed),
        "average_price": _text(one.average_price),
        "left": _text(one.left),
        "why_left": one.why_left,
    }


def _line(line: AuditLine) -> dict[str, object]:
    return {"at": line.at, "kind": line.kind, "text": line.text, "detail": dict(line.detail)}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
