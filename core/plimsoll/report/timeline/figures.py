"""Limits that were crossed, as the figures themselves tell it, and times in which there were none."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.report.curves import first, known, stretches, value_at
from plimsoll.report.findings.drawdown import breached, rules
from plimsoll.report.findings.exposure import over
from plimsoll.report.findings.pipeline import dark
from plimsoll.report.model import EntryKind, Severity, TimelineEntry
from plimsoll.report.say import lasting, share, times, usd
from plimsoll.report.timeline.making import entry
from plimsoll.report.view import View


def entries(view: View) -> Iterator[TimelineEntry]:
    """All lines of this theme."""
    yield from _leverage(view)
    yield from _drawdown(view)
    yield from _margin(view)
    yield from _gaps(view)


def _leverage(view: View) -> Iterator[TimelineEntry]:
    for name in ("binance_account_leverage", "binance_symbol_leverage"):
        for curve in view.curves.all(f"{name}_ratio"):
            limits = view.curves.one(f"{name}_limit_ratio", **curve.labels).points
            found = over(curve.points, limits)
            if found is not None:
                symbol = curve.labels.get("symbol", "")
                text = (
                    f"{symbol or 'The account'} is {times(found.value)} times the equity, above the limit of "
                    f"{times(value_at(limits, found.time) or found.value)}."
                )
                yield entry(found.time, EntryKind.LIMIT, text, severity=Severity.CRITICAL, symbol=symbol)


def _drawdown(view: View) -> Iterator[TimelineEntry]:
    for rule in rules(view):
        ratios = view.curves.one("binance_account_drawdown_ratio", rule=rule).points
        for level, severity in (("warning", Severity.WARNING), ("critical", Severity.CRITICAL)):
            near = known(view.curves.one("binance_account_drawdown_near_ratio", rule=rule, level=level).points)
            found = first(ratios, lambda ratio, near=near: bool(near) and ratio >= near[0].value)  # type: ignore[misc] # the loop's own value
            if found is not None:
                text = f"{share(found.value)} are lost from the reference of drawdown rule {rule}."
                yield entry(found.time, EntryKind.LIMIT, text, severity=severity)
        at = breached(view, rule)
        if at is not None:
            equity = view.equity(at.time)
            worth = "" if equity is None else f" (equity {usd(equity)})"
            text = f"Drawdown limit {rule} is breached{worth}."
            yield entry(at.time, EntryKind.LIMIT, text, severity=Severity.CRITICAL)


def _margin(view: View) -> Iterator[TimelineEntry]:
    limit = next(iter(known(view.curves.one("binance_account_available_margin_limit_ratio").points)), None)
    points = view.curves.one("binance_account_available_margin_ratio").points
    found = first(points, lambda left: limit is not None and left < limit.value)
    if found is not None:
        text = f"Only {share(found.value)} of the equity is free as margin."
        yield entry(found.time, EntryKind.LIMIT, text, severity=Severity.CRITICAL)


def _gaps(view: View) -> Iterator[TimelineEntry]:
    for one in dark(view):
        text = f"The account cannot be read, for {lasting(one.seconds)}."
        yield entry(one.since, EntryKind.GAP, text, severity=Severity.WARNING, until=one.ended)
    for one in stretches(view.curves.one("binance_stream_connected").points, lambda connected: connected == 0):
        text = f"The private stream is down, for {lasting(one.seconds)}."
        yield entry(one.since, EntryKind.GAP, text, severity=Severity.WARNING, until=one.ended)
