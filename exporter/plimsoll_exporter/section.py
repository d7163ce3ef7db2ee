"""Samples on their way to the exposition: the only place where a number becomes a float.

A section is filled for one account and merged only when it is complete, so that a fault in the middle leaves nothing
of it behind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from plimsoll_exporter.metric import Kind, Metric

Value = Decimal | float | None
Family = GaugeMetricFamily | CounterMetricFamily


class Section:
    """Samples by metric, in the order of their coming."""

    def __init__(self) -> None:
        self._samples: dict[str, list[tuple[tuple[str, ...], float]]] = {}

    def add(self, metric: Metric, labels: tuple[str, ...], value: Value) -> None:
        """Add one sample; an unknown value (``None``) adds nothing.

        Raises:
            ValueError: The number of label values is not that of the metric, or the value is no number.
        """
        if value is None:
            return
        if len(labels) != len(metric.labels):
            raise ValueError(f"{metric.name} has labels {metric.labels}, not {labels}")
        number = float(value)
        if math.isnan(number):
            raise ValueError(f"{metric.name}{labels}: not a number")
        self._samples.setdefault(metric.name, []).append((labels, number))

    def merge(self, other: Section) -> None:
        """Take over every sample of another section."""
        for name, samples in other._samples.items():
            self._samples.setdefault(name, []).extend(samples)

    def families(self, metrics: Iterable[Metric]) -> Iterator[Family]:
        """The samples as families, in the order of ``metrics``; one without samples is left out."""
        for metric in metrics:
            samples = self._samples.get(metric.name)
            if samples:
                family = empty(metric)
                for labels, value in samples:
                    family.add_metric(labels, value)
                yield family


def empty(metric: Metric) -> Family:
    """A family without samples."""
    make = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    return make(metric.name, metric.help, labels=metric.labels)
