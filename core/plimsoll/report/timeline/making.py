"""What every part of the timeline makes its lines with."""

from __future__ import annotations

from plimsoll.report.model import EntryKind, Severity, SourceName, TimelineEntry


def entry(
    time: float,
    kind: EntryKind,
    text: str,
    source: SourceName = SourceName.PROMETHEUS,
    *,
    severity: Severity = Severity.INFO,
    symbol: str = "",
    until: float | None = None,
) -> TimelineEntry:
    """One line, from Prometheus and of no gravity unless said otherwise."""
    return TimelineEntry(time=time, kind=kind, text=text, source=source, severity=severity, symbol=symbol, until=until)
