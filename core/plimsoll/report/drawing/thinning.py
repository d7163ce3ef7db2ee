"""Lines as floats, thinned to what a picture can show: peaks stay, gaps stay gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.report.pictures import Point

MOST_POINTS = 1600
"""Of one line; a picture is some 700 points wide."""

Dot = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line, ready to be drawn.

    Attributes:
        runs: Its unbroken stretches; between two of them nothing is known.
        endless: Moments at which the value was infinite.
    """

    runs: tuple[tuple[Dot, ...], ...]
    endless: tuple[float, ...] = ()

    @property
    def last(self) -> Dot | None:
        """The last known point."""
        return self.runs[-1][-1] if self.runs else None

    @property
    def heights(self) -> tuple[float, ...]:
        """All known values."""
        return tuple(height for run in self.runs for _, height in run)


def line(points: Sequence[Point], most: int = MOST_POINTS) -> Line:
    """The points as a line of at most about this many."""
    runs: list[list[Dot]] = [[]]
    endless: list[float] = []
    known = 0
    for time, value in points:
        if value is not None and value.is_finite():
            runs[-1].append((time, float(value)))
            known += 1
            continue
        if value is not None and value.is_infinite():
            endless.append(time)
        if runs[-1]:
            runs.append([])
    share = min(1.0, most / known) if known else 1.0
    kept = tuple(_thinned(run, max(4, math.ceil(len(run) * share))) for run in runs if run)
    return Line(runs=kept, endless=tuple(endless))


def _thinned(run: list[Dot], most: int) -> tuple[Dot, ...]:
    """First and last point, and of every stretch between them the lowest and the highest."""
    if len(run) <= most:
        return tuple(run)
    inner, buckets = run[1:-1], max(1, (most - 2) // 2)
    size = math.ceil(len(inner) / buckets)
    kept = [run[0]]
    for start in range(0, len(inner), size):
        bucket = inner[start : start + size]
        kept += sorted({min(bucket, key=_height), max(bucket, key=_height)})
    return (*kept, run[-1])


def _height(dot: Dot) -> float:
    return dot[1]
