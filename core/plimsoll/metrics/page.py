"""From collectors to the bytes of a page, in whichever form a client wants it."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence

from prometheus_client.registry import Collector

from plimsoll.metrics.format import Form
from plimsoll.metrics.fragments import Fragments
from plimsoll.metrics.section import Section
from plimsoll.metrics.writing import OPENMETRICS_END, Writer

_LEVEL = 1


class PageWriter:
    """Writes in every form; may be used from several threads at once."""

    def __init__(self) -> None:
        self._writers: dict[str, Writer] = {}

    def part(self, collector: Collector, form: Form) -> bytes:
        """What a collector shows, without what ends a page."""
        if not form.plain_names:
            return form.encode(collector).removesuffix(OPENMETRICS_END)
        return self._writer(form).write(collector.collect())

    def sections(self, sections: Sequence[Section], fragments: Fragments, form: Form) -> bytes:
        """What sections show, in a form with plain names, without what ends a page."""
        return fragments.write(sections, self._writer(form).head)

    def whole(self, collectors: Iterable[Collector], form: Form) -> bytes:
        """A whole page, packed where the client wants it so."""
        text = b"".join(self.part(one, form) for one in collectors) + ending(form)
        return gzip.compress(text, _LEVEL) if form.compressed else text

    def _writer(self, form: Form) -> Writer:
        return self._writers.setdefault(form.content_type, Writer(form.encode))


def ending(form: Form) -> bytes:
    """What ends a page of this form."""
    return OPENMETRICS_END if "openmetrics" in form.content_type else b""
