"""Rules, their tests and the runbook name only metrics and labels that the catalogue knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from alert_rules import RUNBOOK, Rule, case_files, rules
from plimsoll_enforcer.catalogue import CATALOGUE as OF_ENFORCER
from plimsoll_exporter.catalogue import CATALOGUE as OF_EXPORTER

TOKEN = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
OURS = re.compile(r"(binance|plimsoll)_\w+")
SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^{}]*)\}")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*[\"']")
OF_PROMETHEUS = {"instance", "job"}
LABELS = {metric.name: set(metric.labels) for metric in (*OF_EXPORTER, *OF_ENFORCER)}
PROGRAMS = {"plimsoll_exporter", "plimsoll_enforcer", "plimsoll_simulator"}


def texts(rule: Rule) -> str:
    """All of a rule that may name metrics."""
    return "\n".join([rule.expr, *rule.annotations.values()])


def named(text: str) -> set[str]:
    """The metrics of ours that a text names, recorded series left out."""
    return {token for token in TOKEN.findall(text) if OURS.fullmatch(token)} - PROGRAMS


def selectors(text: str) -> Iterator[tuple[str, set[str]]]:
    """Every metric with a selector, and the labels that it selects by."""
    for name, inside in SELECTOR.findall(text):
        yield name, set(LABEL.findall(inside))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.theme}-{rule.name}")
def test_rule_names_what_exists(rule: Rule):
    """A rule on a metric that nobody shows would stay silent for ever."""
    assert named(texts(rule)) - set(LABELS) == set()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.theme}-{rule.name}")
def test_rule_selects_by_labels_that_exist(rule: Rule):
    """A selector on a label that a metric does not have matches nothing."""
    wrong = {(name, label) for name, by in selectors(texts(rule)) if name in LABELS for label in by - LABELS[name]}
    assert {(name, label) for name, label in wrong if label not in OF_PROMETHEUS} == set()


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_rule_tests_use_series_that_can_exist(path: Path):
    """A test on a series that the exporter never shows proves nothing: names and labels are those of the catalogue."""
    for name, labels in re.findall(r"series: '([\w:]+)\{([^}]*)\}'", path.read_text(encoding="utf-8")):
        if OURS.fullmatch(name):
            assert name in LABELS
            assert set(LABEL.findall(labels)) - OF_PROMETHEUS <= LABELS[name], name


def test_runbook_names_what_exists():
    """Whoever looks a metric up at night finds it."""
    recorded = {rule.name for rule in rules() if not rule.alerts}
    text = RUNBOOK.read_text(encoding="utf-8")
    assert named(text) - set(LABELS) == set()
    assert {token for token in TOKEN.findall(text) if token.count(":") > 1 and "_" in token} <= recorded


def test_recorded_series_that_rules_lean_on_exist():
    """A series with colons comes from a rule of ours."""
    recorded = {rule.name for rule in rules() if not rule.alerts}
    used = {token for rule in rules() for token in TOKEN.findall(rule.expr) if re.fullmatch(r"\w+:\w+:\w+", token)}
    assert used <= recorded
