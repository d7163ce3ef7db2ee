"""A family of plain numbers, kept as rows of label values.

A page has thousands of samples, and making the client library's objects for each costs more than writing them. Our
writer takes the rows; whoever else asks, the library's own encoders among them, finds samples as in any family.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from prometheus_client import Metric as AnyFamily
from prometheus_client.samples import Sample

from plimsoll.metrics.metric import Kind, Metric

Row = tuple[tuple[str, ...], float]
"""Label values, in the order of the metric's label names, and the number."""

_TOTAL = "_total"


class Table(AnyFamily):
    """The family of one gauge or counter of the catalogue.

    Attributes:
        sample_name: The name in front of every row.
        labels: Label names.
        rows: In the order in which they are shown; nobody changes them any more.
    """

    def __init__(self, metric: Metric, rows: Sequence[Row] = ()) -> None:
        counter = metric.kind is Kind.COUNTER
        super().__init__(metric.name.removesuffix(_TOTAL) if counter else metric.name, metric.help, metric.kind.value)
        self.sample_name = self.name + _TOTAL if counter else self.name
        self.labels = metric.labels
        self.rows = rows
        del self.samples  # what the library sets there would stand before ours

    @cached_property
    def samples(self) -> list[Sample]:  # type: ignore[override] # an attribute to whoever reads it, as the library does
        """The rows as the library has them."""
        return [Sample(self.sample_name, dict(zip(self.labels, values, strict=True)), n) for values, n in self.rows]
