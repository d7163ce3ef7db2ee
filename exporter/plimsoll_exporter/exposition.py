"""From a view to the bytes of ``/metrics``, with no work done twice.

The accounts' part of a page is kept until the view changes, so that a second Prometheus, or a person beside it, costs
next to nothing; when it changes, each account's parts that did not are kept all the same, and so are lines of others
whose numbers did not. What the process counts about itself is written afresh every time.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import cached_property

from prometheus_client import CollectorRegistry

from plimsoll.metrics.format import Form
from plimsoll.metrics.fragments import Fragments
from plimsoll.metrics.page import PageWriter, ending
from plimsoll_exporter.families import FAMILIES, Families, KeptSections
from plimsoll_exporter.figures import Assessor
from plimsoll_exporter.view import ExporterView

_GZIP_LEVEL = 1
_GZIP_FORMAT = zlib.MAX_WBITS + 16
"""The library's sign for deflate in the frame of gzip."""


class Pages:
    """Writes pages; may be used from several threads at once.

    Args:
        registry: The process's own metrics.
        assessor: Computes figures and keeps faults apart.
    """

    def __init__(self, *, registry: CollectorRegistry, assessor: Assessor) -> None:
        self._registry = registry
        self._assessor = assessor
        self._kept: dict[str, tuple[ExporterView, _Beginning]] = {}
        self._writer = PageWriter()
        self._sections, self._fragments = KeptSections(), Fragments(FAMILIES)

    def page(self, view: ExporterView, form: Form) -> bytes:
        """The whole page; the accounts come first, so that what their making counts is in the rest."""
        beginning = self._accounts(view, form)
        rest = self._writer.part(self._registry, form) + ending(form)
        return beginning.packed_with(rest) if form.compressed else beginning.text + rest

    def _accounts(self, view: ExporterView, form: Form) -> _Beginning:
        timeless = replace(view, now=0.0)
        kept = self._kept.get(form.content_type)
        if kept is not None and kept[0] == timeless:
            return kept[1]
        families = Families(view=lambda: view, assessor=self._assessor, kept=self._sections)
        beginning = _Beginning(self._written(families, form))
        self._kept[form.content_type] = (timeless, beginning)
        return beginning

    def _written(self, families: Families, form: Form) -> bytes:
        """Ours where names stay as they are, the library's otherwise."""
        if form.plain_names:
            return self._writer.sections(families.sections(), self._fragments, form)
        return self._writer.part(families, form)


class _Beginning:
    """The first part of pages, packed once for all that begin with it."""

    def __init__(self, text: bytes) -> None:
        self.text = text

    @cached_property
    def _packed(self) -> tuple[bytes, zlib._Compress]:
        """What of it is packed for good, and a packer that holds the rest."""
        packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
        return packer.compress(self.text), packer

    def packed_with(self, rest: bytes) -> bytes:
        """The page that goes on with ``rest``, in gzip."""
        begun, packer = self._packed
        packer = packer.copy()
        return b"".join((begun, packer.compress(rest), packer.flush()))
