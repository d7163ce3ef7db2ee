"""Refused orders in a bot's log: the error texts of python-binance, ccxt and the official SDK, as they stand.

A log record is a line and all that follows until the next one that begins a record, its traceback above all; the same
code counts once a record. Nothing is known of a log but its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from plimsoll.risk.rejections import NO_REJECTION

LONGEST = 300
"""Characters of the exchange's words that are kept."""

NO_PLACEMENT = frozenset({-1125, -2011, -2012, -2013, -4046, -4059, -4067, -4068, -4117, -4171, -5027, -5043, -5047})
"""Codes that only calls other than placing an order get: cancels, look-ups, amendments, settings, listen keys."""

_PATTERNS = (
    re.compile(r"\(code=(?P<code>-\d{4,5})\):\s*(?P<text>.*)"),
    re.compile(r'\\?"code\\?"\s*:\s*(?P<code>-\d{4,5})\s*,\s*\\?"msg\\?"\s*:\s*\\?"(?P<text>(?:[^"\\]|\\(?!"))*)'),
    re.compile(r"'code'\s*:\s*(?P<code>-\d{4,5})\s*,\s*'msg'\s*:\s*['\"](?P<text>[^'\"]*)"),
    re.compile(r"(?:Error|errors?|Exception)\b.{0,200}?\((?P<code>-\d{4,5}),\s*['\"](?P<text>[^'\"]*)['\"]"),
)
"""python-binance; the exchange's JSON, which ccxt quotes, in JSON logs too; the same as a dict; the SDK.

A line comes from anybody, and a search holds up the whole program: no pattern may look further than a few hundred
characters for what must follow, or go over the same ones again from each of its beginnings."""

_TIME = re.compile(
    r"(?P<date>\d{4}[-/]\d\d[-/]\d\d)[T ](?P<time>\d\d:\d\d:\d\d)"
    r"(?:[.,](?P<part>\d{1,9}))?\s?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_EPOCH = re.compile(r'"(?:ts|time|timestamp)"\s*:\s*"?(?P<seconds>1\d{9})(?P<ms>\d{3})?(?:\.(?P<part>\d+))?\b')

TIME_WITHIN = 120
"""Characters of a line's beginning in which its time is looked for; a JSON log may have it anywhere."""

_TRACEBACK = "Traceback (most recent call last):"
_RAISED = re.compile(r"[A-Za-z_](?P<name>[\w.]{0,200})(?::|$)")
_NAME_OF_CLASS = re.compile(r"[A-Z]\w")
_BETWEEN = (
    "During handling of the above exception",
    "The above exception was the direct cause",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A refused order in a log.

    Attributes:
        time: What the line or its record says, Unix seconds; ``None`` where neither does.
    """

    code: int
    text: str
    time: float | None


class LogReader:
    """Reads lines one after the other, of one file."""

    def __init__(self) -> None:
        self._codes: set[int] = set()
        self._time: float | None = None
        self._in_traceback = False

    def read(self, lines: Iterable[str]) -> Iterator[Found]:
        """The refused orders in these lines, which go on where the last ones ended."""
        for line in lines:
            found = self._line(line)
            if found is not None:
                yield found

    def _line(self, line: str) -> Found | None:
        time = line_time(line)
        if not self._goes_on(line, time):
            self._codes, self._time = set(), time
        match = _match(line)
        if match is None:
            return None
        code = int(match["code"])
        if code in NO_REJECTION or code in NO_PLACEMENT or code in self._codes:
            return None
        self._codes.add(code)
        return Found(code=code, text=match["text"].strip()[:LONGEST], time=self._time)

    def _goes_on(self, line: str, time: float | None) -> bool:
        """Whether a line belongs to the record of the line before."""
        if line.startswith(_TRACEBACK) or line.startswith(_BETWEEN):
            self._in_traceback = True
            return True
        if not line.strip() or line[0] in " \t":
            return True
        if self._in_traceback and time is None and _raised(line):
            return True
        self._in_traceback = False
        return time is None and self._time is not None


def _raised(line: str) -> bool:
    """Whether a line begins with the name of an exception's class, its last word having a capital."""
    match = _RAISED.match(line)
    return match is not None and _NAME_OF_CLASS.search(match["name"].rpartition(".")[2]) is not None


def line_time(line: str) -> float | None:
    """The time a line begins with, Unix seconds; one without a zone is taken for this machine's."""
    head = line if line.startswith("{") else line[:TIME_WITHIN]
    match = _TIME.search(head)
    if match is None:
        return _epoch(head)
    zone = (match["zone"] or "").replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(f"{match['date'].replace('/', '-')}T{match['time']}{zone}")
        return moment.timestamp() + float(f"0.{match['part'] or 0}")
    except (ValueError, OverflowError):
        return None


def _epoch(head: str) -> float | None:
    match = _EPOCH.search(head)
    if match is None:
        return None
    return float(f"{match['seconds']}.{match['ms'] or match['part'] or 0}")


def _match(line: str) -> re.Match[str] | None:
    found = [match for pattern in _PATTERNS if (match := pattern.search(line))]
    return min(found, key=re.Match.start, default=None)
