"""What the exporter asks Alertmanager and the enforcer for its page; and that silence is never told as good news."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from manual_clock import ManualClock
from plimsoll.config.load import load
from plimsoll.secret import Secret
from plimsoll_exporter.fast_lane.sender import Target
from plimsoll_exporter.json_values import Json
from plimsoll_exporter.page.alerts import Alertmanagers
from plimsoll_exporter.page.asking import AGAIN_SECONDS, LARGEST_ANSWER, OLDEST_SECONDS, Known, place
from plimsoll_exporter.page.enforcement import UNKNOWN, Enforcer, enforcer_url
from plimsoll_exporter.page.surroundings import surroundings
from told_by_others import FAILING, IN_FORCE, LOCKED, WATCHDOG, Others, firing, others

SHIPPED = Path(__file__).parents[2] / "plimsoll.yml"


@pytest.fixture
async def told() -> AsyncIterator[Others]:
    """Alertmanager and enforcer."""
    async with others() as running:
        yield running


def asked(*urls: str, authorization: Secret | None = None) -> Alertmanagers:
    """Who asks these Alertmanagers."""
    return Alertmanagers([Target(url=url, authorization=authorization) for url in urls], clock=ManualClock())


async def test_alerts_come_worst_first_and_without_the_watchdog(told: Others):
    """Alerts for people, the muted ones last; the watchdog only tells that Prometheus is heard."""
    told.alerts = [
        firing("Quiet", silenced=["someone"]),
        firing("Mild", "warning", labels={"account": "eon"}, annotations={"summary": "So it is."}),
        WATCHDOG,
        firing("Hidden", inhibited=["another"]),
        firing("Loud", labels={"account": "eon", "symbol": "BTCUSDT"}),
        firing("Worse", labels={"account": "eon", "lane": "money"}),
        firing("Worst", labels={"account": "eon", "lane": "money", "enforce": "flatten"}),
    ]
    found = await asked(told.url).ask()

    assert [(one["alertname"], one["muted"]) for one in found["alerts"]] == [  # type: ignore[index, union-attr]
        ("Worst", None),
        ("Worse", None),
        ("Loud", None),
        ("Mild", None),
        ("Hidden", "inhibited"),
        ("Quiet", "silenced"),
    ]
    mild = found["alerts"][3]  # type: ignore[index]
    assert (mild["account"], mild["summary"], mild["starts_timestamp"]) == ("eon", "So it is.", 1_795_230_245.0)  # type: ignore[index, call-overload]
    assert (found["error"], found["hears_prometheus"], found["failures"]) == (None, True, [])


async def test_missing_watchdog_is_told(told: Others):
    """An Alertmanager that Prometheus does not reach has no alerts, and that is told as no good news."""
    told.alerts = []
    found = await asked(told.url).ask()

    assert (found["alerts"], found["hears_prometheus"]) == ([], False)


@pytest.mark.parametrize(
    ("answer", "status", "why"),
    [
        ([], 500, "answer 500"),
        ({"a": 1}, 200, "not Alertmanager's answer"),
        ([{"labels": 7}], 200, "not Alertmanager's answer"),
        ([], 302, "answer 302"),
    ],
)
async def test_answer_that_is_none_leaves_alerts_unknown(told: Others, answer: Json, status: int, why: str):
    """Whatever Alertmanager answers instead of alerts, they are unknown, never none."""
    told.alerts, told.status = answer, status
    found = await asked(told.url).ask()

    assert (found["alerts"], found["hears_prometheus"]) == (None, None)
    assert found["error"] == "Alertmanager does not answer: alerts unknown"
    assert found["failures"] == [f"{place(told.url)}: {why}"]


async def test_alertmanager_that_hangs_is_not_waited_for(told: Others):
    """One that takes the question and never answers is given up, as one that does not answer."""
    told.hold.clear()
    found = await asked(told.url).ask()
    told.hold.set()

    assert found["alerts"] is None
    assert found["failures"] == [f"{place(told.url)}: no answer within 2 s"]


async def test_endless_answer_is_given_up(told: Others):
    """An answer of more than a few megabytes is none."""
    told.alerts = ["x" * LARGEST_ANSWER]
    found = await asked(told.url).ask()

    assert found["failures"] == [f"{place(told.url)}: cannot be asked (ValueError)"]


async def test_one_alertmanager_of_two_is_enough(told: Others):
    """What one of two tells is known, and which one is silent is told; the login stays between programs."""
    told.alerts = [WATCHDOG, firing("Loud")]
    found = await asked("http://127.0.0.1:1", told.url, authorization=Secret("Basic abc")).ask()

    assert [one["alertname"] for one in found["alerts"]] == ["Loud"]  # type: ignore[index, union-attr]
    assert found["failures"] == ["127.0.0.1:1: cannot be asked (ClientConnectorError)"]
    assert told.asked == ["Basic abc"]
    assert "abc" not in str(found)


async def test_without_alertmanager_alerts_are_unknown():
    """No Alertmanager is no good news either."""
    found = await asked().ask()

    assert (found["configured"], found["alerts"]) == (False, None)
    assert found["error"] == "No Alertmanager is configured: alerts unknown"


async def test_enforcer_tells_mode_and_lockout(told: Others):
    """What is in force comes from the enforcer's metrics, the reason of a lockout from its gate."""
    told.metrics = IN_FORCE % ("eon", "armed") + LOCKED % ("eon", "+Inf") + IN_FORCE % ("live", "dry-run")
    told.locked = {"eon": "rule tmad"}
    found = await Enforcer(told.url, ("eon", "live", "other"), clock=ManualClock()).ask()

    assert found["error"] is None
    assert found["accounts"] == {
        "eon": {**UNKNOWN, "mode": "armed", "locked": True, "locked_reason": "rule tmad"},
        "live": {**UNKNOWN, "mode": "dry-run", "locked": False},
        "other": {**UNKNOWN, "locked": False},
    }


async def test_gates_tell_lockouts_where_metrics_ask_for_a_password(told: Others):
    """Without the page of metrics the mode is unknown, and who is locked out is known all the same."""
    told.metrics, told.locked = None, {"eon": "rule tmad"}
    found = await Enforcer(told.url, ("eon", "live"), clock=ManualClock()).ask()

    assert found["error"] == f"{place(told.url)}: its metrics answer 401"
    assert found["accounts"] == {
        "eon": {**UNKNOWN, "locked": True, "locked_reason": "rule tmad"},
        "live": {**UNKNOWN, "locked": False},
    }


async def test_enforcer_tells_of_a_run_that_does_not_end(told: Others):
    """An account that is not flat though it should be is told with the time since which."""
    told.metrics = IN_FORCE % ("eon", "armed") + FAILING % ("eon", "17")
    found = await Enforcer(told.url, ("eon",), clock=ManualClock()).ask()

    assert found["accounts"]["eon"] == {**UNKNOWN, "mode": "armed", "locked": False, "failing_since_timestamp": 17.0}  # type: ignore[call-overload, index]


async def test_time_that_is_no_number_is_unknown(told: Others):
    """What JSON cannot hold is left out, or no browser could read anything any more."""
    told.metrics, told.gate = FAILING % ("eon", "NaN") + LOCKED % ("eon", "NaN"), 500
    found = await Enforcer(told.url, ("eon",), clock=ManualClock()).ask()

    json.loads(json.dumps(found, allow_nan=False))
    assert found["accounts"] == {"eon": {**UNKNOWN, "locked": True}}


async def test_gate_that_is_broken_leaves_the_lockout_unknown(told: Others):
    """A gate that answers neither yes nor no tells nothing."""
    told.metrics, told.gate = None, 500
    found = await Enforcer(told.url, ("eon",), clock=ManualClock()).ask()

    assert found["accounts"] == {"eon": UNKNOWN}


@pytest.mark.parametrize(
    ("webhook", "button", "found", "linked"),
    [
        (None, None, None, None),
        ("http://127.0.0.1:9714/api/v1/alerts", None, "http://127.0.0.1:9714", "http://127.0.0.1:9714"),
        (
            "http://enforcer:9714/api/v1/alerts",
            "https://risk.example.com/",
            "http://enforcer:9714",
            "https://risk.example.com",
        ),
        ("https://my.example.com/hook", None, None, None),
    ],
)
async def test_enforcer_is_where_alertmanager_finds_it(
    webhook: str | None, button: str | None, found: str | None, linked: str | None
):
    """Programs find the enforcer by its webhook, browsers by ``links.button`` first; a foreign webhook is neither."""
    environ = {"PLIMSOLL_ENFORCEMENT_WEBHOOK__URL": webhook, "PLIMSOLL_LINKS__BUTTON": button}
    config = load(SHIPPED, environ={name: value for name, value in environ.items() if value is not None})
    around = surroundings(config, clock=ManualClock())

    assert enforcer_url(config) == found
    assert around.links["button"] == linked
    assert (await around.alerts.fresh())["configured"] is False
    await around.close()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (None, "no enforcement_webhook is configured: nobody can be asked"),
        ("http://127.0.0.1:1", "127.0.0.1:1: cannot be asked (ClientConnectorError)"),
    ],
)
async def test_enforcer_that_does_not_answer_is_unknown(url: str | None, why: str):
    """Nobody to ask, or nobody who answers: mode and lockout are unknown, and why is told."""
    found = await Enforcer(url, ("eon",), clock=ManualClock()).ask()

    assert found["accounts"] == {"eon": UNKNOWN}
    assert found["error"] == why


async def test_others_are_asked_seldom_however_many_want_to_know():
    """Of questions at the same time one is asked, and the next one not before its time."""
    clock, count = ManualClock(), 0

    async def ask() -> dict[str, Json]:
        nonlocal count
        count += 1
        await asyncio.sleep(0)
        return {"count": count}

    known = Known(ask, before={"count": 0}, clock=clock)
    assert known.newest() == {"count": 0}
    assert await asyncio.gather(known.fresh(), known.fresh()) == [{"count": 1}, {"count": 1}]
    assert await known.fresh() == {"count": 1}
    clock.advance(AGAIN_SECONDS)
    assert await known.fresh() == {"count": 2}
    await known.close()


async def test_what_was_known_hours_ago_is_shown_to_nobody():
    """Who looks again after hours sees the unknown until there is an answer, not the alerts of then."""
    clock = ManualClock()

    async def ask() -> dict[str, Json]:
        return {"alerts": "old"}

    known = Known(ask, before={"alerts": None}, clock=clock)
    assert await known.fresh() == {"alerts": "old"}
    clock.advance(OLDEST_SECONDS)
    assert known.newest() == {"alerts": None}
    await known.close()


async def test_question_on_its_way_ends_with_the_program():
    """Nobody waits at the end for an answer that does not come."""

    async def ask() -> dict[str, Json]:
        await asyncio.Event().wait()
        return {}

    known = Known(ask, before={"alerts": None}, clock=ManualClock())
    assert known.newest() == {"alerts": None}
    await asyncio.sleep(0)
    await known.close()
    assert known.newest() == {"alerts": None}
    await known.close()


async def test_fault_in_asking_leaves_nothing_known(caplog: pytest.LogCaptureFixture):
    """After a fault of ours nothing is known any more, rather than what was known long ago."""
    answers = [{"alerts": "old"}]

    async def ask() -> dict[str, Json]:
        return answers.pop()

    clock = ManualClock()
    known = Known(ask, before={"alerts": None}, clock=clock)
    assert await known.fresh() == {"alerts": "old"}
    clock.advance(AGAIN_SECONDS)

    assert await known.fresh() == {"alerts": None}
    assert "by a fault of ours" in caplog.text
