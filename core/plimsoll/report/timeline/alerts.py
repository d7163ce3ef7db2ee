"""Alerts that fired, and notifications that were sent or could not be."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from plimsoll.report.curves import known
from plimsoll.report.model import EntryKind, Severity, TimelineEntry
from plimsoll.report.naming import name_of
from plimsoll.report.say import counted, listed
from plimsoll.report.timeline.alert_words import REHEARSED, WORDS
from plimsoll.report.timeline.making import entry
from plimsoll.report.view import View

SENT, FAILED = "alertmanager_notifications_total", "alertmanager_notifications_failed_total"
PEOPLE = ("heartbeat", "enforcer", "drill-")
"""How receivers begin that are no people's."""


def entries(view: View) -> Iterator[TimelineEntry]:
    """All lines of this theme."""
    for span in view.material.alerts:
        name = name_of(span, view.material.alerts, "symbol", "side", "rule", "price")
        meaning = REHEARSED if span.name == "EnforcementRan" and _rehearsed(view) else WORDS.get(span.name)
        yield entry(
            span.since,
            EntryKind.ALERT,
            f"{name} fires{f': {meaning}' if meaning else ''}.",
            severity=span.severity,
            symbol=span.labels.get("symbol", ""),
            until=span.until,
        )
    yield from _notified(view)


def _rehearsed(view: View) -> bool:
    """Whether all runs of the period were dry runs."""
    return bool(view.material.runs) and all(run.mode == "dry-run" for run in view.material.runs)


def _notified(view: View) -> Iterator[TimelineEntry]:
    sent, failed = _grown(view, SENT), _grown(view, FAILED)
    for time in sorted({*sent, *failed}):
        wrong = failed.get(time, {})
        right = {way: count - wrong.get(way, Decimal(0)) for way, count in sent.get(time, {}).items()}
        if any(right.values()):
            yield entry(time, EntryKind.DELIVERY, f"Alertmanager sent {_counts(right)}.")
        if any(wrong.values()):
            text = f"Alertmanager could not deliver {_counts(wrong)}."
            yield entry(time, EntryKind.DELIVERY, text, severity=Severity.WARNING)


def _grown(view: View, name: str) -> dict[float, dict[str, Decimal]]:
    """By time and way of sending, by how much the counters of people's receivers grew."""
    found: dict[float, dict[str, Decimal]] = {}
    for curve in view.curves.all(name):
        if curve.labels.get("receiver_name", "").startswith(PEOPLE):
            continue
        way = curve.labels.get("integration", "")
        for before, now in pairwise(known(curve.points)):
            if now.value > before.value:
                ways = found.setdefault(now.time, {})
                ways[way] = ways.get(way, Decimal(0)) + now.value - before.value
    return found


def _counts(ways: dict[str, Decimal]) -> str:
    return listed([f"{counted(int(count), 'notification')} by {way}" for way, count in ways.items() if count > 0])
