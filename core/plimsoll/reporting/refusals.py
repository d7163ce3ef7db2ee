"""What an exception of a client library says of an order: the exchange's code and words, whichever library it is.

python-binance carries ``code`` and ``message``, the official SDK has the exchange's code in ``status_code``, ccxt has
the exchange's answer inside its text. No library is imported here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

UNKNOWN_OUTCOME = frozenset({-1000, -1001, -1006, -1007})
"""Codes after which nobody knows whether the order was executed: no refusal, to be looked up by its sender."""

DEEPEST = 10
"""Exceptions wrapped in one another that are looked into."""

_JSON = re.compile(r'\{[^{}]*"code"[^{}]*\}')
_CODE = re.compile(r"code\s*=\s*(-\d{4,5})\s*\)?\s*:\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The exchange's refusal: ``code`` is negative, ``message`` may be empty."""

    code: int
    message: str


def refusal_of(error: BaseException) -> Refusal | None:
    """The exchange's refusal that an exception tells, or one that it was made from.

    ``None`` where it is none: no answer came, the outcome is unknown, or the fault is the bot's own.
    """
    looked_at: BaseException | None = error
    for _ in range(DEEPEST):
        if looked_at is None:
            return None
        found = _by_attributes(looked_at) or in_text(str(looked_at))
        if found is not None:
            return None if found.code in UNKNOWN_OUTCOME else found
        looked_at = looked_at.__cause__ or looked_at.__context__
    return None


def in_answer(answer: object) -> Refusal | None:
    """The refusal in one element of a batch's answer, ``{"code": ..., "msg": ...}``; ``None`` for an order."""
    if not isinstance(answer, dict) or "orderId" in answer:
        return None
    return _refusal(answer.get("code"), answer.get("msg"))


def in_text(text: str) -> Refusal | None:
    """The refusal that a text quotes: the exchange's JSON, or ``(code=-2019): words``."""
    for match in _JSON.finditer(text):
        try:
            answer = json.loads(match[0])
        except ValueError:
            continue
        if found := in_answer(answer):
            return found
    told = _CODE.search(text)
    return None if told is None else _refusal(int(told[1]), told[2].strip())


def _by_attributes(error: BaseException) -> Refusal | None:
    code, message = getattr(error, "code", None), getattr(error, "message", None)
    if found := _refusal(code, message):
        return found
    return _refusal(getattr(error, "status_code", None), getattr(error, "error_message", None))


def _refusal(code: object, message: object) -> Refusal | None:
    """A refusal where there is a code of the exchange, which is negative; HTTP's states are not."""
    if isinstance(code, bool) or not isinstance(code, int) or code >= 0:
        return None
    return Refusal(code, "" if message is None else str(message))
