"""``masked``: the same report with the names of accounts replaced, the same name by the same words everywhere.

Every text is searched, what others wrote too (reasons of operators, messages of the exchange): a name is replaced
wherever it stands as a word of its own, in any case of letters. An account called ``live`` therefore loses that word
from sentences that did not mean it; rather a clumsy sentence than a name that was to be hidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TypeVar

from plimsoll.logs import masked as without_secrets
from plimsoll.report.model import Report

_T = TypeVar("_T")


def masked(report: Report, names: Iterable[str]) -> Report:
    """The report without these names.

    Args:
        report: The finished report.
        names: Of all accounts that the configuration or the report knows; each becomes ``account-A``, ``account-B``
            and so on, the report's own account always ``account-A``, the others in alphabetical order.
    """
    others = sorted({*names} - {report.account})
    words = {name: f"account-{_letters(number)}" for number, name in enumerate((report.account, *others))}
    return _replaced(report, _Names(words).out_of)


def cleaned(report: Report) -> Report:
    """The report without secrets: what people, bots and logs wrote goes through what every log line goes through."""
    return _replaced(report, without_secrets)


class _Names:
    """The names to be replaced, as one pattern."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = {name.lower(): word for name, word in words.items()}
        longest_first = sorted(words, key=len, reverse=True)
        self._pattern = re.compile(
            rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9])", re.IGNORECASE
        )

    def out_of(self, text: str) -> str:
        """The text without the names."""
        return self._pattern.sub(lambda found: self._words[found.group().lower()], text)


def _replaced(value: _T, change: Callable[[str], str]) -> _T:
    """A value with every text changed but words of the product and the exchange."""
    found: object = value
    if isinstance(value, str) and not isinstance(value, Enum):
        found = change(value)
    elif isinstance(value, tuple):
        found = tuple(_replaced(one, change) for one in value)
    elif is_dataclass(value) and not isinstance(value, type):
        free = (one.name for one in fields(value) if not one.metadata.get("structure"))
        found = replace(value, **{name: _replaced(getattr(value, name), change) for name in free})
    return found  # type: ignore[return-value] # each branch makes the type that it was given


def _letters(number: int) -> str:
    """A, B, ..., Z, AA, AB, ..."""
    text, left = "", number + 1
    while left:
        left, digit = divmod(left - 1, 26)
        text = chr(ord("A") + digit) + text
    return text
