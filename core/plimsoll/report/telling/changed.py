"""The first moment at which each limit or alert could have stopped it, and what equity was then. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.report.material import AlertSpan
from plimsoll.report.model import Counterfactual, Severity, SourceName
from plimsoll.report.say import clock, usd
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
    """The first firing of each critical alert about the account, by name, symbol and rule."""
    seen: set[tuple[str, str, str]] = set()
    for span in view.material.alerts:
        key = span.name, span.labels.get("symbol", ""), span.labels.get("rule", "")
        if span.account and span.severity is Severity.CRITICAL and span.name not in AFTERWARDS and key not in seen:
            seen.add(key)
            yield span


def _changed(view: View, span: AlertSpan) -> Counterfactual:
    about = span.labels.get("symbol") or span.labels.get("rule") or ""
    name = f"{span.name} ({about})" if about else span.name
    equity = view.equity(span.since)
    if equity is None:
        after = view.equity_after(span.since)
        equity = None if after is None else after.value
    saved = None if equity is None or view.end is None else equity - view.end.value
    return Counterfactual(
        name=name,
        at=span.since,
        equity=equity,
        saved=saved,
        sentence=f"{name} fired at {clock(span.since)} UTC: {_worth(equity, saved)}.",
        source=SourceName.PROMETHEUS,
    )


def _worth(equity: Decimal | None, saved: Decimal | None) -> str:
    if equity is None or saved is None:
        return "what equity was then is not known"
    if saved > 0:
        return f"equity was {usd(equity)} then, {usd(saved)} more than at the end"
    if saved < 0:
        return f"equity was {usd(equity)} then, {usd(-saved)} less than at the end"
    return f"equity was {usd(equity)} then, as at the end"
