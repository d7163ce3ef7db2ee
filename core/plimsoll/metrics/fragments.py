"""Sections as text: each is written once, however many pages show it, and a line only where its number has changed.

With many accounts most of a page is what the page before had: limits, counts, ledgers, and of a position all but what
follows its price. What is written is the same, to the byte, as the client library writes of the same samples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import Metric as AnyFamily

from plimsoll.metrics.distribution import histogram
from plimsoll.metrics.metric import Metric
from plimsoll.metrics.section import LabelValues, Section, Written, empty
from plimsoll.metrics.table import Table
from plimsoll.metrics.writing import Lines, braced, line


class Fragments:
    """Writes sections of these metrics; may be used from several threads at once.

    Args:
        metrics: In the order of the page.
    """

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._families = {metric.name: empty(metric) for metric in metrics}
        self._metrics = {metric.name: metric for metric in metrics}

    def write(self, sections: Sequence[Section], head: Callable[[AnyFamily], bytes]) -> bytes:
        """The families of all sections, without what ends a page.

        Args:
            sections: In the order of their samples within a family.
            head: Writes the lines above the samples of a family.
        """
        found: defaultdict[str, list[str]] = defaultdict(list)
        for section in sections:
            for name, text in self._text(section).items():
                found[name].append(text)
        return b"".join(self._parts(found, head))

    def _parts(self, found: Mapping[str, list[str]], head: Callable[[AnyFamily], bytes]) -> Iterator[bytes]:
        for name, family in self._families.items():
            if name in found:
                yield head(family)
                yield "".join(found[name]).encode()

    def _text(self, section: Section) -> Mapping[str, str]:
        written = section.written
        if written is None:
            section.written = written = self._written(section)
            section.before = None
        return written.text

    def _written(self, section: Section) -> Written:
        before = section.before
        known = None if before is None else before.written
        if before is None or known is None or before.names != section.names or before.labels != section.labels:
            heads = list(map(self._head, section.names, section.labels))
            lines = list(map(line, heads, section.numbers))
            return self._grouped(section, heads, lines, section.places())
        section.names, section.labels = before.names, before.labels  # equal ones, which need not be there twice
        lines = [  # equal numbers are written alike, but for zeros of either sign
            same if number is old or (number == old and number) else line(head, number)
            for number, old, same, head in zip(section.numbers, before.numbers, known.lines, known.heads, strict=True)
        ]
        return self._grouped(section, known.heads, lines, known.places)

    def _grouped(
        self, section: Section, heads: Sequence[str], lines: Sequence[str], places: Mapping[str, Sequence[int]]
    ) -> Written:
        text = {name: "".join([lines[place] for place in found]) for name, found in places.items()}
        return Written(heads=heads, lines=lines, places=places, text={**text, **dict(self._histograms(section))})

    def _histograms(self, section: Section) -> Iterator[tuple[str, str]]:
        lines = Lines()
        for name, found in section.distributions.items():
            family = histogram(self._metrics[name], found)
            yield name, "".join(map(lines.line, family.samples))

    def _head(self, name: str, labels: LabelValues) -> str:
        """All of a line before its number."""
        family = self._families[name]
        shown = family.sample_name if isinstance(family, Table) else name
        return f"{shown}{braced(self._metrics[name].labels, labels)} "
