"""``plimsoll drill page`` against a made-up Alertmanager: odd answers, counting, waiting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from alerting_files import alerting_config
from local_server import local_server
from plimsoll.drill.page import drill_alert, drill_page
from plimsoll.drill.result import Result, describe_results
from plimsoll.errors import DrillFailed

RUNNING = "receivers: [{name: nobody}, {name: drill-webhook, webhook_configs: [{url: x}]}, {name: drill-telegram}]"
COUNTED = (
    'alertmanager_notification_requests_total{{integration="webhook",receiver_name="drill-webhook"}} {sent}\n'
    'alertmanager_notification_requests_failed_total{{integration="webhook",receiver_name="drill-webhook"}} {failed}\n'
)


@dataclass
class Answers:
    """What it answers, and what was posted; each post changes the counters by ``sends`` and ``fails``."""

    status: str = field(default_factory=lambda: json.dumps({"config": {"original": RUNNING}}))
    code: int = 200
    sends: int = 1
    fails: int = 0
    counted: bool = True
    posted: list[object] = field(default_factory=list)

    def text(self, path: str) -> str:
        """The body of a page."""
        if path != "/metrics":
            return self.status
        count = len(self.posted)
        return COUNTED.format(sent=count * self.sends, failed=count * self.fails) if self.counted else "other 1\n"


@contextmanager
def made_up(answers: Answers) -> Iterator[str]:
    """It, on loopback; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        """Answers as it is told."""

        def do_GET(self) -> None:
            """Status and metrics."""
            self._answer(answers.text(self.path))

        def do_POST(self) -> None:
            """Alerts."""
            answers.posted += json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer("{}")

        def _answer(self, text: str) -> None:
            self.send_response(answers.code)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with local_server(Handler) as url:
        yield url


def played(answers: Answers, folder: Path, *channels: str) -> tuple[Result, ...]:
    """A drill without waiting longer than needed."""
    with made_up(answers) as url:
        return drill_page(alerting_config(folder, alertmanager=url), channels, wait=0.2, sleep=lambda _seconds: None)


def test_a_counted_call_is_delivery(tmp_path: Path):
    """A channel whose receiver counts a call more has delivered; one without integrations is off and gets no alert."""
    answers = Answers()
    webhook, telegram = played(answers, tmp_path, "webhook", "telegram")
    assert (webhook.on, webhook.delivered) == (True, True)
    assert (telegram.on, telegram.delivered) == (False, False)
    assert len(answers.posted) == 1


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        (Answers(sends=2, fails=2), "2 calls failed"),
        (Answers(sends=0), "sent nothing in time"),
        (Answers(counted=False), "nobody counts"),
    ],
    ids=["failed", "silent", "uncounted"],
)
def test_what_is_not_delivered_says_why(answers: Answers, text: str, tmp_path: Path):
    """Failed calls, no call, and an Alertmanager that does not count by receiver are told apart."""
    (webhook,) = played(answers, tmp_path, "webhook")
    assert not webhook.delivered
    assert text in webhook.text


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        (Answers(status="<html>"), "not the answer of an Alertmanager"),
        (Answers(status='{"config": {"original": "receivers: 3"}}'), "not the answer of an Alertmanager"),
        (Answers(code=503), "answers 503"),
        (Answers(code=401), "refuses the password"),
    ],
    ids=["html", "other", "503", "401"],
)
def test_odd_answers_are_told(answers: Answers, text: str, tmp_path: Path):
    """What is no Alertmanager, is ill, or knows another password, is an error with its address."""
    with pytest.raises(DrillFailed, match=text):
        played(answers, tmp_path, "webhook")
    assert answers.posted == []


def test_the_test_is_marked_and_ends_by_itself():
    """The alert says that it is a test, names its channel, and ends after a minute."""
    alert = drill_alert("telegram", datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert alert["labels"] == {
        "alertname": "PlimsollDrill",
        "severity": "critical",
        "drill": "telegram",
        "sent": "2026-11-21T12:00:00.000000Z",
    }
    assert "test of the channel telegram" in str(alert["annotations"])
    assert alert["endsAt"] == "2026-11-21T12:01:00+00:00"


def test_the_table_tells_what_is_left_to_a_person():
    """Delivered, failed and off have their words; a test that nobody got is shouted."""
    on = Result(channel="telegram", on=True, delivered=True, text="t")
    failed = Result(channel="webhook", on=True, delivered=False, text="w")
    off = Result(channel="heartbeat", on=False, delivered=False, text="h")
    shown = describe_results([on, failed, off])
    assert [line.split()[1] for line in shown.splitlines()[1:4]] == ["delivered", "FAILED", "off"]
    assert "Taken by a service is not read by a person" in shown
    assert "NOTHING WAS SENT" in describe_results([off])
