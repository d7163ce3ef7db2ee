"""What a message says when alerts join others of their name and account, or one of several ends: each in full once.

The shipped templates are rendered by Alertmanager's own tool, with the data that Alertmanager gives them.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from programs import ROOT

TEMPLATES = ROOT / "alertmanager" / "templates" / "*.tmpl"
NEVER = "0001-01-01T00:00:00Z"
COMMON = {"alertname": "PositionUnprotected", "account": "eon", "severity": "critical", "lane": "money"}
LINKS = {"dashboard_url": "https://grafana.example.org/d/stops", "runbook_url": "https://docs.example.org/runbook"}

Say = Callable[..., str]


def position(symbol: str, started: str, *, ended: str = NEVER, text: str = "") -> dict[str, Any]:
    """One alert about a position, as templates see it."""
    return {
        "status": "firing" if ended == NEVER else "resolved",
        "labels": {**COMMON, "symbol": symbol, "side": "long"},
        "annotations": {"description": text or f"Account eon, {symbol} long: no stop.", **LINKS},
        "startsAt": f"2026-11-21T{started}Z",
        "endsAt": ended if ended == NEVER else f"2026-11-21T{ended}Z",
    }


@pytest.fixture
def say(amtool: Path, tmp_path: Path) -> Say:
    """Render a template with a message's alerts, the reason for the message, and labels that are common."""

    def render(template: str, reason: str, *alerts: Mapping[str, Any], common: Mapping[str, str] = COMMON) -> str:
        firing = any(alert["status"] == "firing" for alert in alerts)
        data = {
            "receiver": "page",
            "status": "firing" if firing else "resolved",
            "notification_reason": reason,
            "alerts": alerts,
            "groupLabels": {name: COMMON[name] for name in ("alertname", "account")},
            "commonLabels": common,
            "commonAnnotations": LINKS,
            "externalURL": "http://127.0.0.1:9093",
        }
        (tmp_path / "data.json").write_text(json.dumps(data))
        done = subprocess.run(  # noqa: S603 - a program of our own cache
            [
                amtool,
                "template",
                "render",
                f"--template.glob={TEMPLATES}",
                f"--template.type={'html' if 'telegram' in template else 'text'}",
                f"--template.data={tmp_path / 'data.json'}",
                f'--template.text={{{{ template "{template}" . }}}}',
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return render


def test_the_title_names_the_position(say: Say):
    """A page about one position names it before it is opened; one about several says how many."""
    btc, eth = position("BTCUSDT", "12:00:00"), position("ETHUSDT", "12:00:00")
    title = say("plimsoll.title", "first notification", btc, common=btc["labels"])
    assert title == "CRITICAL: PositionUnprotected, account eon, BTCUSDT long"
    assert say("plimsoll.title", "first notification", btc, eth) == (
        "CRITICAL: PositionUnprotected, account eon (2 alerts)"
    )


def test_an_alert_that_joins_is_told_as_new_and_the_others_by_a_line(say: Say):
    """The second position that loses its stop: its own text marked as new, the first one only named."""
    alerts = position("BTCUSDT", "12:00:00"), position("ETHUSDT", "12:00:20")
    assert say("plimsoll.text", "new alerts added", *alerts) == (
        "NEW, since 12:00:20 UTC: Account eon, ETHUSDT long: no stop.\nStill reported, since 12:00:00 UTC: BTCUSDT long"
    )
    assert say("plimsoll.telegram", "new alerts added", *alerts).split("\n")[2:4] == [
        "<b>NEW</b> <i>since 12:00:20 UTC</i> Account eon, ETHUSDT long: no stop.",
        "still reported, since 12:00:00 UTC: BTCUSDT long",
    ]


def test_several_that_join_within_one_interval_are_all_new(say: Say):
    """What began within one group_interval of the route came with one message: nothing new is only a line."""
    alerts = position("BTCUSDT", "12:00:00"), position("ETHUSDT", "12:00:20"), position("SOLUSDT", "12:00:29")
    text = say("plimsoll.text", "new alerts added", *alerts)
    assert text.count("NEW, since") == 2
    assert text.endswith("\nStill reported, since 12:00:00 UTC: BTCUSDT long")


@pytest.mark.parametrize("reason", ["first notification", "repeat interval elapsed", "unknown", ""])
def test_any_other_message_tells_everything(say: Say, reason: str):
    """A first message, a repeated one and one whose reason is not known give every text in full."""
    alerts = position("BTCUSDT", "11:00:00"), position("ETHUSDT", "12:00:20")
    for template in ("plimsoll.text", "plimsoll.telegram"):
        said = say(template, reason, *alerts)
        assert "BTCUSDT long: no stop." in said
        assert "ETHUSDT long: no stop." in said
        assert "NEW" not in said
        assert "till reported" not in said


def test_the_end_of_one_of_several_is_told_and_the_others_stay(say: Say):
    """One position is no longer reported: which, and that this is no all-clear; the other is still reported."""
    alerts = position("BTCUSDT", "12:00:00", ended="12:05:00"), position("ETHUSDT", "12:00:20")
    for template in ("plimsoll.text", "plimsoll.telegram"):
        said = say(template, "some alerts resolved", *alerts)
        told, other = said.replace("<b>", "").replace("</b>", "").split("till reported, ")
        assert "BTCUSDT long" in told
        assert "Not reported any more since 2026-11-21 12:05:00 UTC" in told
        assert "This is no all-clear" in told
        assert other.startswith("since 12:00:20 UTC: ETHUSDT long")
        assert "ETHUSDT long: no stop." not in said


def test_what_is_new_stands_before_what_is_over(say: Say):
    """An alert joins while another ends: the new one first, then the end, then those that go on."""
    ended, going = position("BTCUSDT", "12:00:00", ended="12:05:00"), position("ETHUSDT", "12:00:00")
    for template in ("plimsoll.text", "plimsoll.telegram"):
        said = say(template, "new alerts added", ended, going, position("SOLUSDT", "12:05:03"))
        places = [
            said.index(part)
            for part in ("NEW", "SOLUSDT long: no stop.", "BTCUSDT long", "no all-clear", "UTC: ETHUSDT long")
        ]
        assert places == sorted(places), said


@pytest.mark.parametrize("reason", ["first notification", "new alerts added", "some alerts resolved"])
@pytest.mark.parametrize("ended", [NEVER, "12:59:00"])
def test_many_long_texts_stay_within_what_telegram_takes(say: Say, reason: str, ended: str):
    """However many alerts with whatever texts: at most 4096 characters, and it says how many there are."""
    started = ["12:00:00" if number % 2 else "12:01:00" for number in range(20)]
    alerts = [
        position(f"S{number}" + "X" * 60, at, ended=ended if number else NEVER, text="<a href='x'>&+ drift " * 100)
        for number, at in enumerate(started)
    ]
    said = say("plimsoll.telegram", reason, *alerts)
    assert len(said) <= 4096
    assert "... 20 alerts in all" in said
    assert LINKS["runbook_url"] in said
