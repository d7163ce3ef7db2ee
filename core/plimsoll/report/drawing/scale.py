"""Marks on the axes: where they stand and what is written there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from plimsoll.report.pictures import Unit

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 2, 5, 7, 14, 28, 56, 112, 364)),
)
_MOST_TICKS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeScale:
    """The axis of time of one period.

    Attributes:
        ticks: Unix seconds.
        step: Seconds between two of them.
    """

    since: float
    until: float
    ticks: tuple[float, ...]
    step: int

    def labels(self, zone: ZoneInfo) -> tuple[str, ...]:
        """What is written at each tick: the clock, and the date where there are several days."""
        return tuple(self._label(tick, zone) for tick in self.ticks)

    def title(self, name: str, zone: ZoneInfo) -> str:
        """What stands at the axis: the zone, and the date where there is one."""
        days = self._days(zone)
        return f"Time, {name}" if len(days) > 1 else f"Time, {name}, {days.pop()}"

    def _label(self, tick: float, zone: ZoneInfo) -> str:
        at = datetime.fromtimestamp(tick, UTC).astimezone(zone)
        clock = f"{at:%H:%M:%S}" if self.step < _MINUTE else f"{at:%H:%M}"
        if len(self._days(zone)) == 1:
            return clock
        return f"{at:%d %b}" if self.step >= _DAY else f"{at:%d %b}\n{clock}"

    def _days(self, zone: ZoneInfo) -> set[str]:
        ends = (self.since, self.until)
        return {f"{datetime.fromtimestamp(end, UTC).astimezone(zone):%Y-%m-%d}" for end in ends}


def time_scale(since: float, until: float) -> TimeScale:
    """Marks at round times (UTC), seven at most."""
    fitting = (step for step in _STEPS if (until - since) / step <= _MOST_TICKS)
    step = next(fitting, math.ceil((until - since) / _MOST_TICKS / _DAY) * _DAY)
    first = math.ceil(since / step)
    last = math.floor(until / step)
    return TimeScale(since=since, until=until, ticks=tuple(float(n * step) for n in range(first, last + 1)), step=step)


def height_label(value: float, unit: Unit, spread: float) -> str:
    """What is written at a mark of the other axis; ``spread`` is the distance of two marks."""
    if unit is Unit.RATIO:
        return f"{value * 100:.{_digits(spread * 100)}f} %"
    text = f"{value:,.{_digits(spread)}f}"
    return f"{text}x" if unit is Unit.TIMES else text


def _digits(spread: float) -> int:
    """As many as the distance of two marks needs, so that marks which stand evenly read evenly."""
    exact = (
        digits for digits in range(8) if math.isclose(spread * 10**digits, round(spread * 10**digits), rel_tol=1e-6)
    )
    return next(exact, 8) if spread > 0 else 0


def spread_out(heights: list[float], least: float, low: float, high: float) -> list[float]:
    """Places near these heights that are at least ``least`` apart and between two bounds, in the same order."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    places: list[float] = []
    for index in order:
        places.append(max(heights[index], low, places[-1] + least if places else low))
    ceiling = high
    for number in reversed(range(len(places))):
        places[number] = min(places[number], ceiling)
        ceiling = places[number] - least
    found = [0.0] * len(heights)
    for index, place in zip(order, places, strict=True):
        found[index] = place
    return found


def together(places: list[tuple[float, float]], near: float) -> list[range]:
    """Numbers of markers, in stretches of those that stand so near one another that they share a label."""
    starts = [0] if places else []
    for number, (one, other) in enumerate(pairwise(places), 1):
        if abs(one[0] - other[0]) > near or abs(one[1] - other[1]) > near:
            starts.append(number)
    return [range(start, end) for start, end in pairwise([*starts, len(places)])]
