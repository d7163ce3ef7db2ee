"""One set of alerts: rules, their tests, the runbook and the contract's list say the same."""

from __future__ import annotations

import re

import pytest
import yaml

from alert_rules import RULES, Rule, alerts, cases, missing_table, rules, runbook_sections

SEVERITIES = {"critical", "warning", "info", "none"}
LINKS = {"summary", "description", "runbook_url", "dashboard_url"}
AGE = "data_time"
"""Of what time the data are, for the text of a page that is no longer reported."""

FOR_THE_ENFORCER = {
    "floor_usd",
    "reference_usd",
    "equity_usd",
    "limit_ratio",
    "flows_until",
    "sampled_at",
    "samples",
}
EVENTS = {
    "MarginCall",
    "ForcedClose",
    "ProtectiveOrderRejected",
    "InsufficientMarginRejection",
    "CloseOrderRejected",
    "EnforcementRan",
    "LockoutChurn",
}
"""What happened is over when it is told: these count for five minutes, live or not."""

NOT_OF_AN_ACCOUNT = {"ExporterDown", "EnforcerDown"}
ALWAYS_FIRING = {"PlimsollWatchdog", "EnforcerChainProbe"}
MONEY_LABELS = {"account", "rule", "symbol", "side", "source", "figure", "severity", "lane", "enforce"}
NEVER_IN_MONEY = {"job", "instance", "site", "replica"}
CONTRACT = frozenset(
    re.findall(
        r"\w+",
        """
        DrawdownNearLimit DrawdownLimitBreached AccountLeverageAboveLimit SymbolLeverageAboveLimit
        LeverageSettingAboveLimit MarginRatioAboveLimit LiquidationNear AvailableMarginLow MarginCall
        ForcedClose UnexplainedBalanceChange PositionUnprotected PositionUnderprotected StopOverrun
        StopDataUnknown StopBeyondLiquidation StopMayOpen OrphanStop DrawdownAtStopsAboveLimit
        ProtectiveOrderRejected InsufficientMarginRejection CloseOrderRejected OrderRejectionRateHigh
        MirrorDrift AccountDataStale RiskFigureMissing ExporterDown StreamFlapping ApiWeightHigh ClockSkew
        ReconcileCorrections ApiKeyCanWithdraw PlimsollWatchdog
        EnforcerDown EnforcementModeMismatch EnforcerChainBroken EnforcerChainProbe EnforcementRan EnforcementFailed
        EnforcerJournalFailed LockoutChurn AccountLockedOut
        """,
    )
)
"""The public names."""

each_alert = pytest.mark.parametrize("rule", alerts(), ids=lambda rule: f"{rule.name}-{rule.labels['severity']}")
each_money_alert = pytest.mark.parametrize(
    "rule", [rule for rule in alerts() if rule.money], ids=lambda rule: f"{rule.name}-{rule.labels['severity']}"
)


def test_every_alert_of_the_contract_exists():
    """Users may rely on these names."""
    assert CONTRACT - {rule.name for rule in alerts()} == set()


@each_alert
def test_alert_says_what_it_must(rule: Rule):
    """Severity, one sentence of summary without a template, a description and two links."""
    summary = rule.annotations["summary"]
    assert rule.labels["severity"] in SEVERITIES
    assert rule.annotations.keys() >= LINKS
    assert re.fullmatch(r"[A-Z][^{}]*[^.{}]\.", summary), summary
    assert summary.count(". ") == 0
    assert rule.annotations["runbook_url"].endswith(f"#{rule.name.lower()}")
    assert "{{" in rule.annotations["description"] or rule.name in {*ALWAYS_FIRING, "PrometheusSelfScrapeDown"}


@each_alert
def test_alert_has_a_runbook_heading(rule: Rule):
    """Whoever is woken finds meaning, impact, diagnosis and mitigation."""
    section = runbook_sections()[rule.name]
    for part in ("Meaning", "Impact", "Diagnosis", "Mitigation"):
        assert re.search(rf"^\*\*{part}\.\*\* \S", section, re.MULTILINE), part


def test_runbook_has_no_other_headings():
    """No alert is described that does not exist."""
    assert set(runbook_sections()) - {rule.name for rule in alerts()} == set()


@each_alert
def test_alert_has_a_firing_and_a_silent_case(rule: Rule):
    """Each rule is seen firing, with all its labels and annotations, and its alert is seen silent."""
    looks = [case for case in cases() if case.alert == rule.name]
    fired = [
        annotations
        for case in looks
        for labels, annotations in case.expected
        if rule.labels.items() <= labels.items() and ("enforce" in labels) == ("enforce" in rule.labels)
    ]
    assert fired
    assert all(annotations.keys() == rule.annotations.keys() for annotations in fired)
    assert rule.name in ALWAYS_FIRING or any(not case.expected for case in looks)


@each_money_alert
def test_money_alert_is_fast_and_does_not_flap(rule: Rule):
    """Evaluated every second, kept for two minutes."""
    assert rule.interval == "1s"
    assert rule.keep_firing_for == "2m"


@each_money_alert
def test_money_alert_holds_itself(rule: Rule):
    """While the account is not live a firing alert stays firing; events count by their time instead."""
    if rule.name in EVENTS:
        assert "last_over_time(" in rule.expr
        assert "> time() - 300" in rule.expr
    elif rule.name not in NOT_OF_AN_ACCOUNT:
        assert f'ALERTS{{alertname="{rule.name}", alertstate="firing"' in rule.expr
        assert "and on (account) account:plimsoll_configured:max24h" in rule.expr
        assert "increase(" not in rule.expr


@each_money_alert
def test_money_alert_says_whether_anything_is_closed(rule: Rule):
    """Every page about an account says DRY RUN unless the account is really armed."""
    if rule.name not in NOT_OF_AN_ACCOUNT:
        text = rule.annotations["description"]
        armed = text.index("plimsoll_enforcer_mode_info{account='%s',mode='armed'} == 1")
        assert armed < text.index("DRY RUN: nothing will be closed")


def test_labels_of_money_alerts_are_fixed():
    """Nothing in them tells who scraped or evaluated, so that both lanes merge into one alert."""
    money = [labels for case in cases() for labels, _ in case.expected if labels.get("lane") == "money"]
    assert set().union(*money) <= MONEY_LABELS
    assert {rule.name for rule in alerts() if rule.money and NEVER_IN_MONEY & set(rule.labels)} == set()


def test_breach_tells_the_enforcer_all_it_needs():
    """Both rules carry the same figures, and only the one that flattens has the label ``enforce``."""
    both = [rule for rule in alerts() if rule.name == "DrawdownLimitBreached"]
    assert [set(rule.annotations) - LINKS - {AGE} for rule in both] == [FOR_THE_ENFORCER, FOR_THE_ENFORCER]
    assert [rule.labels.get("enforce") for rule in both] == ["flatten", None]
    assert all("printf" in rule.annotations[name] for rule in both for name in FOR_THE_ENFORCER)


def test_other_groups_are_slow():
    """Only money is worth an evaluation each second."""
    assert {rule.interval for rule in rules() if rule.alerts and not rule.money} == {"15s"}


def test_every_critical_alert_has_something_for_its_missing_series():
    """The runbook's table names, for each critical alert, alerts that exist and are not itself."""
    table = dict(missing_table())
    names = {rule.name for rule in alerts()}
    assert set(table) == {rule.name for rule in alerts() if rule.labels["severity"] == "critical"}
    assert {name for name, others in table.items() if not others - {name} or not others <= names} == set()


def test_external_labels_are_dropped_from_alerts():
    """An alert looks the same whatever labels this Prometheus gives to others."""
    config = yaml.safe_load((RULES.parent / "prometheus.yml").read_text(encoding="utf-8"))
    [drop] = config["alerting"]["alert_relabel_configs"]
    assert drop["action"] == "labeldrop"
    assert set(drop["regex"].split("|")) == set(config["global"]["external_labels"])
