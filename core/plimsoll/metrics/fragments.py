"""Sections as text: each is written once, however many pages show it, and a line only where its number has changed.

With many accounts most of a page is what the page before had: limits, counts, ledgers, and of a position all but what
follows its price. What is written is the same, to the byte, as the client library writes of the same samples.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client import Metric as AnyFamily

from plimsoll.metrics.distribution import histogram
from plimsoll.metrics.metric import Metric
from plimsoll.metrics.section import Number, Sample, Section, empty
from plimsoll.metrics.table import Table
from plimsoll.metrics.writing import Lines, braced, numeral

_PAGES = 100
"""Pages after which lines that nobody shows any more are looked for: closed positions, mostly."""

_SPARE = 100
"""Lines of one metric that are kept, beside twice those that are shown, before all are begun anew."""

Kept = dict[tuple[str, ...], tuple[Number, str, str]]
"""Of one metric, by label values: the number, all of the line before it, and the line."""


class Fragments:
    """Writes sections of these metrics; may be used from several threads at once.

    Args:
        metrics: In the order of the page.
    """

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._families = {metric.name: empty(metric) for metric in metrics}
        self._metrics = {metric.name: metric for metric in metrics}
        self._kept: dict[str, Kept] = {name: {} for name in self._metrics}
        self._pages = 0

    @property
    def kept(self) -> int:
        """How many lines are kept."""
        return sum(map(len, self._kept.values()))

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
        self._pages += 1
        if self._pages % _PAGES == 0:
            self._forget(sections)
        return b"".join(self._parts(found, head))

    def _parts(self, found: Mapping[str, list[str]], head: Callable[[AnyFamily], bytes]) -> Iterator[bytes]:
        for name, family in self._families.items():
            if name in found:
                yield head(family)
                yield "".join(found[name]).encode()

    def _text(self, section: Section) -> Mapping[str, str]:
        if section.text is None:
            text = {name: self._lines(name, rows) for name, rows in section.rows.items()}
            section.text = {**text, **dict(self._histograms(section))}
        return section.text

    def _histograms(self, section: Section) -> Iterator[tuple[str, str]]:
        lines = Lines()
        for name, found in section.distributions.items():
            family = histogram(self._metrics[name], found)
            yield name, "".join(map(lines.line, family.samples))

    def _lines(self, name: str, rows: Iterable[Sample]) -> str:
        """The lines of one metric; equal numbers are written alike, but for zeros of either sign."""
        kept, lines = self._kept[name], list[str]()
        for labels, value in rows:
            known = kept.get(labels)
            if known is not None and (known[0] is value or (known[0] == value and value)):
                lines.append(known[2])
            else:
                before = self._before(name, labels) if known is None else known[1]
                line = f"{before}{numeral(float(value))}\n"
                kept[labels] = (value, before, line)
                lines.append(line)
        return "".join(lines)

    def _forget(self, sections: Iterable[Section]) -> None:
        shown: Counter[str] = Counter()
        for section in sections:
            shown.update({name: len(rows) for name, rows in section.rows.items()})
        for name, kept in self._kept.items():
            if len(kept) > 2 * shown[name] + _SPARE:
                kept.clear()

    def _before(self, name: str, labels: tuple[str, ...]) -> str:
        family = self._families[name]
        shown = family.sample_name if isinstance(family, Table) else name
        return f"{shown}{braced(self._metrics[name].labels, labels)} "
