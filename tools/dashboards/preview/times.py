"""Ranges of time as Grafana writes them (``now-6h``, ``now/d``, milliseconds), and how finely a range is asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

SCRAPE = 2.0
"""Seconds between two scrapes: ``timeInterval`` of the data source that is provisioned."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "M": 2592000.0, "y": 31536000.0}
_RELATIVE = re.compile(r"now(?P<moves>(?:[+-]\d+[smhdwMy])*)(?:/(?P<unit>[smhdwMy]))?")
_MOVE = re.compile(r"([+-])(\d+)([smhdwMy])")
_ROUND = (
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    20,
    30,
    60,
    120,
    300,
    600,
    900,
    1200,
    1800,
    3600,
    7200,
    10800,
)
_ROUND_DAYS = (21600, 43200, 86400, 604800, 2592000)


@dataclass(frozen=True, kw_only=True)
class Range:
    """What a dashboard shows.

    Attributes:
        begin: Seconds since 1970.
        end: Seconds since 1970.
        said: Both as they were asked for.
        zone: In which times are printed; none is this machine's.
    """

    begin: float
    end: float
    said: tuple[str, str]
    zone: tzinfo | None = None

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.begin

    def step(self, points: int, least: str = "") -> float:
        """Seconds between two points, so that at most about so many are drawn; whole scrapes at least."""
        wanted = self.length / max(1, points)
        rounded = next((one for one in (*_ROUND, *_ROUND_DAYS) if one >= wanted), wanted)
        return max(rounded, seconds(least, SCRAPE))


class TimeError(ValueError):
    """A time that is not written as Grafana writes one."""


def seconds(text: str, default: float) -> float:
    """A length such as ``5s`` or ``1m``; the default where there is none."""
    match = re.fullmatch(r">?(\d+(?:\.\d+)?)(ms|[smhdwMy])", text)
    return float(match[1]) * _UNITS[match[2]] if match else default


def written(length: float) -> str:
    """A length as PromQL takes it."""
    return f"{length:.0f}s" if length >= 1 and length == math.floor(length) else f"{length * 1000:.0f}ms"


def moment(text: str, now: float, zone: tzinfo | None) -> float:
    """The moment that a text stands for, in seconds since 1970.

    Raises:
        TimeError: It stands for none.
    """
    if re.fullmatch(r"\d{11,}", text):
        return int(text) / 1000
    match = _RELATIVE.fullmatch(text)
    if match is None:
        try:
            given = datetime.fromisoformat(text)
        except ValueError:
            raise TimeError(f"{text!r} is no time: write now-6h, now, milliseconds or an ISO date") from None
        return (given if given.tzinfo else given.replace(tzinfo=zone or UTC)).timestamp()
    for sign, count, unit in _MOVE.findall(match["moves"]):
        now += (1 if sign == "+" else -1) * int(count) * _UNITS[unit]
    return _floor(now, match["unit"], zone) if match["unit"] else now


def _floor(then: float, unit: str, zone: tzinfo | None) -> float:
    found = datetime.fromtimestamp(then, tz=zone).replace(microsecond=0)
    if unit == "s":
        return found.timestamp()
    found = found.replace(second=0)
    if unit == "m":
        return found.timestamp()
    found = found.replace(minute=0, hour=found.hour if unit == "h" else 0)
    if unit in {"h", "d"}:
        return found.timestamp()
    if unit == "w":
        return (found - timedelta(days=found.weekday())).timestamp()
    return found.replace(day=1, month=1 if unit == "y" else found.month).timestamp()


def between(begin: str, end: str, now: float, zone: str) -> Range:
    """The range between two texts.

    Raises:
        TimeError: One is no time, or the end lies before the beginning.
    """
    place = UTC if zone == "utc" else None
    first, last = moment(begin, now, place), moment(end, now, place)
    if last <= first:
        raise TimeError(f"the range ends ({end}) before it begins ({begin})")
    return Range(begin=first, end=last, said=(begin, end), zone=place)


def offset(times: Range) -> float:
    """Seconds by which the range's time zone is ahead of UTC."""
    begin = datetime.fromtimestamp(times.begin, tz=times.zone).astimezone(times.zone)
    return (begin.utcoffset() or timedelta()).total_seconds()


def ticks(times: Range, most: int) -> Sequence[tuple[float, str]]:
    """Where a time axis is marked, and with what; seconds since 1970."""
    wanted = times.length / max(1, most)
    step = next((one for one in (*_ROUND[6:], *_ROUND_DAYS) if one >= wanted), wanted)
    pattern = "%H:%M" if times.length <= _UNITS["d"] else "%m/%d %H:%M"
    if step < _UNITS["m"]:
        pattern = "%H:%M:%S"
    shift = offset(times)
    first = math.ceil((times.begin + shift) / step) * step - shift
    count = int((times.end - first) / step) + 1
    marks = [first + index * step for index in range(max(0, count))]
    return [(mark, datetime.fromtimestamp(mark, tz=times.zone).strftime(pattern)) for mark in marks]
