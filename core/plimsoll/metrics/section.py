"""Samples on their way to the exposition: the only place where a number becomes a float.

A section is filled for one account and merged only when it is complete, so that a fault in the middle leaves nothing
of it behind.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from prometheus_client import Metric as AnyFamily

from plimsoll.metrics.distribution import Distribution, histogram
from plimsoll.metrics.metric import Metric
from plimsoll.metrics.table import Row, Table

Value = Decimal | float | None


class Section:
    """Samples by metric, in the order of their coming."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)
        self._distributions: defaultdict[str, list[tuple[tuple[str, ...], Distribution]]] = defaultdict(list)

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
        self._rows[metric.name].append((labels, number))

    def distribute(self, metric: Metric, labels: tuple[str, ...], found: Distribution) -> None:
        """Add the distribution of a histogram."""
        self._distributions[metric.name].append((labels, found))

    def merge(self, other: Section) -> None:
        """Take over every sample of another section."""
        for name, rows in other._rows.items():
            self._rows[name].extend(rows)
        for name, found in other._distributions.items():
            self._distributions[name].extend(found)

    def families(self, metrics: Iterable[Metric]) -> Iterator[AnyFamily]:
        """The samples as families, in the order of ``metrics``; one without samples is left out."""
        for metric in metrics:
            rows = self._rows.get(metric.name)
            if rows:
                yield Table(metric, rows)
            elif metric.name in self._distributions:
                yield histogram(metric, self._distributions[metric.name])


def empty(metric: Metric) -> Table:
    """A family without samples."""
    return Table(metric)
