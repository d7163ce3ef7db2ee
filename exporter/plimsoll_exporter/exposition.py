"""From collectors to the bytes of ``/metrics``: which format, compressed or not."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import Metric
from prometheus_client.exposition import choose_encoder, gzip_accepted
from prometheus_client.registry import Collector

Encoder = Callable[[Collector], bytes]

_VERSION = re.compile(r"version=([^;\s]*)")
_VERSIONS = frozenset({"0.0.1", "0.0.4", "1.0.0"})
_GZIP_LEVEL = 1


def negotiate(accept: str, accept_encoding: str) -> tuple[Encoder, dict[str, str]]:
    """The encoder that suits a client's headers, and the headers of the answer; text 0.0.4 where nothing better fits.

    The client library fails on a version that is no number and claims any number that is asked for, so only versions
    that it really writes are passed on to it.
    """
    encode, content_type = choose_encoder(",".join(filter(_understood, accept.split(","))))
    headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
    if not gzip_accepted(accept_encoding):
        return encode, headers
    return lambda page: gzip.compress(encode(page), _GZIP_LEVEL), headers | {"Content-Encoding": "gzip"}


def _understood(media_range: str) -> bool:
    version = _VERSION.search(media_range)
    return version is None or version[1] in _VERSIONS


class Joined(Collector):
    """Several collectors as one; the first comes first, so that what it counts is in the last."""

    def __init__(self, collectors: Sequence[Collector]) -> None:
        self._collectors = collectors

    def collect(self) -> Iterable[Metric]:
        """The families of all."""
        for collector in self._collectors:
            yield from collector.collect()
