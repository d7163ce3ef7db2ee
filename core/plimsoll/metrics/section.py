"""Samples on their way to the exposition, in the order of their coming.

A section is filled for one account and shown only when it is complete, so that a fault in the middle leaves nothing of
it behind. Filled, it never changes again, and may be shown on many pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from prometheus_client import Metric as AnyFamily

from plimsoll.metrics.distribution import Distribution, histogram
from plimsoll.metrics.metric import Kind, Metric
from plimsoll.metrics.table import Table

Number = Decimal | float
Value = Number | None

Sample = tuple[tuple[str, ...], Number]
"""Label values, in the order of the metric's label names, and the value as it was computed."""

Found = tuple[tuple[str, ...], Distribution]
"""Label values, and what a histogram of them holds."""


class Section:
    """Samples by metric.

    Attributes:
        rows: The samples of gauges and counters, by the name of their metric.
        distributions: Histograms, likewise.
        text: What a writer made of them, likewise; ``None`` until then.
    """

    def __init__(self) -> None:
        self.rows: defaultdict[str, list[Sample]] = defaultdict(list)
        self.distributions: defaultdict[str, list[Found]] = defaultdict(list)
        self.text: Mapping[str, str] | None = None

    def add(self, metric: Metric, labels: tuple[str, ...], value: Value) -> None:
        """Add one sample; an unknown value (``None``) adds nothing.

        Raises:
            ValueError: The number of label values is not that of the metric, or the value is no number.
        """
        if value is None:
            return
        if len(labels) != len(metric.labels):
            raise ValueError(f"{metric.name} has labels {metric.labels}, not {labels}")
        if value != value:  # noqa: PLR0124 - so is "not a number" for Decimal and float alike, and fast
            raise ValueError(f"{metric.name}{labels}: not a number")
        self.rows[metric.name].append((labels, value))

    def distribute(self, metric: Metric, labels: tuple[str, ...], found: Distribution) -> None:
        """Add the distribution of a histogram."""
        self.distributions[metric.name].append((labels, found))

    def merge(self, other: Section) -> None:
        """Take over every sample of another section."""
        for name, rows in other.rows.items():
            self.rows[name].extend(rows)
        for name, found in other.distributions.items():
            self.distributions[name].extend(found)

    def families(self, metrics: Iterable[Metric]) -> Iterator[AnyFamily]:
        """The samples as families, in the order of ``metrics``; one without samples is left out."""
        for metric in metrics:
            rows = self.rows.get(metric.name)
            if rows:
                yield Table(metric, [(labels, float(value)) for labels, value in rows])
            elif metric.name in self.distributions:
                yield histogram(metric, self.distributions[metric.name])


def empty(metric: Metric) -> AnyFamily:
    """A family without samples."""
    return histogram(metric, ()) if metric.kind is Kind.HISTOGRAM else Table(metric)
