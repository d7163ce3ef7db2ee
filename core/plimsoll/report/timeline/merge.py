"""``timeline``: all lines in one order of time."""

from __future__ import annotations

from plimsoll.report.model import EntryKind, TimelineEntry
from plimsoll.report.timeline import acts, alerts, figures, orders, stops
from plimsoll.report.view import View

THEMES = (orders, stops, figures, alerts, acts)
_RANK = {kind: number for number, kind in enumerate((EntryKind.FLOW, EntryKind.ENTRY, EntryKind.EXIT))}


def timeline(view: View) -> tuple[TimelineEntry, ...]:
    """Everything that happened, oldest first; of one moment what was done before what it caused."""
    lines = [line for theme in THEMES for line in theme.entries(view)]
    return tuple(sorted(lines, key=lambda line: (line.time, _RANK.get(line.kind, len(_RANK)))))
