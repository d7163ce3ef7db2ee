"""The snippets of docs/integrate.md for people with a Prometheus and an Alertmanager of their own, as they stand."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from alert_rules import RULES, alerts
from documented_blocks import ROOT, file_block
from plimsoll.config.load import load

DOCUMENT = "docs/integrate.md"
SHIPPED = ROOT / "prometheus" / "prometheus.yml"


def run(*command: str | Path) -> tuple[int, str]:
    """Exit status and all that a checker said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - Prometheus' own checkers
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def alertmanager_file(tmp_path: Path) -> Path:
    """The documented alertmanager.yml as a file."""
    path = tmp_path / "alertmanager.yml"
    path.write_text(file_block(DOCUMENT, "alertmanager.yml"), encoding="utf-8")
    return path


def test_prometheus_takes_the_scrape_jobs_and_our_rules(promtool: Path, tmp_path: Path):
    """The documented prometheus.yml with our rules copied beside it passes promtool without a warning."""
    shutil.copytree(RULES, tmp_path / "plimsoll")
    path = tmp_path / "prometheus.yml"
    path.write_text(file_block(DOCUMENT, "prometheus.yml"), encoding="utf-8")
    code, said = run(promtool, "check", "config", path)
    assert code == 0, said
    assert f"{len(list(RULES.glob('*.yml')))} rule files found" in said
    assert "WARNING" not in said


def test_the_jobs_are_those_that_our_rules_ask_for():
    """Names, intervals and labels that are taken off are those of the shipped configuration."""
    theirs = yaml.safe_load(file_block(DOCUMENT, "prometheus.yml"))
    ours = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))

    def jobs(tree: dict[str, list[dict[str, str]]]) -> dict[str, str | None]:
        return {job["job_name"]: job.get("scrape_interval") for job in tree["scrape_configs"]}

    assert jobs(theirs) == jobs(ours)
    assert theirs["alerting"]["alert_relabel_configs"] == ours["alerting"]["alert_relabel_configs"]
    assert set(theirs["global"]["external_labels"]) <= set(ours["global"]["external_labels"])


def test_alertmanager_takes_the_routes(amtool: Path, alertmanager_file: Path):
    """The documented alertmanager.yml is valid as it stands."""
    code, said = run(amtool, "check-config", alertmanager_file)
    assert code == 0, said


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ("alertname=DrawdownLimitBreached severity=critical lane=money enforce=flatten", "plimsoll-enforcer,pager"),
        ("alertname=EnforcerChainProbe severity=none enforce=probe", "plimsoll-enforcer,nobody"),
        ("alertname=MirrorDrift severity=critical lane=money", "pager"),
        ("alertname=DrawdownNearLimit severity=warning lane=money", "chat"),
        ("alertname=ClockSkew severity=warning", "chat"),
        ("alertname=PlimsollWatchdog severity=none", "nobody"),
        ("alertname=YourOwn severity=critical", "chat"),
    ],
)
def test_alerts_go_where_the_document_says(amtool: Path, alertmanager_file: Path, labels: str, receivers: str):
    """Breaches reach the enforcer and the pager, warnings the chat, what only proves the chain nobody."""
    command = (
        amtool,
        "config",
        "routes",
        "test",
        f"--config.file={alertmanager_file}",
        f"--verify.receivers={receivers}",
    )
    code, said = run(*command, *labels.split())
    assert code == 0, said


def test_what_is_only_to_be_looked_at_is_named():
    """Every alert without a severity for people is routed to nobody by its name."""
    quiet = {rule.name for rule in alerts() if rule.labels["severity"] in {"none", "info"}}
    text = file_block(DOCUMENT, "alertmanager.yml")
    assert {name for name in quiet if name not in text} == set()


def test_plimsoll_takes_the_alertmanager(tmp_path: Path):
    """The documented part of plimsoll.yml makes a valid configuration."""
    path = tmp_path / "plimsoll.yml"
    text = "exchange: {environment: simulator}\naccounts: {eon: {}}\n"
    path.write_text(text + file_block(DOCUMENT, "plimsoll.yml"), encoding="utf-8")
    assert [one.url for one in load(path, environ={}).alertmanager] == ["http://127.0.0.1:9093"]
