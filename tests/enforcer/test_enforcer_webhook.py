"""Alertmanager's webhook: who may post, what is read, and that odd messages do not make it deaf."""

from __future__ import annotations

import json
import time

import pytest

from fake_desk import OPERATOR, WEBHOOK, EnforcerSite, enforcer_site
from plimsoll_enforcer.web.message import BadMessage, read_message
from plimsoll_enforcer.web.server import Tokens
from plimsoll_enforcer.web.webhook import LIMIT, PATH
from web_client import Answer, ask, exchange, parse

ALERT = {
    "status": "firing",
    "labels": {"alertname": "DrawdownLimitBreached", "account": "eon", "rule": "tmad", "enforce": "flatten"},
    "annotations": {"floor_usd": "45000.000000", "samples": "2"},
    "startsAt": "2026-11-21T14:38:32.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://127.0.0.1:9090/graph",
    "fingerprint": "c6a5d2ab",
}
MESSAGE = {
    "version": "4",
    "groupKey": "{}:{}",
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "enforcer",
    "groupLabels": {},
    "commonLabels": {},
    "commonAnnotations": {},
    "externalURL": "http://127.0.0.1:9093",
    "alerts": [ALERT],
}


async def post(site: EnforcerSite, body: bytes, authorization: str = f"Bearer {WEBHOOK}", **headers: str) -> Answer:
    """One message on its way."""
    return await ask(site, PATH, method="POST", body=body, Authorization=authorization, **headers)


def sent(**changed: object) -> bytes:
    """The message with some of its fields changed."""
    return json.dumps(MESSAGE | changed).encode()


async def test_alert_is_taken_on(doors: EnforcerSite):
    """What Alertmanager sends reaches the desk whole, with the time of its arrival; 202 says what became of it."""
    before = time.time()
    answer = await post(doors, sent())

    [alert] = doors.desk.taken
    assert answer.status == 202
    assert json.loads(answer.text) == {"alerts": [{"account": "eon", "outcome": "accepted", "reason": ""}]}
    assert alert.labels == ALERT["labels"]
    assert alert.annotations == ALERT["annotations"]
    assert (alert.status, alert.fingerprint) == ("firing", "c6a5d2ab")
    assert alert.starts_at == pytest.approx(1795271912.123456)
    assert before <= alert.arrived_at <= time.time()


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", f"Bearer {WEBHOOK}x", f"Basic {WEBHOOK}", f"Bearer {OPERATOR}", WEBHOOK],
)
async def test_wrong_token_is_refused(doors: EnforcerSite, authorization: str):
    """Nothing but the webhook's own token posts, the operator's neither, and the desk hears nothing."""
    answer = await post(doors, sent(), authorization)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert doors.desk.taken == []


async def test_two_tokens_are_none(doors: EnforcerSite):
    """A request with two Authorization headers is not let in by either."""
    answer = await post(doors, sent(), f"Bearer {WEBHOOK}\r\nAuthorization: Bearer {WEBHOOK}")

    assert answer.status == 401


async def test_without_a_token_configured_the_webhook_is_off():
    """No token file means closed, not open."""
    async with enforcer_site(tokens=Tokens()) as site:
        answer = await post(site, sent())

    assert answer.status == 403
    assert "enforcer.webhook_token_file" in answer.text


async def test_too_large_a_message_is_refused(doors: EnforcerSite):
    """Above 1 MiB nothing is read; below, a message may be as long as it likes."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {WEBHOOK}\r\n"
    raw = await exchange(doors, f"{head}Content-Length: {LIMIT + 1}\r\n\r\nx".encode())
    assert parse(raw).status == 413
    assert (await post(doors, sent(groupKey="x" * (LIMIT - 2000)))).status == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", ""),
        (b"[" * 100_000, ""),
        (b"[]", ""),
        (b"\xff", ""),
        (sent(version="3"), "version"),
        (sent(version=4), "version"),
        (sent(version=None), "version"),
        (sent(alerts=None), "alerts"),
        (sent(alerts={}), "alerts"),
    ],
)
async def test_what_is_no_message_is_told_so(doors: EnforcerSite, body: bytes, field: str):
    """400 names the field that is wrong, and nothing reaches the desk."""
    answer = await post(doors, body)

    assert answer.status == 400
    assert json.loads(answer.text)["field"] == field
    assert doors.desk.taken == []


async def test_fault_of_ours_is_logged_and_asks_to_send_again(doors: EnforcerSite, caplog: pytest.LogCaptureFixture):
    """500 makes Alertmanager repeat the message; the log says what happened, the sender is told nothing of it."""
    doors.desk.fault = KeyError("inner workings")
    answer = await post(doors, sent())

    assert answer.status == 500
    assert "inner workings" not in answer.text
    assert "POST /api/v1/alerts could not be answered" in caplog.text
    assert "inner workings" in caplog.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_only_post_is_taken(doors: EnforcerSite, method: str):
    """Any other method is 405, with what is allowed."""
    answer = await ask(doors, PATH, method=method, Authorization=f"Bearer {WEBHOOK}")

    assert answer.status == 405
    assert answer.headers["Allow"] == "POST"


def test_odd_parts_are_passed_over():
    """Unknown fields, labels that are no text and alerts that are none do not keep the others from being read."""
    odd = {"labels": {"account": "eon", "n": 1}, "annotations": None, "startsAt": "soon", "new": []}
    found = read_message(sent(alerts=[None, 7, odd, ALERT], newField={"a": 1}), now=5.0)

    assert len(found) == 2
    assert (found[0].labels, found[0].annotations, found[0].starts_at) == ({"account": "eon"}, {}, None)
    assert (found[0].status, found[0].fingerprint, found[0].arrived_at) == ("firing", "", 5.0)


@pytest.mark.parametrize(
    ("alert", "message", "read"),
    [
        ("firing", "firing", "firing"),
        ("resolved", "firing", "resolved"),
        (None, "resolved", "resolved"),
        (None, None, "firing"),
        ("Resolved?", "resolved", "firing"),
    ],
)
def test_only_a_clear_resolved_ends_an_alert(alert: str | None, message: str | None, read: str):
    """An alert's own status counts before the message's, and a strange one is taken for firing."""
    [found] = read_message(sent(status=message, alerts=[ALERT | {"status": alert}]), now=0.0)

    assert found.status == read


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "2026-11-21T14:38:32", "", 5, None, "2026-13-01T00:00:00Z"])
def test_time_that_is_none_is_unknown(at: object):
    """Go's zero time, a time without zone and what is no time are unknown, not an error."""
    [found] = read_message(sent(alerts=[ALERT | {"startsAt": at}]), now=0.0)

    assert found.starts_at is None


def test_message_without_alerts_is_fine():
    """An empty message is nothing to do."""
    assert read_message(sent(alerts=[]), now=0.0) == ()


def test_bad_version_is_shown_shortened():
    """What came instead of the version is told, but never at any length."""
    with pytest.raises(BadMessage) as caught:
        read_message(sent(version="9" * 10_000), now=0.0)

    assert len(str(caught.value)) < 100


def test_halves_of_characters_are_left_out():
    """JSON may hold halves of characters that no file and no answer takes: such labels are none, the others stay."""
    odd = {"labels": {"account": "eon", "rule": "\ud800", "\udfff": "x"}, "fingerprint": "\ud800"}
    [found] = read_message(sent(alerts=[odd]), now=5.0)

    assert found.labels == {"account": "eon"}
    assert found.fingerprint == ""
