"""Moments as people give them on a command line or in an address: ISO 8601, ``now``, or so long before now."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plimsoll.report.model import Period

_RELATIVE = re.compile(r"-(?P<number>\d+(?:\.\d+)?)(?P<unit>[smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST_DAYS = 366
_DAY = 86_400
_EPOCH = 0.0

EXAMPLES = "e.g. 2026-10-11T12:00:00Z, 2026-10-11T14:00+02:00, -2h, now"
"""What may be given."""


def relative(text: str) -> bool:
    """Whether this is a time before now, such as ``-2h``."""
    return _RELATIVE.fullmatch(text) is not None


def moment(text: str, *, now: float, zone: ZoneInfo) -> float:
    """The moment, as Unix seconds.

    Args:
        text: ISO 8601, with an offset or in ``zone``; ``now``; or ``-30s``, ``-90m``, ``-2h``, ``-3d``, ``-1w``.
        now: Unix seconds.
        zone: Of a time without an offset.

    Raises:
        ValueError: It is none of them.
    """
    text = text.strip()
    if text == "now":
        return now
    if before := _RELATIVE.fullmatch(text):
        return now - float(before["number"]) * _SECONDS[before["unit"]]
    try:
        found = datetime.fromisoformat(text)
        return (found.replace(tzinfo=zone) if found.tzinfo is None else found).timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f'"{text[:40]}" is no time; {EXAMPLES}') from None


def zone_named(name: str) -> ZoneInfo:
    """The zone of this name.

    Raises:
        ValueError: There is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{name[:40]}" is no time zone; e.g. Europe/Berlin, UTC') from None


def period(since: str, until: str, zone: str, *, now: float) -> Period:
    """The period between two moments as people give them; what lies after now is cut off.

    Raises:
        ValueError: It cannot be understood, ends before it begins, lies in the future or is longer than a year.
    """
    where = zone_named(zone)
    first = moment(since, now=now, zone=where)
    last = min(moment(until, now=now, zone=where), now)
    if first < _EPOCH or not first < last:
        raise ValueError("the period must begin before it ends, and before now")
    if last - first > _LONGEST_DAYS * _DAY:
        raise ValueError(f"the period is longer than {_LONGEST_DAYS} days")
    return Period(since=first, until=last, zone=zone)
