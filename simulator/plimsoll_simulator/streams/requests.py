"""The JSON frames that a client sends on an open stream: subscribe, unsubscribe, list, properties."""

from __future__ import annotations

import json
import re
from typing import TypeGuard

from plimsoll_simulator.streams.hub import Subscriber, encode
from plimsoll_simulator.streams.routes import ListenKeyUse

_INVALID = 2
_MALFORMED = 3
# Documented is an unsigned integer; the official SDK sends a UUID as text and is answered all the same.
_TEXT_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")

_Id = int | str


def answer(subscriber: Subscriber, text: str) -> str:
    """Carry out a client's frame and give the frame to answer with."""
    try:
        frame = json.loads(text)
    except ValueError:
        return _error(_MALFORMED, "Invalid JSON: expected value at line 1 column 1")
    if not isinstance(frame, dict):
        return _error(_MALFORMED, "Invalid JSON: expected an object")
    number = frame.get("id")
    if not _is_id(number):
        return _error(_INVALID, "Invalid request: request ID must be an unsigned integer")
    params = frame.get("params", [])
    if not isinstance(params, list):
        return _error(_INVALID, "Invalid request: params must be an array", number)
    return _carry_out(subscriber, str(frame.get("method")), params, number)


def _is_id(number: object) -> TypeGuard[_Id]:
    if isinstance(number, str):
        return _TEXT_ID.fullmatch(number) is not None
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def _carry_out(subscriber: Subscriber, method: str, params: list[object], number: _Id) -> str:
    if method == "LIST_SUBSCRIPTIONS":
        return encode({"result": [*subscriber.keys, *subscriber.streams], "id": number})
    if method == "GET_PROPERTY":
        return encode({"result": subscriber.wrapped, "id": number})
    if method == "SET_PROPERTY":
        subscriber.wrapped = params[1:] == [True]
    elif method == "SUBSCRIBE":
        for name in map(str, params):
            _subscribe(subscriber, name)
    elif method == "UNSUBSCRIBE":
        for name in map(str, params):
            subscriber.streams.pop(name, None)
            subscriber.keys.pop(name.partition("@")[0], None)
    else:
        return _error(_INVALID, f"Invalid request: unknown variant `{method}`", number)
    return encode({"result": None, "id": number})


def _subscribe(subscriber: Subscriber, name: str) -> None:
    """A market stream, or on the private path a listen key, alone or with one event behind an ``@``."""
    if subscriber.group != "private":
        subscriber.streams[name] = None
        return
    key, _, event = name.partition("@")
    before = subscriber.keys.get(key)
    events = frozenset({event, *(before.events or ())} if before else {event}) if event else None
    subscriber.keys[key] = ListenKeyUse(key=key, form="subscribe", events=events)


def _error(code: int, text: str, number: _Id | None = None) -> str:
    body: dict[str, object] = {"error": {"code": code, "msg": text}}
    return encode(body if number is None else {**body, "id": number})
