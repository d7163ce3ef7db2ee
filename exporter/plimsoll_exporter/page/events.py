"""What is told over the stream: events in the format of server-sent events, written and compressed once for everybody.

Each event is compressed by itself and ends at a byte, so that one compressed copy fits into every client's stream,
whenever that client came and whatever it has missed. Such a stream has a head, and as it may end at any moment, no end.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass

from plimsoll_exporter.json_values import Json

GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""With what every compressed stream begins (RFC 1952: deflate, no name, no time, unknown system)."""

LEVEL = 1
"""Of compression: the fastest; figures shrink to a tenth all the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event, ready to be sent.

    Attributes:
        number: Higher than that of every event before it.
        plain: As it is sent to a client that takes no compression.
    """

    number: int
    plain: bytes
    compressed: bytes


def event(number: int, name: str, content: Json) -> Event:
    """An event of a name; the content becomes one line of JSON."""
    return _written(number, f"event: {name}\ndata: {json.dumps(content)}\n\n".encode())


def _written(number: int, plain: bytes) -> Event:
    compressor = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
    compressed = compressor.compress(plain) + compressor.flush(zlib.Z_FULL_FLUSH)
    return Event(number=number, plain=plain, compressed=compressed)


NOTHING = _written(0, b": nothing new\n\n")
"""A comment, which shows whether the client is still there."""
