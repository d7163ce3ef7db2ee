"""The demo's own receiver of alerts: what it prints, and whom it does not listen to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests
from tools.demo_alerting import printing_receiver, told

NOW = datetime(2026, 11, 21, 12, 3, 4, tzinfo=UTC)
ALERT = {
    "status": "firing",
    "labels": {"alertname": "PositionUnprotected", "severity": "critical", "account": "live", "symbol": "DOTUSDT"},
    "annotations": {"description": "808.22 USD are\n  without any stop."},
}


def test_an_alert_is_one_line():
    """Time, severity, name, where and the whole text; breaks inside the text are none."""
    assert told(ALERT, NOW) == "12:03:04 CRITICAL PositionUnprotected live DOTUSDT: 808.22 USD are without any stop."


def test_an_alert_that_is_over_is_not_called_well():
    """The end of an alert reads as in every other channel."""
    assert told({**ALERT, "status": "resolved"}, NOW).startswith("12:03:04 no longer reported PositionUnprotected live")


def test_control_characters_do_not_reach_the_terminal():
    """A name that would clear the screen is shown as text."""
    hostile = {**ALERT, "labels": {**ALERT["labels"], "account": "\x1b[2Jeon\r"}}
    assert "\x1b" not in told(hostile, NOW)


def test_only_its_own_address_is_listened_to(capsys: pytest.CaptureFixture[str]):
    """What is posted anywhere else is refused and not printed; what Alertmanager posts is."""
    with printing_receiver() as url:
        other = url.rsplit("/", 1)[0] + "/hook"
        assert requests.post(other, json={"alerts": [ALERT]}, timeout=5).status_code == 404
        assert requests.post(url, json={"alerts": [ALERT]}, timeout=5).status_code == 200
    printed = capsys.readouterr().out
    assert printed.count("PositionUnprotected live DOTUSDT") == 1
