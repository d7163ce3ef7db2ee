"""Who is calling: API key, signature over the parameters exactly as sent, timestamp and receive window.

Pure: the raw query string and body come in, the account goes out or the call is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from plimsoll_simulator.rest import refusal
from plimsoll_simulator.world import ApiKey, World

DEFAULT_WINDOW_MS = 5000
_LARGEST_WINDOW_MS = 60000
_AHEAD_MS = 1000
_KEY_FORM = re.compile(r"[A-Za-z0-9_-]{1,128}")


class Security(Enum):
    """What a call must show."""

    NONE = "none"
    KEY = "key"
    SIGNED = "signed"
    TRADE = "trade"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A call as it arrived; ``query`` and ``body`` are the raw texts, ``params`` what they say."""

    method: str
    path: str
    ip: str
    key: str | None
    query: str
    body: str
    params: Mapping[str, str]


def authenticate(world: World, request: Request, security: Security) -> ApiKey | None:
    """The key that calls, ``None`` for a public call.

    Raises:
        Refused: The key, signature or timestamp does not pass.
    """
    if security is Security.NONE:
        return None
    key = _key(world, request)
    if security in {Security.SIGNED, Security.TRADE}:
        _check_time(request.params, world.time_ms())
        _check_signature(key, request)
    if security is Security.TRADE and not key.permissions["enableFutures"]:
        raise refusal.bad_key(request.ip)
    return key


def _key(world: World, request: Request) -> ApiKey:
    if request.key is None or not _KEY_FORM.fullmatch(request.key):
        raise refusal.bad_key_format()
    key = world.api_key(request.key)
    if key is None or key.revoked or not key.permissions["enableReading"]:
        raise refusal.bad_key(request.ip)
    return key


def _check_time(params: Mapping[str, str], now: int) -> None:
    sent = _number(params, "timestamp")
    if sent is None:
        raise refusal.missing("timestamp")
    window = _number(params, "recvWindow")
    window = DEFAULT_WINDOW_MS if window is None else window
    if window > _LARGEST_WINDOW_MS:
        raise refusal.window_too_large()
    if sent >= now + _AHEAD_MS:
        raise refusal.too_early()
    if now - sent > window:
        raise refusal.too_late()


def _number(params: Mapping[str, str], name: str) -> int | None:
    text = params.get(name)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,18}", text):
        raise refusal.missing(name)
    return int(text)


def _check_signature(key: ApiKey, request: Request) -> None:
    given = request.params.get("signature")
    if not given:
        raise refusal.missing("signature")
    payload = _unsigned(request.query) + _unsigned(request.body)
    expected = hmac.new(key.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, given.lower()):
        raise refusal.bad_signature()


def _unsigned(text: str) -> str:
    return "&".join(part for part in text.split("&") if not part.startswith("signature="))
