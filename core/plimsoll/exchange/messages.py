"""What all streams share about messages: type, name, and the memory that recognises those that come twice."""

from __future__ import annotations

from plimsoll.errors import Malformed
from plimsoll.exchange.payload.events import fingerprint

MEMORY = 4096
"""Events remembered to recognise those that the old and the new connection both deliver."""

Message = dict[str, object] | list[object]


class Recent:
    """The fingerprints of the last events, oldest forgotten first."""

    def __init__(self, size: int = MEMORY) -> None:
        self._size = size
        self._seen: dict[str, None] = {}

    def is_new(self, message: Message) -> bool:
        """Whether this was not seen lately; it is from now on."""
        try:
            mark = fingerprint(message)
        except Malformed:
            return True
        if mark in self._seen:
            return False
        self._seen[mark] = None
        if len(self._seen) > self._size:
            del self._seen[next(iter(self._seen))]
        return True


def event_name(message: Message) -> str | None:
    """The ``e`` of a message, raw or wrapped; ``None`` for a list or a message without one."""
    if isinstance(message, dict) and isinstance(message.get("data"), dict):
        message = message["data"]  # type: ignore[assignment]  # just checked
    name = message.get("e") if isinstance(message, dict) else None
    return name if isinstance(name, str) else None
