"""Logging for every program: to stderr, one line a record, as text or JSON, with secrets masked.

Masking happens where records become text, after every argument and traceback is in, so that no library can slip a
secret past it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal, TextIO

from plimsoll.secret import Secret
from plimsoll.text import one_line

MASK = "***"
QUIET = ("aiohttp", "asyncio", "binance", "matplotlib", "urllib3", "websockets")
"""Libraries that would log each request, with its query, or what they do for themselves, below WARNING."""

_SHORTEST = 6
"""A text shorter than this is no secret, and masking it would garble every line."""

_secrets: set[str] = set()
_PATTERNS = (
    re.compile(r"((?:signature|listenKey)(?:=|%3D))[^\s&\"'<>)]+", re.IGNORECASE),
    re.compile(r"((?:signature|listenKey|X-MBX-APIKEY)\\?[\"']?\s*[:=,]\s*\\?[\"']?)[^\s&\"'<>,;)}\\]+", re.IGNORECASE),
    re.compile(r"(/private/ws/)[^\s?\"'<>)]+"),
)


def register_secret(secret: Secret) -> None:
    """From now on mask this text wherever it would be logged; a text of several lines is masked line by line."""
    for line in secret.reveal().splitlines():
        if len(line) >= _SHORTEST and not line.startswith("-----"):
            _secrets.add(line)


def masked(text: str) -> str:
    """The text with every registered secret, and everything that looks like one of the exchange's, as stars."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


class TextFormatter(logging.Formatter):
    """``2026-11-21T08:00:00.123Z WARNING plimsoll.x: what happened``; times are UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        return one_line(f"{_time(record)} {record.levelname} {record.name}: {_message(record)}")


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with ``time``, ``level``, ``logger``, ``message``."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        return json.dumps(
            {"time": _time(record), "level": record.levelname, "logger": record.name, "message": _message(record)}
        )


def _time(record: logging.LogRecord) -> str:
    """The record's time, UTC, to the millisecond."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"


def _message(record: logging.LogRecord) -> str:
    """Message, traceback and stack of a record, masked; a message that cannot be made is told as that."""
    try:
        text = record.getMessage()
    except Exception as error:  # noqa: BLE001 - a wrong logging call must not end a program that guards money
        text = f"{record.msg} (arguments do not fit: {type(error).__name__})"
    plain = logging.Formatter()
    if record.exc_info and record.exc_info[0] is not None:
        text = f"{text}\n{plain.formatException(record.exc_info)}"
    if record.stack_info:
        text = f"{text}\n{plain.formatStack(record.stack_info)}"
    return masked(text)


class StderrHandler(logging.Handler):
    """Writes each record to whatever ``stream`` gives at that moment."""

    def __init__(self, stream: Callable[[], TextIO] = lambda: sys.stderr) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a broken stderr is logging's own business."""
        try:
            stream = self._stream()
            stream.write(self.format(record) + "\n")
            stream.flush()
        except Exception:  # noqa: BLE001 - a full disk behind stderr must not end a program that guards money
            self.handleError(record)


def configure_logging(level: str, form: Literal["text", "json"]) -> None:
    """Send every log record to stderr, an error that ends the program included; call it first thing in a program.

    Args:
        level: A level's name in any case, e.g. ``info``.
        form: ``text`` for people, ``json`` for machines.
    """
    handler = StderrHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The last words of a program go through the same masks as all others; Ctrl-C is no error."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("plimsoll").critical("ended by an error", exc_info=(kind, error, trace))
