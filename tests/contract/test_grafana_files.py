"""Grafana's provisioning and dashboards, as far as files can tell: Grafana itself does not run here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from alert_rules import rules

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "grafana"
BOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
METRIC = re.compile(r"(?<![\w:])(?:binance|plimsoll)_[a-z_]+")
RECORDED = re.compile(r"[a-z]\w*:\w+:\w+")
PARTS = ("_bucket", "_sum", "_count")
"""What a histogram's series end in."""


def read(path: Path) -> dict[str, Any]:
    """A dashboard."""
    board: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return board


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All panels that show something, those inside rows too."""
    for panel in board["panels"]:
        if panel["type"] != "row":
            yield panel
        yield from (one for one in panel.get("panels", []))


def test_the_one_source_is_prometheus():
    """Grafana knows Prometheus under a fixed uid and no Alertmanager: through that somebody could close positions."""
    sources = [
        one
        for path in sorted((GRAFANA / "provisioning" / "datasources").iterdir())
        for one in yaml.safe_load(path.read_text(encoding="utf-8"))["datasources"]
    ]
    assert [(one["uid"], one["type"], one["editable"]) for one in sources] == [("prometheus", "prometheus", False)]
    assert sources[0]["jsonData"]["timeInterval"] == "2s"


def test_dashboards_come_from_files_alone():
    """Pages change no dashboard, and each lies where the provider looks for it."""
    (path,) = (GRAFANA / "provisioning" / "dashboards").iterdir()
    (provider,) = yaml.safe_load(path.read_text(encoding="utf-8"))["providers"]
    assert provider["allowUiUpdates"] is False
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    assert BOARDS


def test_dashboards_can_be_told_apart():
    """No two dashboards share a uid or a title, and the one that alerts link to first is there."""
    boards = [read(path) for path in BOARDS]
    assert len({board["uid"] for board in boards}) == len({board["title"] for board in boards}) == len(boards)
    assert "plimsoll-account" in {board["uid"] for board in boards}


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_classic_and_asks_its_variable_for_the_source(path: Path):
    """File provisioning takes classic dashboards only; panels have ids, queries names and the chosen source."""
    board = read(path)
    assert board["schemaVersion"] == 42
    assert board["templating"]["list"][0]["name"] == "datasource"
    ids = [panel["id"] for panel in panels(board)]
    assert len(set(ids)) == len(ids)
    for panel in panels(board):
        for target in panel.get("targets", []):
            assert target["refId"]
            assert target["datasource"] == SOURCE


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_a_panel_explains_itself(path: Path):
    """Every panel says what it shows, in which unit, and what it means that it shows nothing."""
    for panel in panels(read(path)):
        if panel["type"] == "text":
            continue
        assert panel["description"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["noValue"], panel["title"]


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_a_dashboard_asks_for_metrics_that_exist(path: Path):
    """Every metric that a dashboard names is one of docs/metrics.md, which is made from the code, or a rule's."""
    documented = set(METRIC.findall((ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")))
    histograms = {f"{name}{part}" for name in documented for part in PARTS}
    queries = [target["expr"] for panel in panels(read(path)) for target in panel.get("targets", [])]
    queries += [mark["expr"] for mark in read(path)["annotations"].get("list", []) if "expr" in mark]
    text = "\n".join(queries)
    assert set(METRIC.findall(text)) <= documented | histograms
    assert set(RECORDED.findall(text)) <= {rule.name for rule in rules() if not rule.alerts}
