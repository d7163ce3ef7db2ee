"""Days as people count them: by an IANA time zone, with all its changes of clock.

A day may last 23 or 25 hours, begin at one o'clock where midnight is skipped, or not exist at all. Times are Unix
seconds.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

_FARTHEST = 36 * 3600
"""Seconds by which no zone's midnight is apart from that of UTC, skipped days included."""


def local_day(at: float, timezone: str) -> date:
    """The day that a zone's calendar shows at a moment."""
    return datetime.fromtimestamp(at, _zone(timezone)).date()


def day_start(day: date, timezone: str) -> float:
    """The first second of a day; of a day that the zone skipped, that of the day after it."""
    midnight = int(datetime.combine(day, time(), UTC).timestamp())
    seconds = range(midnight - _FARTHEST, midnight + _FARTHEST)
    return float(seconds[bisect_left(seconds, day, key=lambda second: local_day(second, timezone))])


def _zone(timezone: str) -> tzinfo:
    return UTC if timezone == "UTC" else ZoneInfo(timezone)  # UTC is known without a time zone database
