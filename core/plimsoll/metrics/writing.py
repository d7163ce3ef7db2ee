"""Families as text, several times as fast as the client library writes them, and the same to the byte.

Nearly all of a page is plain samples: a name, labels, a number. Those are written here, tables the fastest. Whatever is
more than that (timestamps, exemplars, histograms of the native kind, names under a foreign escaping) is left to the
library, and so are the lines above the samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

from prometheus_client import Metric as AnyFamily
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from prometheus_client.utils import floatToGoString

from plimsoll.metrics.table import Table

Encode = Callable[[Collector], bytes]

_number: Callable[[float], str] = floatToGoString

_LOWEST, _LARGE = float("-inf"), 1e6
"""Between these, numbers are written as Python writes them; the others as Go does, which the library knows."""

_KEPT = 20_000
"""Texts of labels that are kept from page to page at most, some MiB; then they are begun anew."""

OPENMETRICS_END = b"# EOF\n"

_ELSEWHERE = ("_created", "_gsum", "_gcount")
"""Endings of samples that the library moves below the others in the old format."""


class Writer:
    """Writes in one format; may be used from several threads at once.

    Args:
        encode: The library's encoder of that format. It must leave names of the old alphabet as they are.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._heads: dict[tuple[str, str, str, str], bytes] = {}
        self._texts: dict[tuple[str, ...], dict[tuple[str, ...], str]] = {}

    def write(self, families: Iterable[AnyFamily]) -> bytes:
        """The families, without what ends a page."""
        lines = Lines()
        return b"".join(part for family in families for part in self._family(family, lines))

    def _family(self, family: AnyFamily, lines: Lines) -> Iterator[bytes]:
        if isinstance(family, Table):
            yield self.head(family)
            yield self._rows(family).encode()
        elif all(map(_is_plain, family.samples)):
            yield self.head(family)
            yield "".join(map(lines.line, family.samples)).encode()
        else:
            yield self._by_library(family)

    def _rows(self, table: Table) -> str:
        """The lines of a table; labels are put into text once and kept, since the next page has nearly all of them."""
        name = table.sample_name
        texts = self._texts.setdefault(table.labels, {})
        if len(texts) > _KEPT:
            texts.clear()
        lines: list[str] = []
        for values, number in table.rows:
            text = texts.get(values)
            if text is None:
                text = texts[values] = braced(table.labels, values)
            lines.append(f"{name}{text} {numeral(number)}\n")
        return "".join(lines)

    def head(self, family: AnyFamily) -> bytes:
        """The lines above the samples of a family."""
        what = (family.name, family.documentation, family.type, family.unit)
        if what not in self._heads:
            self._heads[what] = self._by_library(AnyFamily(*what))
        return self._heads[what]

    def _by_library(self, family: AnyFamily) -> bytes:
        return self._encode(_One(family)).removesuffix(OPENMETRICS_END)


class _One(Collector):
    def __init__(self, family: AnyFamily) -> None:
        self._family = family

    def collect(self) -> Iterable[AnyFamily]:
        """The one."""
        return (self._family,)


class Lines:
    """Lines of samples, as the library has them; the text of labels is made once for all samples that have the same."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, ...], str] = {}

    def line(self, sample: Sample) -> str:
        """One sample."""
        labels = sample.labels
        if not labels:
            return f"{sample.name} {_number(sample.value)}\n"
        same = (*labels, *labels.values())
        text = self._labels.get(same)
        if text is None:
            text = self._labels[same] = _text(labels)
        return f"{sample.name}{{{text}}} {_number(sample.value)}\n"


def _is_plain(sample: Sample) -> bool:
    name, _, _, timestamp, exemplar, native = sample
    return timestamp is None and not exemplar and not native and not name.endswith(_ELSEWHERE) and name.isascii()


def numeral(number: float) -> str:
    """A number as the library writes it."""
    return repr(number) if _LOWEST < number < _LARGE else _number(number)


def line(head: str, number: Decimal | float) -> str:
    """A line, from what stands before its number; in one step, since most of a page's lines are made at every price."""
    value = float(number)
    return f"{head}{value!r}\n" if _LOWEST < value < _LARGE else f"{head}{_number(value)}\n"


def braced(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    """Labels as the library writes them, in braces; nothing where there are none."""
    return f"{{{_text(dict(zip(names, values, strict=True)))}}}" if names else ""


def _text(labels: Mapping[str, str]) -> str:
    return ",".join([f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items())])


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
