"""Runs as JSON: decimals as strings, times as Unix seconds, unknown as ``null``."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_enforcer.desk import AuditLine, RunSummary
from plimsoll_enforcer.flatten.result import Closed, FlattenResult
from plimsoll_enforcer.web.following import Followed
from plimsoll_enforcer.web.progress import progress_json

DIGITS = Decimal("0.00000001")
"""Of what is reckoned here."""


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


def run_detail(followed: Followed, *, now: float, after: int = 0) -> dict[str, object]:
    """One run with its audit and how far it has got.

    Args:
        followed: The run.
        now: Unix time, so that whoever follows it can tell how long it goes on without a clock of the same time.
        after: Lines of the audit that the reader has; they are left out.
    """
    run = followed.run
    return {
        **run_summary(run.summary),
        "now": now,
        "progress": progress_json(followed.progress),
        "lines": len(run.audit),
        "audit": [_line(one) for one in run.audit[after:]],
    }


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
        "mark_price": _text(one.mark_price),
        "slippage_ratio": _text(_slippage(one)),
        "slippage_cost": _text(_cost(one)),
    }


def _slippage(one: Closed) -> Decimal | None:
    """How much worse than the mark price at the beginning it was closed, as a share of it; negative was better."""
    if one.average_price is None or not one.mark_price:
        return None
    worse = one.mark_price - one.average_price if one.amount > 0 else one.average_price - one.mark_price
    return (worse / one.mark_price).quantize(DIGITS)


def _cost(one: Closed) -> Decimal | None:
    """What that came to, in quote units, fees aside."""
    if one.average_price is None or one.mark_price is None:
        return None
    worse = one.mark_price - one.average_price if one.amount > 0 else one.average_price - one.mark_price
    return (one.closed * worse).quantize(DIGITS)


def _line(line: AuditLine) -> dict[str, object]:
    return {"at": line.at, "kind": line.kind, "text": line.text, "detail": dict(line.detail)}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
