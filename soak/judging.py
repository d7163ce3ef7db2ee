"""Whether anything grows: the rules, in one place, on samples alone.

The first quarter is warm-up. Memory: the Theil-Sen slope (the median of the slopes of all pairs, which no single peak
moves) times the time after warm-up must not exceed what is allowed. Descriptors and tasks: the median of the last third
must not exceed that of the first third after warm-up by more than one an account and two: a stream that waits for its
renewal has a task less than others, one that is renewed has a connection and tasks more. Threads: by more than two.
Corrections: none at all.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import combinations

from soak.samples import Sample
from soak.world import NAMES

WARM_UP = 0.25
MORE = {"descriptors": len(NAMES) + 2, "threads": 2, "tasks": len(NAMES) + 2}
"""What is left behind by each renewal is soon more than that: every account has one a minute."""

LEAST_MIB, SHARE = 8.0, 0.05
"""Memory may grow by the larger of this and this share of its median: what allocators keep back is no leak."""

MOST_PAIRS = 400
"""Samples that the slope is taken of; of more, evenly spread ones."""


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The Theil-Sen slope, per second; 0 of fewer than two points."""
    some = points[:: max(1, len(points) // MOST_PAIRS)]
    slopes = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in combinations(some, 2)]
    return statistics.median(slopes) if slopes else 0.0


def warm(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Those after warm-up."""
    return samples[int(len(samples) * WARM_UP) :]


def growth(samples: Sequence[Sample]) -> float:
    """MiB by which memory grew after warm-up."""
    found = warm(samples)
    return slope([(one.at, one.memory) for one in found]) * (found[-1].at - found[0].at)


def medians(samples: Sequence[Sample], name: str) -> tuple[float, float]:
    """Of a count, in the first and in the last third after warm-up."""
    values = [float(getattr(one, name)) for one in warm(samples)]
    third = max(1, len(values) // 3)
    return statistics.median(values[:third]), statistics.median(values[-third:])


def faults(samples: Sequence[Sample], *, least_mib: float = LEAST_MIB) -> list[str]:
    """What is wrong, in words; empty when nothing is."""
    wrong = []
    usual = statistics.median(one.memory for one in warm(samples))
    allowed, grown = max(least_mib, SHARE * usual), growth(samples)
    if grown > allowed:
        wrong.append(f"memory grew by {grown:.1f} MiB, allowed are {allowed:.1f}")
    for name, more in MORE.items():
        before, after = medians(samples, name)
        if after > before + more:
            wrong.append(f"{name} grew from {before:.0f} to {after:.0f}")
    if samples[-1].corrections:
        wrong.append(f"{samples[-1].corrections:.0f} reconcile corrections")
    return wrong
