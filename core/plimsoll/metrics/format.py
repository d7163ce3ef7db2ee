"""Which format a client of ``/metrics`` wants, compressed or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.exposition import choose_encoder, gzip_accepted

from plimsoll.metrics.writing import Encode

_VERSION = re.compile(r"version=([^;\s]*)")
_VERSIONS = frozenset({"0.0.1", "0.0.4", "1.0.0"})

_PLAIN_ESCAPINGS = ("", "underscores", "allow-utf-8")
"""Escapings of names in a content type under which ours stay as they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """How one client wants the page."""

    content_type: str
    encode: Encode
    compressed: bool

    @property
    def headers(self) -> Mapping[str, str]:
        """Of the answer."""
        encoding = {"Content-Encoding": "gzip"} if self.compressed else {}
        return {"Content-Type": self.content_type, "Vary": "Accept, Accept-Encoding", **encoding}

    @property
    def plain_names(self) -> bool:
        """Whether names are written as they are."""
        return self.content_type.partition("escaping=")[2] in _PLAIN_ESCAPINGS


def negotiate(accept: str, accept_encoding: str) -> Form:
    """The form that suits a client's headers; text 0.0.4 where nothing better fits.

    The client library fails on a version that is no number and claims any number that is asked for, so only versions
    that it really writes are passed on to it.
    """
    encode, content_type = choose_encoder(",".join(filter(_understood, accept.split(","))))
    return Form(content_type=content_type, encode=encode, compressed=gzip_accepted(accept_encoding))


def _understood(media_range: str) -> bool:
    version = _VERSION.search(media_range)
    return version is None or version[1] in _VERSIONS
