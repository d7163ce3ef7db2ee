"""Looking things up in the curves of a report's material. Pure; nothing is interpolated, and a gap is never bridged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from plimsoll.report.material import Curve
from plimsoll.report.pictures import Point

NOTHING = Curve(name="", points=())


class Known(NamedTuple):
    """One known value of a curve."""

    time: float
    value: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A time in which something held without interruption.

    Attributes:
        until: Last look at which it held.
        ended: First look at which it did not, or nothing was known; ``None`` where it held to the end.
        gap: It ended because nothing was known.
    """

    since: float
    until: float
    ended: float | None
    gap: bool

    @property
    def seconds(self) -> float:
        """How long it held at most."""
        return (self.until if self.ended is None else self.ended) - self.since


class Curves:
    """All curves of the material, by name."""

    def __init__(self, curves: Iterable[Curve]) -> None:
        self._by_name: dict[str, list[Curve]] = {}
        for curve in curves:
            self._by_name.setdefault(curve.name, []).append(curve)

    def all(self, name: str, **labels: str) -> Sequence[Curve]:
        """The curves of a name that have these labels."""
        return [curve for curve in self._by_name.get(name, ()) if labels.items() <= curve.labels.items()]

    def one(self, name: str, **labels: str) -> Curve:
        """The first of them; one without points where there is none."""
        return next(iter(self.all(name, **labels)), NOTHING)

    def at(self, name: str, time: float, **labels: str) -> Decimal | None:
        """The value at a moment: the last one before it, unless a gap began."""
        return value_at(self.one(name, **labels).points, time)

    def total(self, name: str, time: float, **labels: str) -> Decimal | None:
        """The sum of all curves at a moment; ``None`` where none is known then."""
        known = [value for curve in self.all(name, **labels) if (value := value_at(curve.points, time)) is not None]
        return sum(known, Decimal(0)) if known else None

    def increase(self, name: str, **labels: str) -> Decimal | None:
        """By how much counters grew over the period, restarts at 0 included; ``None`` where none is known."""
        grown = [growth(curve.points) for curve in self.all(name, **labels) if curve.points]
        return sum(grown, Decimal(0)) if grown else None


def value_at(points: Sequence[Point], time: float) -> Decimal | None:
    """The last value at or before a moment; ``None`` before the first one and inside a gap."""
    number = bisect_right(points, time, key=lambda point: point[0])
    return points[number - 1][1] if number else None


def known(points: Iterable[Point]) -> list[Known]:
    """The points that have a value."""
    return [Known(time, value) for time, value in points if value is not None]


def first(points: Iterable[Point], holds: Callable[[Decimal], bool]) -> Known | None:
    """The first value for which something holds."""
    return next((point for point in known(points) if holds(point.value)), None)


def lowest(points: Iterable[Point]) -> Known | None:
    """The first of the lowest values."""
    return min(known(points), key=lambda point: point.value, default=None)


def highest(points: Iterable[Point]) -> Known | None:
    """The first of the highest values."""
    return max(known(points), key=lambda point: point.value, default=None)


def growth(points: Iterable[Point]) -> Decimal:
    """By how much a counter grew; a fall is a restart at 0."""
    values = [point.value for point in known(points)]
    return sum((after - before if after >= before else after for before, after in pairwise(values)), Decimal(0))


def stretches(points: Iterable[Point], holds: Callable[[Decimal], bool]) -> list[Stretch]:
    """The times in which something held."""
    found: list[Stretch] = []
    since = last = None
    for time, value in points:
        if value is not None and holds(value):
            since, last = time if since is None else since, time
        elif since is not None and last is not None:
            found.append(Stretch(since=since, until=last, ended=time, gap=value is None))
            since = last = None
    if since is not None and last is not None:
        found.append(Stretch(since=since, until=last, ended=None, gap=False))
    return found
