"""Logging: one line a record, in either form, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import re
import sys

import pytest

from plimsoll.logs import QUIET, JsonFormatter, StderrHandler, TextFormatter, configure_logging, masked, register_secret
from plimsoll.secret import Secret

pytestmark = pytest.mark.usefixtures("logging_as_before")


def test_text_is_one_line_with_time_level_and_name(capsys: pytest.CaptureFixture[str]):
    """A record is one line of time (UTC), level, logger and message, on stderr."""
    configure_logging("info", "text")
    logging.getLogger("plimsoll.test").warning("stream of %s lost", "eon")
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING plimsoll\.test: stream of eon lost\n", err)


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]):
    """In the machine's form each line is an object with time, level, logger and message."""
    configure_logging("INFO", "json")
    logging.getLogger("plimsoll.test").info("a\nb")
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    record = json.loads(line)
    assert {key: record[key] for key in ("level", "logger", "message")} == {
        "level": "INFO",
        "logger": "plimsoll.test",
        "message": "a\nb",
    }
    assert record["time"].endswith("Z")


def test_the_level_decides(capsys: pytest.CaptureFixture[str]):
    """What lies below the wanted level is not written."""
    configure_logging("warning", "text")
    logging.getLogger("plimsoll.test").info("silence")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", QUIET)
def test_libraries_are_quiet(name: str, capsys: pytest.CaptureFixture[str]):
    """A library's chatter stays out even at debug level; its warnings come through."""
    configure_logging("debug", "text")
    logging.getLogger(f"{name}.client").info("GET /fapi/v3/account?signature=abc")
    assert capsys.readouterr().err == ""
    logging.getLogger(f"{name}.client").warning("slow")
    assert "slow" in capsys.readouterr().err


def test_control_characters_are_escaped(capsys: pytest.CaptureFixture[str]):
    """Nobody can forge a line, or colour a terminal, through what is logged."""
    configure_logging("info", "text")
    logging.getLogger("plimsoll.test").error("x\n2026 ERROR forged\x1b[31m\r\u2028")
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert r"x\n2026 ERROR forged\x1b[31m\r\u2028" in err


def _formatted(message: object, *args: object, error: BaseException | None = None) -> str:
    """A record as both forms write it, joined."""
    logger = logging.getLogger("plimsoll.test")
    info = None if error is None else (type(error), error, error.__traceback__)
    record = logger.makeRecord(logger.name, logging.INFO, __file__, 1, message, args, info)
    return TextFormatter().format(record) + JsonFormatter().format(record)


def test_registered_secrets_are_masked_everywhere():
    """A registered secret shows in no message, argument or traceback."""
    register_secret(Secret("made-up-but-registered"))
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("made-up-but-registered")
    told = _formatted("key %s", "made-up-but-registered", error=caught.value)
    assert "made-up-but-registered" not in told
    assert "key ***" in told
    assert "ValueError: invalid literal for int() with base 10: '***'" in told


def test_short_texts_are_not_registered():
    """A text too short to be a secret would only garble the log."""
    register_secret(Secret("abc"))
    assert masked("abcdef") == "abcdef"


def test_the_longer_of_two_secrets_goes_first():
    """A secret that contains another one leaves no rest."""
    register_secret(Secret("inner-secret"))
    register_secret(Secret("outer-inner-secret-outer"))
    assert masked("outer-inner-secret-outer inner-secret") == "*** ***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /fapi/v3/account?timestamp=1&signature=0a1b2c&x=1", "GET /fapi/v3/account?timestamp=1&signature=***&x=1"),
        ("PUT /fapi/v1/listenKey?listenKey=pqia91 failed", "PUT /fapi/v1/listenKey?listenKey=*** failed"),
        ('{"listenKey": "pqia91"}', '{"listenKey": "***"}'),
        (r'"{\"listenKey\":\"pqia91\"}"', r'"{\"listenKey\":\"***\"}"'),
        ("{'X-MBX-APIKEY': 'vmPUZE', 'Accept': '*/*'}", "{'X-MBX-APIKEY': '***', 'Accept': '*/*'}"),
        ("x-mbx-apikey: vmPUZE", "x-mbx-apikey: ***"),
        ("wss://fstream.binance.com/private/ws/pqia91", "wss://fstream.binance.com/private/ws/***"),
        ("wss://x/private/ws?listenKey=pqia91&events=A", "wss://x/private/ws?listenKey=***&events=A"),
        ("the event listenKeyExpired came", "the event listenKeyExpired came"),
    ],
)
def test_what_looks_like_a_secret_is_masked_unregistered(text: str, shown: str):
    """Signatures, listen keys and the key header are masked in every shape that a library gives them."""
    assert masked(text) == shown


def test_arguments_that_do_not_fit_end_nothing():
    """A wrong logging call is told as such instead of raising."""
    assert "arguments do not fit: TypeError" in _formatted("%d of %d", "x")


def test_a_stack_is_told_on_the_same_line():
    """A record's stack is part of its one line."""
    logger = logging.getLogger("plimsoll.test")
    record = logger.makeRecord(logger.name, logging.INFO, __file__, 1, "here", (), None, sinfo="Stack:\n  frame")
    assert TextFormatter().format(record).endswith(r"here\nStack:\n  frame")


def test_a_broken_stderr_ends_nothing(capsys: pytest.CaptureFixture[str]):
    """When stderr cannot be written to, logging complains where it can and the program goes on."""

    class Broken(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError("disk full")

    handler = StderrHandler(stream=Broken)
    handler.emit(logging.getLogger("plimsoll.test").makeRecord("plimsoll", 40, __file__, 1, "lost", (), None))
    assert "disk full" in capsys.readouterr().err


def test_an_error_that_ends_the_program_is_logged_masked(capsys: pytest.CaptureFixture[str]):
    """What nobody caught is one line of the log, without secrets, in place of Python's own traceback."""
    configure_logging("info", "text")
    error = ValueError("GET /x?signature=0a1b2c")
    sys.excepthook(ValueError, error, None)
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "CRITICAL plimsoll: ended by an error" in err
    assert "signature=***" in err


def test_an_interrupt_is_no_error(capsys: pytest.CaptureFixture[str]):
    """Ctrl-C is left to Python."""
    configure_logging("info", "text")
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "CRITICAL" not in capsys.readouterr().err
