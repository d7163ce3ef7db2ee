"""One alert as Alertmanager takes it: labels, annotations, when it began, and how long it holds without news."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.config.model import Links
from plimsoll.risk.figures import AccountFigures
from plimsoll_exporter.fast_lane.breach_text import SUMMARY, breach_annotations
from plimsoll_exporter.fast_lane.crossing import BREACHED, NO_MARGIN, Crossing
from plimsoll_exporter.fast_lane.rejection_text import CLOSE_SUMMARY, NO_MARGIN_SUMMARY, rejection_annotations
from plimsoll_exporter.fast_lane.words import utc, wire
from plimsoll_exporter.view import AccountView

HOLDS = 60.0
"""Seconds for which an alert holds after it was last sent."""

RUNBOOK, GRAFANA = "docs/runbook.md", "http://127.0.0.1:3000"
"""Where links lead unless the configuration says so; the rules have the same."""

DRY_RUN = "DRY RUN: nothing will be closed."
"""What an alert says at least, and whatever goes wrong with the rest."""

Alert = Mapping[str, object]


def alert(crossing: Crossing, annotations: Mapping[str, str], *, starts_at: float, now: float) -> Alert:
    """An alert for Alertmanager's API.

    Args:
        crossing: What it is about.
        annotations: Its texts.
        starts_at: Unix time of the crossing.
        now: Unix time.
    """
    return {
        "labels": crossing.labels,
        "annotations": dict(annotations),
        "startsAt": wire(min(starts_at, now)),
        "endsAt": wire(now + HOLDS),
    }


def ended_alert(crossing: Crossing, links: Links, *, starts_at: float, over_at: float) -> Alert:
    """An alert that is over, for an Alertmanager that may have forgotten it.

    Args:
        crossing: What it was about.
        links: Where pages are.
        starts_at: Unix time of the crossing.
        over_at: Unix time at which it was over.
    """
    description = f"{_about(crossing)} This held from {utc(starts_at)} to {utc(over_at)}."
    return {
        "labels": crossing.labels,
        "annotations": {"summary": _summary(crossing), "description": description, **_links(crossing, links)},
        "startsAt": wire(min(starts_at, over_at)),
        "endsAt": wire(over_at),
    }


def all_annotations(
    crossing: Crossing, account: AccountView, figures: AccountFigures | None, links: Links
) -> dict[str, str]:
    """Everything that an alert says.

    Args:
        crossing: What it is about.
        account: Its account now, with the counts of its orders.
        figures: Its risk figures; ``None`` while it shows none.
        links: Where pages are.
    """
    told = breach_annotations if crossing.alert == BREACHED else rejection_annotations
    return {**told(crossing, account, figures), "data_time": utc(account.trusted_at), **_links(crossing, links)}


def bare_annotations(crossing: Crossing, links: Links) -> dict[str, str]:
    """What an alert says where its figures cannot be had by a fault of ours: it is sent all the same."""
    description = f"{_about(crossing)} Its figures cannot be shown. {DRY_RUN}"
    return {"summary": _summary(crossing), "description": description, **_links(crossing, links)}


def _summary(crossing: Crossing) -> str:
    return {BREACHED: SUMMARY, NO_MARGIN: NO_MARGIN_SUMMARY}.get(crossing.alert, CLOSE_SUMMARY)


def _about(crossing: Crossing) -> str:
    rule = f", rule {crossing.rule}" if crossing.rule else ""
    return f"Account {crossing.account}{rule}: {_summary(crossing)}"


def _links(crossing: Crossing, links: Links) -> dict[str, str]:
    page = "plimsoll-account" if crossing.alert == BREACHED else "plimsoll-orders"
    return {
        "runbook_url": f"{links.runbook or RUNBOOK}#{crossing.alert.lower()}",
        "dashboard_url": f"{links.grafana or GRAFANA}/d/{page}?var-account={crossing.account}",
    }
