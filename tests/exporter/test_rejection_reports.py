"""``POST /api/v1/rejections``: who may report, what a report must hold, and what each answer means."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from exporter_state import Scene, two_accounts
from plimsoll.database.database import FILE_NAME
from plimsoll.risk.rejections import Intent, Reason
from plimsoll.secret import Secret
from plimsoll_exporter.rejections.endpoint import LIMIT, Reports
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.report import BadReport, NoSuchAccount, parse
from plimsoll_exporter.rejections.told import Told
from rejection_scene import ledger_in, rejections, sources
from web_client import Answer, Served, ask, exchange, served
from web_client import parse as parsed

TOKEN = "a-token-of-the-tests"
NEEDED = {"report_id": "r1", "account": "eon", "code": -2019, "time": 1795164000.5}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """The ledger of a new exporter."""
    with ledger_in(tmp_path) as made:
        yield made


@asynccontextmanager
async def reporting(ledger: Ledger, token: str | None = TOKEN) -> AsyncIterator[Served]:
    """A server that takes reports."""
    reports = Reports(
        token=None if token is None else Secret(token),
        ledger=ledger,
        accounts=frozenset({"eon", "live"}),
        positions=lambda _account, symbol: Decimal(4) if symbol == "BTCUSDT" else None,
    )
    async with served(Scene(two_accounts()), reports=reports) as site:
        yield site


async def post(site: Served, body: object, *, token: str | None = TOKEN, more: str = "") -> Answer:
    """The answer to a report."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    shown = "" if token is None else f"Authorization: Bearer {token}\r\n"
    head = f"POST /api/v1/rejections HTTP/1.1\r\nHost: localhost\r\n{shown}{more}Connection: close\r\n"
    return parsed(await exchange(site, f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content))


async def test_a_report_is_taken_and_counts_once(ledger: Ledger):
    """202 as often as it comes; it counts the first time, with the intent that the position tells."""
    async with reporting(ledger) as site:
        body = {**NEEDED, "symbol": "BTCUSDT", "side": "SELL", "position_side": None, "quantity": "4.65"}
        answers = [await post(site, body) for _ in range(2)]
    assert [(answer.status, json.loads(answer.body)) for answer in answers] == [(202, {"report_id": "r1"})] * 2
    assert rejections(ledger.shown("eon")) == {"close": 1}
    assert ledger.shown("eon").ended[0].quantity == "4.65"


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", "tökén"])
async def test_without_the_token_nobody_reports(ledger: Ledger, token: str | None):
    """The answer tells nothing of the token, the body is not looked at, nothing counts."""
    async with reporting(ledger) as site:
        answer = await post(site, b"{", token=token)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert TOKEN not in answer.text


async def test_the_token_is_a_bearer_token_given_once(ledger: Ledger):
    """Basic auth with the same text, or two headers, are refused."""
    async with reporting(ledger) as site:
        assert (await post(site, NEEDED, token=None, more=f"Authorization: Basic {TOKEN}\r\n")).status == 401
        assert (await post(site, NEEDED, more=f"Authorization: Bearer {TOKEN}\r\n")).status == 401


async def test_without_a_configured_token_reports_are_off(ledger: Ledger):
    """403 says what to set; an empty token opens nothing."""
    async with reporting(ledger, token=None) as site:
        answer = await post(site, NEEDED, token="")
    assert answer.status == 403
    assert "rejections.token_file" in answer.text


async def test_other_methods_and_hosts_are_refused(ledger: Ledger):
    """Only POST, and only under our own names."""
    async with reporting(ledger) as site:
        got = await ask(site, "/api/v1/rejections")
        foreign = await ask(site, "/api/v1/rejections", host="evil.example")
    assert (got.status, got.headers["Allow"], foreign.status) == (405, "POST", 421)


async def test_a_body_beyond_the_limit_is_refused(ledger: Ledger):
    """64 KiB are taken, a byte more is not, announced or not."""
    async with reporting(ledger) as site:
        fits = json.dumps(NEEDED).encode().ljust(LIMIT)
        assert (await post(site, fits)).status == 202
        assert (await post(site, fits + b" ")).status == 413
        head = f"POST /api/v1/rejections HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
        chunk = b"10001\r\n" + b" " * 0x10001 + b"\r\n0\r\n\r\n"
        chunked = await exchange(
            site, f"{head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + chunk
        )
        assert parsed(chunked).status == 413


async def test_an_unknown_account_is_not_found(ledger: Ledger):
    """The account may be configured tomorrow, so the bot keeps the report."""
    async with reporting(ledger) as site:
        answer = await post(site, {**NEEDED, "account": "nobody"})
    assert (answer.status, json.loads(answer.body)["field"]) == (404, "account")


async def test_what_cannot_be_kept_is_not_acknowledged(ledger: Ledger, tmp_path: Path):
    """503 while the disk fails; the bot sends it again, and it counts once."""
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with reporting(ledger) as site:
        assert (await post(site, NEEDED)).status == 503
        other.execute("ROLLBACK")
        other.close()
        assert (await post(site, NEEDED)).status == 202
    assert sources(ledger.shown("eon")) == {"report": 1}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("report_id", None),
        ("report_id", ""),
        ("report_id", "x" * 101),
        ("report_id", "two words"),
        ("account", None),
        ("account", 7),
        ("code", None),
        ("code", "-2019"),
        ("code", True),
        ("code", -2019.5),
        ("code", 10**6),
        ("code", -1007),
        ("time", None),
        ("time", "now"),
        ("time", 1795164000500),
        ("time", 0),
        ("symbol", "btcusdt"),
        ("symbol", "BTC/USDT:USDT"),
        ("side", "HOLD"),
        ("side", "buy"),
        ("position_side", "NONE"),
        ("quantity", "1e5"),
        ("quantity", -1),
        ("quantity", True),
        ("quantity", []),
        ("type", "market order"),
        ("reduce_only", "true"),
        ("close_position", 1),
        ("intent", "hedge"),
        ("message", 5),
        ("client_order_id", ""),
    ],
)
async def test_the_field_at_fault_is_named(ledger: Ledger, field: str, value: object):
    """400 says which field, and in words what would be right; nothing counts."""
    async with reporting(ledger) as site:
        answer = await post(site, {**NEEDED, field: value})
    told = json.loads(answer.body)
    assert (answer.status, told["field"]) == (400, field)
    assert told["error"].startswith(f"{field}: ")
    assert sources(ledger.shown("eon")) == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 60000, b'{"time": NaN}'])
async def test_what_is_no_report_at_all(ledger: Ledger, body: bytes):
    """Broken, nested without end, or no object: 400, and no field is at fault."""
    async with reporting(ledger) as site:
        answer = await post(site, body)
    assert (answer.status, json.loads(answer.body)["field"] in {"", "report_id", "account"}) == (400, True)


def test_every_field_is_understood():
    """A full report, numbers as numbers or texts; a field of a later version does not matter."""
    body = {
        **NEEDED,
        "time": 1795164000,
        "symbol": "ETHUSDT",
        "side": "BUY",
        "position_side": "SHORT",
        "quantity": 0.00001,
        "type": "STOP_MARKET",
        "reduce_only": False,
        "close_position": False,
        "intent": "unknown",
        "message": "m" * 600,
        "client_order_id": "x-1",
        "of_a_later_version": 1,
    }
    told = parse(json.dumps(body).encode(), accounts=frozenset({"eon"}), positions=lambda *_: None)
    assert (told.reason, told.intent, told.direction) == (Reason.INSUFFICIENT_MARGIN, Intent.CLOSE, "BUY")
    assert (told.quantity, told.time, len(told.message)) == ("0.00001", 1795164000.0, 500)


@pytest.mark.parametrize(
    ("more", "intent"),
    [
        ({"intent": "open", "reduce_only": True}, Intent.OPEN),
        ({"reduce_only": True}, Intent.CLOSE),
        ({"close_position": True}, Intent.CLOSE),
        ({"side": "SELL", "position_side": "LONG"}, Intent.CLOSE),
        ({"side": "BUY"}, Intent.UNKNOWN),
        ({"side": "SELL", "symbol": "BTCUSDT"}, Intent.CLOSE),
        ({}, Intent.UNKNOWN),
    ],
)
def test_the_intent_of_a_report(more: dict[str, object], intent: Intent):
    """The sender's word, flags, the hedge side, the position held, in that order."""
    told = parse(
        json.dumps({**NEEDED, **more}).encode(),
        accounts=frozenset({"eon"}),
        positions=lambda _, symbol: Decimal(2) if symbol else None,
    )
    assert told.intent is intent


def test_faults_come_before_the_account():
    """A broken report for an unknown account is a broken report."""
    body = {**NEEDED, "account": "nobody"}
    with pytest.raises(BadReport, match="code"):
        parse(json.dumps({**body, "code": None}).encode(), accounts=frozenset(), positions=lambda *_: None)
    with pytest.raises(NoSuchAccount):
        parse(json.dumps(body).encode(), accounts=frozenset(), positions=lambda *_: None)


def read(**changed: object) -> Told:
    """What a report with some fields changed tells."""
    return parse(json.dumps(NEEDED | changed).encode(), accounts=frozenset({"eon"}), positions=lambda *_: None)


def test_words_are_kept_whatever_they_are_made_of():
    """JSON may hold halves of characters that the database does not take; they are replaced, and the report counts."""
    assert read(message="a\ud800b").message == "a?b"


@pytest.mark.parametrize("quantity", ["\u0663", "1_0", "1e5"])
def test_a_quantity_has_plain_digits(quantity: str):
    """Digits of other scripts, signs between them and exponents are no number."""
    with pytest.raises(BadReport, match="quantity: must be a number"):
        read(quantity=quantity)


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "1e99999999999999999999", "0e999999999"])
@pytest.mark.parametrize("field", ["quantity", "time"])
def test_a_number_without_measure_is_refused(field: str, number: str):
    """A number of a gigabyte of digits is refused without being written out, one beyond reckoning as no JSON."""
    text = json.dumps(NEEDED | {field: 0}).replace(f'"{field}": 0', f'"{field}": {number}')
    with pytest.raises(BadReport, match=r"must be|no JSON"):
        parse(text.encode(), accounts=frozenset({"eon"}), positions=lambda *_: None)
