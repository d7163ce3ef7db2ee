"""Samples on their way to the exposition, in the order of their coming.

A section is filled for one account and shown only when it is complete, so that a fault in the middle leaves nothing of
it behind. Filled, it never changes again, and may be shown on many pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from prometheus_client import Metric as AnyFamily

from plimsoll.metrics.distribution import Distribution, histogram
from plimsoll.metrics.metric import Kind, Metric
from plimsoll.metrics.table import Table

Number = Decimal | float
Value = Number | None

LabelValues = tuple[str, ...]
"""In the order of the metric's label names."""

Found = tuple[LabelValues, Distribution]
"""Label values, and what a histogram of them holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What a writer made of the samples of a section.

    Attributes:
        heads: Of each sample, the line before its number.
        lines: Of each sample.
        places: Where in these the samples of each metric are, by its name.
        text: All lines of each metric, by its name.
    """

    heads: Sequence[str]
    lines: Sequence[str]
    places: Mapping[str, Sequence[int]]
    text: Mapping[str, str]


class Section:
    """Samples of any metrics.

    They are kept in three lists and not as objects of their own: a page has some fifty thousand, and whatever is made
    for each is made, and looked at by the collector of garbage, whenever prices come.

    Attributes:
        names: The metric of each sample, gauge or counter.
        labels: Its label values.
        numbers: Its value as it was computed.
        distributions: Histograms, by the name of their metric.
        written: What a writer made of all this; ``None`` until then.
        before: What was written last in the place of this section; a writer takes lines from it, and lets it go.

    Args:
        before: The section that this one takes the place of.
    """

    def __init__(self, before: Section | None = None) -> None:
        self.names: list[str] = []
        self.labels: list[LabelValues] = []
        self.numbers: list[Number] = []
        self.distributions: defaultdict[str, list[Found]] = defaultdict(list)
        self.written: Written | None = None
        self.before: Section | None = before if before is None or before.written is not None else before.before

    def add(self, metric: Metric, labels: LabelValues, value: Value) -> None:
        """Add one sample; an unknown value (``None``) adds nothing.

        Raises:
            ValueError: The number of label values is not that of the metric, or the value is no number.
        """
        if value is not None:
            self.add_all(labels, ((metric, value),))

    def add_all(self, labels: LabelValues, values: Iterable[tuple[Metric, Value]]) -> None:
        """Add one sample of each metric, all with the same label values; unknown values add nothing.

        Raises:
            ValueError: As for a single one.
        """
        count = len(labels)
        for metric, value in values:
            if value is None:
                continue
            if count != len(metric.labels):
                raise ValueError(f"{metric.name} has labels {metric.labels}, not {labels}")
            if value != value:  # noqa: PLR0124 - so is "not a number" for Decimal and float alike, and fast
                raise ValueError(f"{metric.name}{labels}: not a number")
            self.names.append(metric.name)
            self.labels.append(labels)
            self.numbers.append(value)

    def distribute(self, metric: Metric, labels: LabelValues, found: Distribution) -> None:
        """Add the distribution of a histogram."""
        self.distributions[metric.name].append((labels, found))

    def merge(self, other: Section) -> None:
        """Take over every sample of another section."""
        self.names += other.names
        self.labels += other.labels
        self.numbers += other.numbers
        for name, found in other.distributions.items():
            self.distributions[name].extend(found)

    def families(self, metrics: Iterable[Metric]) -> Iterator[AnyFamily]:
        """The samples as families, in the order of ``metrics``; one without samples is left out."""
        places = self.places()
        for metric in metrics:
            if metric.name in places:
                yield Table(metric, [(self.labels[place], float(self.numbers[place])) for place in places[metric.name]])
            elif metric.name in self.distributions:
                yield histogram(metric, self.distributions[metric.name])

    def places(self) -> Mapping[str, Sequence[int]]:
        """Where in the lists the samples of each metric are, by its name."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(self.names):
            found[name].append(place)
        return found


def empty(metric: Metric) -> AnyFamily:
    """A family without samples."""
    return histogram(metric, ()) if metric.kind is Kind.HISTOGRAM else Table(metric)
