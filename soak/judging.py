"""Whether anything grows: the rules, in one place, on samples alone.

The first quarter is warm-up; of what follows, the first and the last third are compared. Each rule allows what comes
and goes by itself and no more: neither may a busy machine be taken for a leak, nor may it hide one.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from soak.samples import Sample
from soak.world import NAMES

WARM_UP = 0.25

LEAST_MIB, SHARE = 8.0, 0.05
"""Memory may grow by the larger of this and this share of its median: what allocators keep back is no leak."""

MOST_POINTS = 400
"""Samples that the slope is taken of; of more, evenly spread ones."""

LEAST_RENEWALS = 2 * (len(NAMES) + 1)
"""Two of every stream; of fewer nothing can be said."""

STOOD_STILL_SECONDS = 2.5
"""Half of the silence after which a market stream is dead: a machine that stands still for so long may cost one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """By how much the least of a count in the last third may exceed what there was in the first, kind by kind.

    Attributes:
        counts: What is counted, by kind.
        before: What is taken of the first third: its least, or its most.
        more: What is allowed.
    """

    counts: Callable[[Sample], Mapping[str, int]]
    before: Callable[[Iterable[int]], int]
    more: int


RULES = {
    # A stream that is renewed has a task less for a while, and then one more: the most of a third knows both.
    "tasks": Rule(counts=lambda sample: sample.tasks, before=max, more=2),
    # Connections for REST calls are kept for the next ones: the busier the machine, the more calls fall together.
    "descriptors": Rule(counts=lambda sample: sample.descriptors, before=min, more=len(NAMES) + 2),
    # Those of the loop's own pool are begun when first needed and never end.
    "threads": Rule(counts=lambda sample: sample.threads, before=min, more=min(32, (os.cpu_count() or 1) + 4)),
}
"""A renewal that leaves something behind is soon found: there are 20 accounts with more than one a minute."""


def faults(samples: Sequence[Sample]) -> list[str]:
    """What is wrong, in words; empty when nothing is."""
    first, last = samples[0], samples[-1]
    allowed, grown = _most_memory(samples), growth(samples)
    wrong = [f"memory grew by {grown:.1f} MiB, allowed are {allowed:.1f}"] if grown > allowed else []
    wrong += [fault for name, rule in RULES.items() for fault in _grown(samples, name, rule)]
    if last.corrections:
        wrong.append(f"{last.corrections:.0f} reconcile corrections")
    if last.reconnects and last.stood_still < STOOD_STILL_SECONDS:
        wrong.append(f"{last.reconnects:.0f} streams lost and opened again")
    if (renewals := last.opened - first.opened) < LEAST_RENEWALS:
        wrong.append(f"{renewals} renewals, too few to judge by")
    return wrong


def growth(samples: Sequence[Sample]) -> float:
    """MiB by which memory grew after warm-up."""
    found = warm(samples)
    return slope([(one.at, one.memory) for one in found]) * (found[-1].at - found[0].at)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The Theil-Sen slope, the median of those of all pairs, which no single peak moves; 0 of fewer than two points."""
    some = points[:: max(1, len(points) // MOST_POINTS)]
    slopes = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in combinations(some, 2)]
    return statistics.median(slopes) if slopes else 0.0


def warm(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Those after warm-up."""
    return samples[int(len(samples) * WARM_UP) :]


def medians(samples: Sequence[Sample], name: str) -> tuple[float, float]:
    """Of all kinds of a count together, in the first and in the last third after warm-up."""
    counts = RULES[name].counts
    before, after = (statistics.median(sum(counts(one).values()) for one in part) for part in _thirds(samples))
    return before, after


def _most_memory(samples: Sequence[Sample]) -> float:
    """MiB by which memory may grow."""
    return max(LEAST_MIB, SHARE * statistics.median(one.memory for one in warm(samples)))


def _thirds(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """The first and the last one after warm-up."""
    found = warm(samples)
    third = max(1, len(found) // 3)
    return found[:third], found[-third:]


def _grown(samples: Sequence[Sample], name: str, rule: Rule) -> Iterator[str]:
    """A sentence for each kind that grew."""
    before, after = _thirds(samples)
    for kind in sorted({kind for one in after for kind in rule.counts(one)}):
        usual = rule.before(rule.counts(one).get(kind, 0) for one in before)
        least = min(rule.counts(one).get(kind, 0) for one in after)
        if least > usual + rule.more:
            yield f"{name} grew from {usual} to {least}: {kind}"
