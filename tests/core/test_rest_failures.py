"""What each failed answer and each broken connection means, as a table."""

from __future__ import annotations

import json

import aiohttp
import pytest

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
from plimsoll.exchange.failures import Answer, of_answer, of_transport, refusal_in
from plimsoll.logs import register_secret
from plimsoll.secret import Secret

NOW_MS = 1_795_164_000_000
HTML = "<html><body>504 Gateway Time-out, Service Unavailable</body></html>"


def body(code: int, text: str = "Some text.") -> str:
    """An error body as the exchange sends it."""
    return json.dumps({"code": code, "msg": text})


def failure(status: int, text: str, retry_after: str | None = None) -> ExchangeError:
    """The translation of one answer."""
    return of_answer("GET /x", Answer(status=status, body=text, retry_after=retry_after, now_ms=NOW_MS))


UNKNOWN_503 = "Unknown error, please check your request or try again later."

ANSWERS = [
    # HTTP 400 by code
    (400, body(-1000), OutcomeUnknown),
    (400, body(-1001), Unavailable),
    (400, body(-1002), KeyRefused),
    (400, body(-1003), Throttled),
    (400, body(-1004), Refused),
    (400, body(-1006), OutcomeUnknown),
    (400, body(-1007), OutcomeUnknown),
    (400, body(-1008), Unavailable),
    (400, body(-1010), Refused),
    (400, body(-1011), KeyRefused),
    (400, body(-1013), Refused),
    (400, body(-1015), Throttled),
    (400, body(-1016), Unavailable),
    (400, body(-1020), Refused),
    (400, body(-1021), ClockRefused),
    (400, body(-1022), KeyRefused),
    (400, body(-1023), Refused),
    (400, body(-1099), KeyRefused),
    (400, body(-1100), Refused),
    (400, body(-1102), Refused),
    (400, body(-1105), Refused),
    (400, body(-1109), Refused),
    (400, body(-1121), Refused),
    (400, body(-1122), Refused),
    (400, body(-1125), Refused),
    (400, body(-1127), Refused),
    (400, body(-1130), Refused),
    (400, body(-2013), Refused),
    (400, body(-2014), KeyRefused),
    (401, body(-2015), KeyRefused),
    (400, body(-2015), KeyRefused),
    (400, body(-2016), KeyRefused),
    (400, body(-2017), KeyRefused),
    (400, body(-2019), Refused),
    (400, body(-2022), Refused),
    (400, body(-2023), Refused),
    (400, body(-4109), Refused),
    (400, body(-4402), Refused),
    (400, body(-5028), ClockRefused),
    (400, body(-99999, "a code that nobody documented"), Refused),
    # HTTP status without a code that decides
    (401, "", KeyRefused),
    (403, HTML, Throttled),
    (403, body(-4402), Refused),
    (404, HTML, Refused),
    (408, "", OutcomeUnknown),
    (408, body(-1007), OutcomeUnknown),
    (418, "", Banned),
    (429, body(-1003), Throttled),
    (429, HTML, Throttled),
    (451, "", Refused),
    (500, "", OutcomeUnknown),
    (500, body(-1000, "Request occur unknown error."), OutcomeUnknown),
    (500, body(-1001, "Internal error; unable to process your request. Please try again."), Unavailable),
    (502, HTML, OutcomeUnknown),
    (503, body(0, UNKNOWN_503), OutcomeUnknown),
    (503, UNKNOWN_503, OutcomeUnknown),
    (503, body(0, "Service Unavailable."), Unavailable),
    (503, "Service Unavailable.", Unavailable),
    (503, "Internal error; unable to process your request. Please try again.", Unavailable),
    (503, body(-1008, "Request throttled by system-level protection."), Unavailable),
    (503, body(-1016, "Service is under maintenance."), Unavailable),
    (504, HTML, OutcomeUnknown),
    # neither good nor documented
    (302, HTML, Malformed),
    (304, "", Malformed),
    # a good status around an error
    (200, body(-1121), Refused),
    (200, body(-2015), KeyRefused),
    # bodies of the wrong shape
    (400, "[1, 2]", Refused),
    (400, '{"code": "text", "msg": null}', Refused),
    (400, "[" * 100_000, Refused),
]


@pytest.mark.parametrize(("status", "text", "expected"), ANSWERS)
def test_answer(status: int, text: str, expected: type[ExchangeError]):
    """Each failed answer becomes exactly one kind of error."""
    assert type(failure(status, text)) is expected


def test_code_and_text_are_told():
    """The error says where, what, the HTTP status and the code, for the reader of a log."""
    found = failure(400, body(-1121, "Invalid symbol."))
    assert str(found) == "GET /x: Invalid symbol. (HTTP 400, code -1121)"
    assert found.code == -1121


def test_html_is_not_repeated():
    """What a proxy writes into a page does not reach our log."""
    assert str(failure(502, HTML)) == "GET /x: no message (HTTP 502)"


def test_long_words_are_hidden():
    """Anything as long as a key or a signature is masked, wherever an answer repeats it."""
    found = failure(400, body(-1100, f"Illegal characters in 'signature={'ab12' * 16}'.\nBad."))
    assert "ab12" not in str(found)
    assert "\n" not in str(found)


def test_long_texts_are_cut():
    """An endless message does not flood the log."""
    assert len(str(failure(400, body(-1, "no " * 1000)))) < 300


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        (" 12 ", 12.0),
        (None, None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("1e9", None),
    ],
)
def test_retry_after_of_429(header: str | None, expected: float | None):
    """Seconds are taken from the header where it holds a plain number, else nothing is claimed."""
    assert failure(429, body(-1003), header).retry_after == expected


def test_ban_until_a_moment():
    """A ban that names its end lasts until then by the exchange's clock, or longer where the header says so."""
    text = body(-1003, f"Way too many requests; IP(1.2.3.4) banned until {NOW_MS + 90_000}.")
    assert failure(418, text).retry_after == 90.0
    assert type(failure(429, text)) is Banned
    assert failure(418, text, "200").retry_after == 200.0
    assert failure(418, text.replace(str(NOW_MS + 90_000), str(NOW_MS - 1))).retry_after == 0.0


def test_ban_without_an_end():
    """A ban that names no end is taken for the shortest one; a header decides where there is one."""
    assert failure(418, "").retry_after == 120.0
    assert failure(418, "", "300").retry_after == 300.0


def test_firewall_pause():
    """The firewall's 403 asks for a long silence, longer where the header says so."""
    assert failure(403, HTML).retry_after == 120.0
    assert failure(403, HTML, "600").retry_after == 600.0


@pytest.mark.parametrize(
    ("parsed", "expected"),
    [({"code": -1121}, True), ({"code": 200}, False), ({"code": "x"}, False), ({}, False), ([{"code": -1}], False)],
)
def test_refusal_inside_a_good_answer(parsed: object, *, expected: bool):
    """An object with a negative code is an error whatever the HTTP status says."""
    assert refusal_in(parsed) is expected


KEY = aiohttp.client_reqrep.ConnectionKey(
    host="127.0.0.1",
    port=1,
    is_ssl=False,
    ssl=True,
    proxy=None,
    proxy_auth=None,
    proxy_headers_hash=None,
    server_hostname=None,
)

BROKEN = [
    (aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "Connection refused")), Unavailable),
    (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "Name or service not known")), Unavailable),
    (aiohttp.ClientConnectorError(KEY, OSError()), Unavailable),
    (aiohttp.ConnectionTimeoutError("https://x/?signature=abc"), Unavailable),
    (TimeoutError(), OutcomeUnknown),
    (aiohttp.SocketTimeoutError("https://x/?signature=abc"), OutcomeUnknown),
    (aiohttp.ServerDisconnectedError(), OutcomeUnknown),
    (aiohttp.ClientOSError(104, "Connection reset by peer"), OutcomeUnknown),
    (aiohttp.ClientPayloadError("https://x/?signature=abc"), OutcomeUnknown),
    (ConnectionResetError(), OutcomeUnknown),
]


@pytest.mark.parametrize(("error", "expected"), BROKEN)
def test_broken_connection(error: Exception, expected: type[ExchangeError]):
    """Only what certainly sent nothing is certain; the library's text, which can hold the URL, is not repeated."""
    found = of_transport("GET /x", error)
    assert type(found) is expected
    assert "abc" not in str(found)


def test_words_of_the_exchange_are_one_plain_line():
    """Nothing in an answer's text can clear a terminal, turn its direction or forge a line of the log."""
    told = str(failure(400, body(-1102, "\x1b[2Jall is well\r\n2026-11-21 ERROR\u202e \ud800")))

    assert told.isprintable()
    assert "\\x1b[2Jall is well 2026-11-21 ERROR\\u202e" in told


@pytest.mark.parametrize("code", [True, -(10**4000), 10**6, "-2019", None, [-2019]])
def test_what_is_no_code_is_none(code: object):
    """A truth value, a number without measure, a text: no code, which would become a label."""
    error = failure(400, json.dumps({"code": code, "msg": "x"}))

    assert error.code is None
    assert len(str(error)) < 100


@pytest.mark.parametrize("text", [["a"], {"msg": 1}, 7, None])
def test_words_that_are_no_text_are_not_told(text: object):
    """Only a text is repeated; whatever else stands in its place is not written out."""
    assert "no message" in str(failure(400, json.dumps({"code": -1102, "msg": text})))


@pytest.mark.parametrize(("header", "seconds"), [("7\x1f", 7.0), ("\u0667", None), (" 1.5 ", 1.5), ("1.", None)])
def test_odd_waits_are_read_or_none(header: str, seconds: float | None):
    """Signs that count as blank around a number, and digits of other scripts, do not end in another error."""
    error = failure(429, "", header)

    assert isinstance(error, Throttled)
    assert error.retry_after == seconds


def test_a_secret_that_the_exchange_repeats_is_hidden_in_any_length():
    """A key of ours in the exchange's words is not told: errors are shown on pages, which no log formatter masks."""
    register_secret(Secret("a-short-key"))

    assert "a-short-key" not in str(failure(400, body(-1022, "Signature of a-short-key is not valid.")))
