"""The alert rules, their promtool tests and the runbook, parsed: what tests of each hold against one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "prometheus" / "rules"
CASES = ROOT / "tests" / "rules"
RUNBOOK = ROOT / "docs" / "runbook.md"
HEADING = re.compile(r"^### (\w+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule as it stands in its file.

    Attributes:
        theme: The file's name without its ending.
        interval: The group's.
        name: Of the alert, or of the recorded series.
        labels: Those that the rule itself sets.
    """

    theme: str
    interval: str
    name: str
    alerts: bool
    expr: str
    keep_firing_for: str | None
    labels: dict[str, str]
    annotations: dict[str, str]

    @property
    def money(self) -> bool:
        """Whether it takes the fast road."""
        return self.labels.get("lane") == "money"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One look of a promtool test at one alert; each of ``expected`` is a pair of labels and annotations."""

    theme: str
    alert: str
    expected: tuple[tuple[dict[str, str], dict[str, str]], ...]


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of every theme."""
    return tuple(
        Rule(
            theme=path.stem,
            interval=group["interval"],
            name=row.get("alert") or row["record"],
            alerts="alert" in row,
            expr=row["expr"],
            keep_firing_for=row.get("keep_firing_for"),
            labels=row.get("labels", {}),
            annotations=row.get("annotations", {}),
        )
        for path in sorted(RULES.glob("*.yml"))
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for row in group["rules"]
    )


@cache
def alerts() -> tuple[Rule, ...]:
    """Every alert; one name may have two rules that differ in their labels."""
    return tuple(rule for rule in rules() if rule.alerts)


@cache
def cases() -> tuple[Case, ...]:
    """Every look of every promtool test."""
    return tuple(
        Case(
            theme=path.stem,
            alert=look["alertname"],
            expected=tuple((row["exp_labels"], row["exp_annotations"]) for row in look["exp_alerts"]),
        )
        for path in case_files()
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
        for look in test.get("alert_rule_test", [])
    )


def case_files() -> list[Path]:
    """The promtool tests."""
    return sorted(CASES.glob("*.yml"))


def runbook_sections() -> dict[str, str]:
    """The runbook's text about each alert, by its name."""
    parts = HEADING.split(RUNBOOK.read_text(encoding="utf-8"))
    return {name: text.split("\n## ")[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def missing_table() -> Iterator[tuple[str, set[str]]]:
    """The runbook's table: each critical alert, and the alerts that fire when its series is missing."""
    text = RUNBOOK.read_text(encoding="utf-8").split("## When a series is missing")[1].split("\n## ")[0]
    for line in text.splitlines():
        first, _, others = line.strip("|").partition("|")
        for name in re.findall(r"`([A-Z]\w+)`", first) if line.startswith("|") else []:
            yield name, set(re.findall(r"`([A-Z]\w+)`", others))
