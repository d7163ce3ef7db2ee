"""Refused orders in bots' logs, in the texts of the libraries that real bots use."""

from __future__ import annotations

import logging
import time
import traceback
from datetime import UTC, datetime

import ccxt
import pytest
from binance.exceptions import BinanceAPIException
from binance_common.errors import BadRequestError

from plimsoll_exporter.rejections.log_lines import Found, LogReader, line_time

MARGIN = '{"code":-2019,"msg":"Margin is insufficient."}'
AT = datetime(2026, 11, 20, 8, 0, 0, 123000, tzinfo=UTC).timestamp()


def found(*lines: str) -> list[Found]:
    """What is found in a log."""
    return list(LogReader().read(lines))


def logged(error: Exception) -> list[str]:
    """What ``logger.exception("order failed: %s", error)`` writes of an exception that was raised."""
    try:
        raise error
    except type(error):
        record = logging.makeLogRecord({"msg": f"order failed: {error}", "levelname": "ERROR"})
        text = f"2026-11-20T08:00:00.123Z ERROR bot: {record.getMessage()}\n{traceback.format_exc()}"
    return text.splitlines()


LIBRARIES = [
    BinanceAPIException(None, 400, MARGIN),
    ccxt.InsufficientFunds("binanceusdm " + MARGIN),
    BadRequestError(error_message="Margin is insufficient.", status_code=-2019),
]


@pytest.mark.parametrize("error", LIBRARIES, ids=lambda error: type(error).__module__)
def test_a_librarys_error_counts_once_with_its_traceback(error: Exception):
    """The message and the last line of the traceback both tell it; it is one event of the record's time."""
    lines = logged(error)
    assert sum("-2019" in line for line in lines) >= 2
    (event,) = found(*lines)
    assert (event.code, event.text, event.time) == (-2019, "Margin is insufficient.", AT)


@pytest.mark.parametrize("error", LIBRARIES, ids=lambda error: type(error).__module__)
def test_a_bare_traceback_tells_it_too(error: Exception):
    """A bot that only prints tracebacks has no times in its log; two of them are two events."""
    lines = logged(error)[1:]
    events = found(*lines, "going on", *lines)
    assert [(event.code, event.time) for event in events] == [(-2019, None), (-2019, None)]


def test_chained_exceptions_are_one_event():
    """An exception raised from the library's repeats its text below it."""
    lines = logged(LIBRARIES[0])
    chained = [
        *lines,
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        '  File "bot.py", line 3, in <module>',
        "OrderFailed: APIError(code=-2019): Margin is insufficient.",
    ]
    assert len(found(*chained)) == 1


def test_records_are_events_of_their_own():
    """The same refusal in two records is two events, however close."""
    line = "2026-11-20 08:00:00,123 ERROR APIError(code=-2019): Margin is insufficient."
    assert [event.code for event in found(line, line)] == [-2019, -2019]


@pytest.mark.parametrize(
    "line",
    [
        'INFO binanceusdm {"code":-2019,"msg":"Margin is insufficient."}',
        '{"level": "error", "error": "binance {\\"code\\":-2019,\\"msg\\":\\"Margin is insufficient.\\"}"}',
        "answer {'code': -2019, 'msg': 'Margin is insufficient.'}",
        "BadRequestError: (-2019, 'Margin is insufficient.')",
        "binance.exceptions.BinanceAPIException: APIError(code=-2019): Margin is insufficient.",
    ],
)
def test_the_texts_as_they_stand(line: str):
    """In text logs and JSON logs, quoted once or twice."""
    (event,) = found(line)
    assert (event.code, event.text) == (-2019, "Margin is insufficient.")


@pytest.mark.parametrize(
    "line",
    [
        "APIError(code=-1007): Timeout waiting for response from backend server.",
        'binanceusdm {"code":-2011,"msg":"Unknown order sent."}',
        'binanceusdm {"code":-4046,"msg":"No need to change margin type."}',
        'binanceusdm {"code":200,"msg":"The operation of cancel all open order is done."}',
        "APIError(code=0): Invalid JSON error message from Binance: <html>",
        "moved by -2019 points",
        "range (-2019, 'x')",
        "",
    ],
)
def test_what_is_no_refused_order(line: str):
    """Unknown outcomes, cancels, settings and plain numbers are none."""
    assert found(line) == []


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("2026-11-20T08:00:00.123Z x", AT),
        ("[2026-11-20 09:00:00,123 +0100] x", AT),
        ("2026/11/20 08:00:00.123456+00:00 x", AT + 0.000456),
        ('{"level":"info","time":"2026-11-20T08:00:00Z"}', AT - 0.123),
        ('{"ts":1795161600.5,"level":"info"}', 1795161600.5),
        ('{"time":1795161600500}', 1795161600.5),
    ],
)
def test_usual_times_are_read(line: str, seconds: float):
    """Zones and fractions as logging libraries write them."""
    assert line_time(line) == pytest.approx(seconds)


def test_a_time_without_a_zone_is_the_machines():
    """Python's logging writes local time and says no zone."""
    local = datetime(2026, 11, 20, 8, 0, 0, 123000).astimezone().timestamp()
    assert line_time("2026-11-20 08:00:00,123 ERROR x") == pytest.approx(local)


@pytest.mark.parametrize("line", ["", "x", "2026-13-40 99:00:00 x", "0" * 200 + "2026-11-20 08:00:00"])
def test_a_line_without_a_time_has_none(line: str):
    """Impossible dates and times far inside a line are no times."""
    assert line_time(line) is None


@pytest.mark.parametrize(
    "endless",
    [("A" * 65_536) + "!", "Error " * 10_900, "Exception(" * 6_500, '"code" : -2019 ' * 4_300, "aA." * 21_800 + "!"],
    ids=["name", "errors", "openings", "codes", "dotted"],
)
def test_no_line_holds_up_the_program(endless: str):
    """A line of 64 KiB that nearly fits a pattern over and over costs milliseconds; it took many seconds once."""
    begin = time.process_time()
    found("Traceback (most recent call last):", endless)

    assert time.process_time() - begin < 3.0


@pytest.mark.parametrize("end", ["KeyError: 'x'", "ccxt.base.errors.InsufficientFunds: " + MARGIN, "bot.NoMoney"])
def test_line_that_names_an_exception_ends_the_traceback_of_its_record(end: str):
    """What was raised stands behind its traceback and belongs to the record before, however it is called."""
    lines = ["2026-11-20 08:00:00 ERROR " + MARGIN, "Traceback (most recent call last):", "  File", end, MARGIN]

    assert len(found(*lines)) == 1
