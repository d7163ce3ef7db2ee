"""What an operator sends with a call, read strictly: a mistyped word must not pass for a wish.

Every fault names its field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

LONGEST = 500
"""Characters of a reason."""

LONGEST_NAME = 60
OPERATOR = "operator"
"""Who asked, where the call does not say."""


class BadWish(Exception):
    """A call that is not understood.

    Attributes:
        field: The field at fault; empty for the whole body.
    """

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Why something is to be done, and who says so."""

    reason: str
    operator: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseWish(Wish):
    """The same for a release.

    Attributes:
        rebase: Whether the drawdown rules begin anew from the equity of now; else their references stay.
    """

    rebase: bool


def read_wish(content: bytes) -> Wish:
    """The body of ``flatten``: ``{"reason", "operator"}``, the latter optional.

    Raises:
        BadWish: It is not that.
    """
    given = _object(content, {"reason", "operator"})
    return Wish(reason=_reason(given), operator=_operator(given))


def read_release(content: bytes) -> ReleaseWish:
    """The body of ``release``: ``{"reason", "rebase", "operator"}``, the last optional.

    Raises:
        BadWish: It is not that.
    """
    given = _object(content, {"reason", "rebase", "operator"})
    rebase = given.get("rebase")
    if not isinstance(rebase, bool):
        raise BadWish("rebase", "must be true (begin anew from the equity of now) or false (keep the reference)")
    return ReleaseWish(reason=_reason(given), operator=_operator(given), rebase=rebase)


def _object(content: bytes, known: AbstractSet[str]) -> Mapping[str, object]:
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError):
        raise BadWish("", "the body is no JSON") from None
    if not isinstance(loaded, dict):
        raise BadWish("", "the body is no JSON object")
    unknown = sorted(set(loaded) - known)
    if unknown:
        raise BadWish(unknown[0][:LONGEST_NAME], f"is not known here; known are {', '.join(sorted(known))}")
    return loaded


def _reason(given: Mapping[str, object]) -> str:
    return _line(given.get("reason"), "reason", LONGEST)


def _operator(given: Mapping[str, object]) -> str:
    if given.get("operator") is None:
        return OPERATOR
    return _line(given["operator"], "operator", LONGEST_NAME)


def _line(value: object, field: str, longest: int) -> str:
    """A line of text that says something."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > longest or not text.isprintable():
        raise BadWish(field, f"is needed: one line of text, at most {longest} characters")
    return text
