"""A histogram that was counted elsewhere, as the family that a scrape shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.utils import floatToGoString

from plimsoll.metrics.metric import Metric

_number: Callable[[float], str] = floatToGoString


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """What one histogram holds.

    Attributes:
        buckets: Upper bound and how many observations are not above it, ascending; the last bound is infinite.
        sum: Of all observations.
    """

    buckets: tuple[tuple[float, float], ...]
    sum: float


def histogram(metric: Metric, rows: Iterable[tuple[tuple[str, ...], Distribution]]) -> HistogramMetricFamily:
    """The family of a histogram, from label values and what they hold."""
    family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, found in rows:
        buckets = [(_number(bound), count) for bound, count in found.buckets]
        family.add_metric(labels, buckets, sum_value=found.sum)
    return family
