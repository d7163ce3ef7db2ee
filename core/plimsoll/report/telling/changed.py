"""The first moment at which each limit or alert could have stopped it, and what equity was then. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.report.findings.making import decimal
from plimsoll.report.material import AlertSpan
from plimsoll.report.model import Counterfactual, Severity, SourceName
from plimsoll.report.naming import Key, key_of, name_of
from plimsoll.report.say import clock, is_some, usd
from plimsoll.report.view import View

AFTERWARDS = frozenset({"EnforcementRan", "AccountLockedOut", "EnforcementFailed", "LockoutChurn"})
"""Alerts that tell what was done about it."""


def counterfactuals(view: View) -> tuple[Counterfactual, ...]:
    """One for each alert about the account's money that fired before the worst was over, the first of them first."""
    if not view.has(SourceName.PROMETHEUS):
        why = "Which alerts fired, and when, cannot be known: Prometheus is missing."
        return (
            Counterfactual(name="alerts", at=None, equity=None, saved=None, sentence=why, source=SourceName.PROMETHEUS),
        )
    return tuple(_changed(view, span) for span in _firsts(view))


def _firsts(view: View) -> Iterator[AlertSpan]:
    """The first firing of each alert about the account that is or became critical, its warning apart."""
    worst = {key_of(one) for one in view.material.alerts if one.severity is Severity.CRITICAL}
    seen: set[tuple[Key, Severity]] = set()
    for span in view.material.alerts:
        key = key_of(span)
        if span.account and key in worst and span.name not in AFTERWARDS and (key, span.severity) not in seen:
            seen.add((key, span.severity))
            yield span


def _changed(view: View, span: AlertSpan) -> Counterfactual:
    name = name_of(span, view.material.alerts, "symbol" if span.labels.get("symbol") else "rule")
    equity = view.equity(span.since)
    if equity is None:
        after = view.equity_after(span.since)
        equity = None if after is None else after.value
    saved = None if equity is None or view.end is None else equity - view.end.value
    worth = _worth(equity, saved)
    if saved is not None and (why := _idle(view, span, saved)):
        saved, worth = None, why
    return Counterfactual(
        name=name,
        at=span.since,
        equity=equity,
        saved=saved,
        sentence=f"{name} fired at {clock(span.since)} UTC: {worth}.",
        source=SourceName.PROMETHEUS,
    )


def _idle(view: View, span: AlertSpan, saved: Decimal) -> str:
    """Why acting on an alert would have changed nothing of the loss; empty where it would have, or nobody knows."""
    symbol = span.labels.get("symbol", "")
    if symbol and not _lost_after(view, symbol, span.since):
        return f"it warned of what might have been lost; {symbol} has lost nothing since"
    return "" if is_some(saved) else "equity was then what it was at the end"


def _lost_after(view: View, symbol: str, time: float) -> bool:
    """Whether a symbol's positions lost anything after a moment; also where that is not known."""
    name, until = "binance_position_unrealized_pnl_usd", view.material.period.until
    before, after = view.curves.total(name, time, symbol=symbol), view.curves.total(name, until, symbol=symbol)
    fills = [decimal(one.realized) for one in view.orders("filled") if one.symbol == symbol and one.time > time]
    if before is None or None in fills or (after is None and not fills):
        return True
    later = sum((one for one in fills if one is not None), after or Decimal(0))
    return is_some(before - later) and later < before


def _worth(equity: Decimal | None, saved: Decimal | None) -> str:
    if equity is None or saved is None:
        return "what equity was then is not known"
    if saved > 0:
        return f"equity was {usd(equity)} then, {usd(saved)} more than at the end"
    if saved < 0:
        return f"equity was {usd(equity)} then, {usd(-saved)} less than at the end"
    return f"equity was {usd(equity)} then, as at the end"
