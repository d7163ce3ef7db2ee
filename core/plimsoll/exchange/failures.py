"""What a failed call means: HTTP status, exchange code and transport error become one of ``plimsoll.errors``.

Pure functions. Codes decide, texts do not, but for the two cases where the exchange has no code: the certain kinds of
5xx, and the end of a ban. No message repeats a URL or an answer's HTML: both can carry a key or a signature.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from plimsoll.errors import (
    Banned,
    ClockRefused,
    ExchangeError,
    KeyRefused,
    Malformed,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unavailable,
)
from plimsoll.logs import MASK, masked
from plimsoll.text import shortened

TOO_MANY_REQUESTS = -1003
TOO_MANY_ORDERS = -1015

KEY_CODES = frozenset({-1002, -1011, -1022, -1099, -2014, -2015, -2016, -2017})
"""The key must be mended by a human: unauthorised, route not allowed from here, bad signature (a wrong secret),
unauthenticated, format, key or address or permission, no trading window, locked."""

CLOCK_CODES = frozenset({-1021, -5028})
UNAVAILABLE_CODES = frozenset({-1001, -1008, -1016})
UNKNOWN_CODES = frozenset({-1000, -1006, -1007})

CERTAIN_TEXTS = ("service unavailable", "internal error; unable to process")
"""How the documentation spells the 5xx answers that certainly did nothing."""

SHORTEST_BAN = 120.0
"""Seconds; the exchange's first ban, where it does not say how long."""

FIREWALL_PAUSE = 120.0
"""Seconds of silence after HTTP 403: the firewall gives no time, and knocking on makes it a ban."""

_BANNED_UNTIL = re.compile(r"banned until (\d{13})\b")
_SECONDS = re.compile(r"[0-9]{1,7}(\.[0-9]{1,9})?")
_TOKEN = re.compile(r"[\w+/=%-]{32,}")
_LONGEST_TEXT = 200
_HIGHEST_CODE = 999_999
"""What is beyond is no code, and would be a label of its own each time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A failed answer as it came.

    Attributes:
        body: Raw text; JSON as documented, HTML from what stands in between, or anything.
        retry_after: The header ``Retry-After``.
        now_ms: The exchange's time, to turn the end of a ban into seconds.
    """

    status: int
    body: str
    retry_after: str | None
    now_ms: int


def of_answer(where: str, answer: Answer) -> ExchangeError:
    """The error that a failed answer means.

    Args:
        where: The call, for the message; must hold no secret.
        answer: What came back.
    """
    code, text = _code_and_text(answer.body)
    message = _message(where, answer.status, code, text)
    limit = _limit(answer, code, text, message)
    if limit is not None:
        return limit
    kind = _kind_of_code(code) or _kind_of_status(answer.status, code, text)
    return kind(message, code=code)


def of_transport(where: str, error: Exception) -> ExchangeError:
    """The error that a failed connection means: certain when nothing was sent, else unknown.

    Args:
        where: The call, for the message; must hold no secret.
        error: What aiohttp or the operating system raised; its own text is not used, since it can hold the URL.
    """
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Unavailable(f"{where}: no connection in time")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unavailable(f"{where}: no connection: {error.strerror or type(error).__name__}")
    if isinstance(error, TimeoutError):
        return OutcomeUnknown(f"{where}: no answer in time")
    return OutcomeUnknown(f"{where}: the connection broke before the answer was whole ({type(error).__name__})")


def refusal_in(parsed: object) -> bool:
    """Whether an answer with a good HTTP status is an error all the same: an object with a negative code."""
    code = parsed.get("code") if isinstance(parsed, dict) else None
    return isinstance(code, int) and code < 0


def _code_and_text(body: str) -> tuple[int | None, str]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        looks_like_html = body.lstrip().startswith("<")
        return None, "" if looks_like_html else body
    if not isinstance(parsed, dict):
        return None, ""
    code, text = parsed.get("code"), parsed.get("msg", "")
    known = isinstance(code, int) and not isinstance(code, bool) and abs(code) <= _HIGHEST_CODE
    return (code if known else None), text if isinstance(text, str) else ""


def _message(where: str, status: int, code: int | None, text: str) -> str:
    # What is known to be a secret goes in any length: this is shown on pages too, which no log formatter masks.
    shown = shortened(_TOKEN.sub(MASK, masked(" ".join(text.split()))), _LONGEST_TEXT) or "no message"
    return f"{where}: {shown} (HTTP {status}{'' if code is None else f', code {code}'})"


def _limit(answer: Answer, code: int | None, text: str, message: str) -> Throttled | None:
    said = _seconds(answer.retry_after)
    ban = _BANNED_UNTIL.search(text) if code == TOO_MANY_REQUESTS else None
    if ban is not None:
        until = max(0.0, (int(ban[1]) - answer.now_ms) / 1000)
        return Banned(message, code=code, retry_after=max(until, said or 0.0))
    if answer.status == HTTPStatus.IM_A_TEAPOT:
        return Banned(message, code=code, retry_after=SHORTEST_BAN if said is None else said)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or code in {TOO_MANY_REQUESTS, TOO_MANY_ORDERS}:
        return Throttled(message, code=code, retry_after=said)
    if answer.status == HTTPStatus.FORBIDDEN and code is None:
        return Throttled(message, retry_after=max(FIREWALL_PAUSE, said or 0.0))
    return None


def _seconds(header: str | None) -> float | None:
    said = "" if header is None else header.strip()
    return float(said) if _SECONDS.fullmatch(said) else None


def _kind_of_code(code: int | None) -> type[ExchangeError] | None:
    for codes, kind in (
        (KEY_CODES, KeyRefused),
        (CLOCK_CODES, ClockRefused),
        (UNAVAILABLE_CODES, Unavailable),
        (UNKNOWN_CODES, OutcomeUnknown),
    ):
        if code in codes:
            return kind
    return None


def _kind_of_status(status: int, code: int | None, text: str) -> type[ExchangeError]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable if text.lower().startswith(CERTAIN_TEXTS) else OutcomeUnknown
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return OutcomeUnknown
    if status == HTTPStatus.UNAUTHORIZED:
        return KeyRefused
    if status >= HTTPStatus.BAD_REQUEST or code is not None:
        return Refused
    return Malformed
