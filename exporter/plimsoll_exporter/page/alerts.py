"""``/api/v1/alerts``: the alerts that fire now, as the Alertmanagers tell them; where none answers they are unknown.

Several Alertmanagers are one for the reader: an alert that one of them holds fires, and it is muted only where all that
hold it say so. The watchdog, which always fires, tells whether Prometheus reaches them at all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from plimsoll.clock import Clock
from plimsoll_exporter.fast_lane.sender import Target
from plimsoll_exporter.json_values import Json
from plimsoll_exporter.page.asking import NotToldError, get, place

QUESTION = "/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true"
WATCHDOG = "PlimsollWatchdog"
SILENT = "none"
"""Severity of alerts that are for programs, not for people."""

MOST_ALERTS = 200
SEVERITIES = ("critical", "warning", "info")
TEXTS = ("summary", "description", "runbook_url", "dashboard_url")
"""Annotations that are passed on."""

NOT_ASKED: dict[str, Json] = {
    "time": None,
    "configured": True,
    "error": "Alertmanager has not been asked yet: alerts unknown",
    "failures": [],
    "hears_prometheus": None,
    "alerts": None,
    "more": 0,
}
"""Before the first answer."""

OFF: dict[str, Json] = {
    **NOT_ASKED,
    "configured": False,
    "error": "No Alertmanager is configured: alerts unknown",
}

Alert = dict[str, Json]


class Alertmanagers:
    """All that are configured."""

    def __init__(self, targets: Sequence[Target], *, clock: Clock) -> None:
        self._targets, self._clock = tuple(targets), clock

    async def ask(self) -> dict[str, Json]:
        """What fires, as JSON."""
        if not self._targets:
            return {**OFF, "time": self._clock.now()}
        answers = await asyncio.gather(*map(told_by, self._targets), return_exceptions=True)
        told = [answer for answer in answers if isinstance(answer, list)]
        failures = [str(answer) for answer in answers if isinstance(answer, NotToldError)]
        return {"time": self._clock.now(), "configured": True, **_together(told, failures)}


def _together(told: Sequence[list[Alert]], failures: Sequence[str]) -> dict[str, Json]:
    """What several lists of alerts say."""
    if not told:
        error = "Alertmanager does not answer: alerts unknown"
        return {**NOT_ASKED, "error": error, "failures": list(failures)}
    merged = _merged(alert for alerts in told for alert in alerts)
    shown = sorted((alert for alert in merged if alert["severity"] != SILENT), key=_rank)
    return {
        "error": None,
        "failures": list(failures),
        "hears_prometheus": any(alert["alertname"] == WATCHDOG for alert in merged),
        "alerts": list[Json](shown[:MOST_ALERTS]),
        "more": max(0, len(shown) - MOST_ALERTS),
    }


def _merged(alerts: Iterable[Alert]) -> list[Alert]:
    found: dict[str, Alert] = {}
    for alert in alerts:
        key = json.dumps(alert["labels"], sort_keys=True)
        if key not in found or not alert["muted"]:
            found[key] = alert
    return list(found.values())


def _rank(alert: Alert) -> tuple[bool, int, bool, bool, str, str]:
    """The loud ones first, the worst first, of those breaches, then the ones about money lost or refused."""
    severity = str(alert["severity"])
    worst = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    labels = alert["labels"]
    known = labels if isinstance(labels, dict) else {}
    breach, money = "enforce" in known, known.get("lane") == "money"
    return bool(alert["muted"]), worst, not breach, not money, str(alert["account"]), str(alert["alertname"])


async def told_by(target: Target) -> list[Alert]:
    """The alerts of one Alertmanager.

    Raises:
        NotToldError: It did not tell.
    """
    reply = await get(target.url + QUESTION, authorization=target.authorization)
    if reply.status != 200:  # noqa: PLR2004 - HTTP's OK
        raise NotToldError(f"{place(target.url)}: answer {reply.status}")
    try:
        return await asyncio.to_thread(_read, reply.body)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise NotToldError(f"{place(target.url)}: not Alertmanager's answer") from error


def _read(body: bytes) -> list[Alert]:
    """All alerts of an answer; large ones take long, so in a thread."""
    return [_alert(row) for row in json.loads(body)]


def _alert(row: dict[str, Any]) -> Alert:
    """One alert of Alertmanager's API, version 2."""
    labels = {str(name): str(value) for name, value in row["labels"].items()}
    annotations, status = row["annotations"], row["status"]
    return {
        "alertname": labels.get("alertname", ""),
        "severity": labels.get("severity", ""),
        "account": labels.get("account") or labels.get("destination"),
        "labels": dict[str, Json](labels),
        **{name: str(annotations[name]) if name in annotations else None for name in TEXTS},
        "starts_timestamp": datetime.fromisoformat(row["startsAt"]).timestamp(),
        "muted": _muted(status),
    }


def _muted(status: dict[str, Any]) -> Json:
    """Why people are not told: ``silenced``, ``inhibited``, or ``null`` while they are."""
    if status.get("silencedBy"):
        return "silenced"
    return "inhibited" if status.get("inhibitedBy") else None
