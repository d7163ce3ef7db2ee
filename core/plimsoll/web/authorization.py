"""The ``Authorization`` header of basic authentication (RFC 7617), taken as strictly as Go takes it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.secret import Secret

_SCHEME = "basic "


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """A name and a password as a client sent them."""

    name: str
    password: Secret


def read_login(headers: Sequence[str]) -> Login | None:
    """The login in a request's ``Authorization`` headers, ``None`` unless there is exactly one and it is sound."""
    if len(headers) != 1 or headers[0][: len(_SCHEME)].lower() != _SCHEME:
        return None
    try:
        sent = headers[0][len(_SCHEME) :].encode("ascii")
        decoded = base64.b64decode(sent, validate=True)
        text = decoded.decode("utf-8")
    except (UnicodeError, binascii.Error):
        return None
    if base64.b64encode(decoded) != sent:  # Python lets surplus padding pass
        return None
    name, colon, password = text.partition(":")
    return Login(name=name, password=Secret(password)) if colon else None
