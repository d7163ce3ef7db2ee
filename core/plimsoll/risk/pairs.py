"""Two samples must agree before anything is believed: one alone may be a wild price.

Only consecutive trusted samples count, by a clock that never jumps; whoever loses trust in between begins anew. Two
looks at one and the same price are one opinion: the second sample needs a newer mark of everything held. All of this
may be forgotten at a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.risk.units import Level

HIGH_APART = 1.0
"""Seconds between two samples that make a new high."""

BREACH_APART = 0.5
"""Seconds between two samples that make or clear a breach."""

_MERGED = 0.05
"""Samples nearer to one another than this many seconds are kept as one, the lower of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A trusted sample, or a few next to one another with the lowest level of them."""

    elapsed: float
    level: Level
    priced_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """Consecutive trusted samples on one side of a limit.

    Attributes:
        beyond: They are at the limit or beyond it.
        count: How many there are, each at least ``BREACH_APART`` after the one before.
        counted_at: When the last one was counted.
        priced_ms: Of which prices that was; ``None`` where nothing was priced.
    """

    beyond: bool
    count: int
    counted_at: float
    priced_ms: int | None = None

    @property
    def believed(self) -> bool:
        """Two samples agree."""
        return self.count > 1


def with_sample(
    points: tuple[Point, ...], elapsed: float, level: Level, priced_ms: int | None = None
) -> tuple[Point, ...]:
    """The points with a new sample, without those that no later pair needs."""
    if points and elapsed - points[-1].elapsed < _MERGED:
        points = (*points[:-1], replace(points[-1], level=points[-1].level.lower(level)))
    else:
        points = (*points, Point(elapsed=elapsed, level=level, priced_ms=priced_ms))
    old = sum(1 for point in points if elapsed - point.elapsed >= HIGH_APART)
    return points[max(old - 1, 0) :]


def pair_of(points: tuple[Point, ...], elapsed: float) -> Level | None:
    """The lowest level since a sample at least ``HIGH_APART`` before the last; ``None`` while there is no such pair.

    Nor is there one while both see the same prices.

    Args:
        points: The samples, the last one included.
        elapsed: When the last one was taken.
    """
    if elapsed - points[0].elapsed < HIGH_APART or not _newer(points[-1].priced_ms, points[0].priced_ms):
        return None
    lowest = points[0].level
    for point in points[1:]:
        lowest = lowest.lower(point.level)
    return lowest


def shifted(points: tuple[Point, ...], *, unit_value: Decimal, equity: Decimal) -> tuple[Point, ...]:
    """The points moved by a flow."""
    return tuple(replace(point, level=point.level.shifted(unit_value=unit_value, equity=equity)) for point in points)


def continued(run: Run | None, elapsed: float, *, beyond: bool, priced_ms: int | None = None) -> Run:
    """The run after one more trusted sample; one too soon, or of prices that were counted, adds nothing."""
    if run is None or run.beyond is not beyond:
        return Run(beyond=beyond, count=1, counted_at=elapsed, priced_ms=priced_ms)
    if elapsed - run.counted_at < BREACH_APART or not _newer(priced_ms, run.priced_ms):
        return run
    return Run(beyond=beyond, count=run.count + 1, counted_at=elapsed, priced_ms=priced_ms)


def _newer(priced_ms: int | None, before_ms: int | None) -> bool:
    """Whether prices are newer than those before; where either has none there is nothing to compare."""
    return priced_ms is None or before_ms is None or priced_ms > before_ms
