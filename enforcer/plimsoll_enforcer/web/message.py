"""Alertmanager's webhook message, version 4, read leniently: whoever is strict here fails to close something.

Unknown fields are ignored; a label or annotation that is no text is left out; an alert that is none is passed over.
What an alert must have to be acted on is decided behind the desk, where the outcome is counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from plimsoll.text import is_text, shortened
from plimsoll_enforcer.desk import Alert

VERSION = "4"
FIRING, RESOLVED = "firing", "resolved"


class BadMessage(Exception):
    """What came is no message of Alertmanager.

    Attributes:
        field: What is wrong with it; empty for the whole body.
    """

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def read_message(content: bytes, *, now: float) -> tuple[Alert, ...]:
    """The alerts of one message.

    Args:
        content: The body.
        now: Unix time of its arrival.

    Raises:
        BadMessage: It is no JSON object, of another version, or has no list of alerts.
    """
    message = _object(content)
    version = message.get("version")
    if version != VERSION:
        raise BadMessage("version", f'must be "{VERSION}", found {shortened(json.dumps(version), 40)}')
    alerts = message.get("alerts")
    if not isinstance(alerts, list):
        raise BadMessage("alerts", "must be a list of alerts")
    general = _status(message.get("status"), FIRING)
    return tuple(_alert(one, general, now) for one in alerts if isinstance(one, dict))


def _object(content: bytes) -> Mapping[str, object]:
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError):
        raise BadMessage("", "the body is no JSON") from None
    if not isinstance(loaded, dict):
        raise BadMessage("", "the body is no JSON object")
    return loaded


def _alert(given: Mapping[str, object], general: str, now: float) -> Alert:
    return Alert(
        status=_status(given.get("status"), general),
        labels=_texts(given.get("labels")),
        annotations=_texts(given.get("annotations")),
        arrived_at=now,
        starts_at=_time(given.get("startsAt")),
        fingerprint=_text(given.get("fingerprint")),
    )


def _status(given: object, otherwise: str) -> str:
    """Whether it fires: anything but a clear ``resolved`` does."""
    if given is None:
        return otherwise
    return RESOLVED if given == RESOLVED else FIRING


def _texts(given: object) -> Mapping[str, str]:
    if not isinstance(given, dict):
        return {}
    return {name: value for name, value in given.items() if isinstance(value, str) and is_text(name + value)}


def _text(given: object) -> str:
    return given if isinstance(given, str) and is_text(given) else ""


def _time(given: object) -> float | None:
    """Unix time of a time as RFC 3339 writes it; ``None`` for what is none, and for Go's time that was never set."""
    try:
        found = datetime.fromisoformat(_text(given))
    except ValueError:
        return None
    if found.tzinfo is None or found.year == 1:
        return None
    return (found - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
