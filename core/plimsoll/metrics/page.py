"""A whole page of metrics in one go, for a program whose page is small."""

from __future__ import annotations

import gzip

from prometheus_client import CollectorRegistry

from plimsoll.metrics.format import Form

_LEVEL = 1


def whole_page(registry: CollectorRegistry, form: Form) -> bytes:
    """The bytes of ``/metrics`` in the form that the client wants."""
    text = form.encode(registry)
    return gzip.compress(text, _LEVEL) if form.compressed else text
