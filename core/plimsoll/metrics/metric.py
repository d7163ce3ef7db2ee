"""What one metric is: the row of the catalogue from which families, documentation and tests are made.

No metric is named anywhere else: whoever shows one holds its ``Metric``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The metric type as Prometheus knows it."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        labels: Label names, in the order in which values are given.
        help: What it tells, one sentence; the HELP line.
        unit: For people, e.g. ``USD``.
        source: Where the numbers come from: endpoint, stream or file.
        formula: How the value is made of them.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    unit: str
    source: str
    formula: str


class Theme:
    """Metrics that belong together: one section of the documentation, filled while its catalogue file is imported."""

    def __init__(self, title: str, *, labels: tuple[str, ...], about: str) -> None:
        self.title = title
        self.about = about
        self._labels = labels
        self._metrics: list[Metric] = []

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Its metrics, in the order in which they were declared."""
        return tuple(self._metrics)

    def add(
        self,
        name: str,
        text: str,
        *,
        unit: str,
        formula: str,
        source: str,
        kind: Kind = Kind.GAUGE,
        labels: tuple[str, ...] | None = None,
    ) -> Metric:
        """Declare a metric; it has the theme's labels unless others are given."""
        metric = Metric(
            name=name,
            kind=kind,
            labels=self._labels if labels is None else labels,
            help=text,
            unit=unit,
            source=source,
            formula=formula,
        )
        self._metrics.append(metric)
        return metric
