"""Ways between alerts, rules and dashboards: each leads to something that is there, and says the same number."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from tools.dashboards.rule_numbers import IN_RULES

from alert_rules import Rule, alerts, rules, runbook_sections
from plimsoll.config.model import Links
from plimsoll_exporter.fast_lane.alert import bare_annotations
from plimsoll_exporter.fast_lane.crossing import BREACHED, CLOSE_REJECTED, NO_MARGIN, Crossing

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))
BOARDS: dict[str, dict[str, Any]] = {
    board["uid"]: board for board in (json.loads(path.read_text(encoding="utf-8")) for path in PATHS)
}
ADDRESS = re.compile(r"/d/plimsoll-[^\s'\"]*")
ALERTS = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b")
OF_GRAFANA = {"from", "to"}


def wrong(address: str) -> str:
    """What is wrong with an address of a dashboard; empty where nothing is."""
    filled = re.sub(r"\$\{__url_time_range\}|\$\{__all_variables\}", "from=now-1h&to=now", address)
    filled = re.sub(r"\$\{(\w+):queryparam\}", r"var-\1=x", filled)
    parts = urlsplit(re.sub(r"\{\{.*?\}\}", "x", filled))
    board = BOARDS.get(parts.path.removeprefix("/d/"))
    if board is None:
        return f"{address}: no such dashboard"
    known = {f"var-{variable['name']}" for variable in board["templating"]["list"]} | OF_GRAFANA
    unknown = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - known
    return f"{address}: {sorted(unknown)}" if unknown else ""


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: f"{rule.name}-{rule.labels['severity']}")
def test_alert_leads_to_a_dashboard(rule: Rule):
    """Whoever follows an alert's link finds a dashboard that knows the variables in it."""
    address = rule.annotations["dashboard_url"].split("}}", 1)[1]
    assert wrong(address) == ""


@pytest.mark.parametrize("alert", [BREACHED, NO_MARGIN, CLOSE_REJECTED])
def test_fast_lane_leads_to_a_dashboard(alert: str):
    """So does whoever follows the link of an alert that the exporter has posted itself."""
    links = Links(grafana="", runbook="")
    address = bare_annotations(Crossing(alert=alert, account="eon"), links)["dashboard_url"]
    assert wrong(address[address.index("/d/") :]) == ""


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_dashboard_leads_to_dashboards(path: Path):
    """Every link of a dashboard, in a panel or above them, leads to one that is there."""
    found = ADDRESS.findall(path.read_text(encoding="utf-8"))
    assert [fault for address in found if (fault := wrong(address))] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_descriptions_name_alerts_that_exist(path: Path):
    """A description that sends somebody to the runbook names a heading that is there."""
    board = json.loads(path.read_text(encoding="utf-8"))
    headings = {heading.lower() for heading in runbook_sections()}
    for panel in board["panels"]:
        text = panel.get("description", "")
        for sentence in re.findall(r"[Rr]unbook:? ([^.;)]*)", text):
            named = set(ALERTS.findall(sentence))
            assert {name for name in named if name.lower() not in headings} == set(), panel["title"]


@pytest.mark.parametrize("alert", IN_RULES, ids=str)
def test_number_is_that_of_the_rule(alert: str):
    """A number that no series tells is the same in the rule and on the dashboard."""
    text = " ".join(next(rule.expr for rule in rules() if rule.name == alert).split())
    assert re.search(re.escape(IN_RULES[alert]) + r"(?![\d.])", text), text
