"""Two lanes, one alert: what the exporter posts has the labels, annotations and words of the rule of its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
import yaml

import builders
from alert_rules import ROOT, Rule, alerts, cases
from exporter_state import config
from plimsoll.config.model import AccountConfig, DrawdownRule, Limits, Links, Mode
from plimsoll.risk.assess import assess
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.rejections import Intent, Reason
from plimsoll.risk.standing import Sample
from plimsoll.risk.unknown import INFINITY
from plimsoll.risk.watching import Watched, begin, sampled
from plimsoll_exporter.count import Count
from plimsoll_exporter.fast_lane.alert import all_annotations, bare_annotations
from plimsoll_exporter.fast_lane.crossing import ALERTS, BREACHED, CLOSE_REJECTED, NO_MARGIN, Crossing, crossings
from plimsoll_exporter.rejections.counts import REJECTIONS, OrderCounts
from plimsoll_exporter.view import AccountView, LedgerView, Status

NOW = 1795262399.5
LANE = tuple(rule for rule in alerts() if rule.name in ALERTS)


def rule(on_breach: str = "flatten") -> DrawdownRule:
    """October's rule."""
    return DrawdownRule(
        name="tmad",
        reference="high-water",
        ratio=Decimal("0.1"),
        on_breach=on_breach,
        high_water_usd=Decimal(50000),
    )


def breached(on_breach: str = "flatten", equity: str = "44750") -> Watched:
    """Its account after two samples beyond the limit."""
    rules = {"tmad": rule(on_breach)}
    watched = begin(rules, Sample(time=NOW - 9, elapsed=0, equity=Decimal(50000), flat=False))
    for second in (1, 2):
        one = Sample(time=NOW - 3 + second, elapsed=float(second), equity=Decimal(equity), flat=False)
        watched = sampled(watched, rules, one, min_equity=Decimal(10))
    return watched


def counts(*last: tuple[Reason, Intent, int, float | None]) -> OrderCounts:
    """Rejections by reason and intent, with the time of the last."""
    rows = {
        (reason.value, intent.value): Count(value=Decimal(number), last_at=at) for reason, intent, number, at in last
    }
    return OrderCounts(counts={REJECTIONS: rows})


def account(of: AccountConfig, watched: Watched | None = None, orders: OrderCounts | None = None) -> AccountView:
    """An account as the lane sees it."""
    return AccountView(
        config=of,
        status=Status.LIVE,
        reason="",
        book=None,
        connected=True,
        trusted_at=NOW,
        unexplained_usd=None,
        unexplained_since=None,
        allowed_age=60,
        ledger=LedgerView(watched=watched, trusted=True, flows_until=1795262400.0),
        order_counts=orders or OrderCounts(),
    )


def eon(on_breach: str = "flatten", mode: Mode = Mode.DRY_RUN) -> AccountConfig:
    """The account's configuration."""
    return replace(config("eon", mode), limits=Limits(drawdown={"tmad": rule(on_breach)}))


def figures(equity: str = "44750") -> AccountFigures:
    """Figures with an equity, and with those that the rules of rejections tell."""
    empty = assess(builders.book([], [builders.balance("USDT", equity)]), builders.market({}))
    return replace(
        empty,
        equity=Decimal(equity),
        available=Decimal(7400),
        leverage=Decimal("5.12"),
        gross_exposure=Decimal(255000),
    )


def expected(alert: str, part: str, *, enforce: bool = False) -> Mapping[str, str]:
    """The annotations of a rule's test that have a part in their description."""
    for case in cases():
        for labels, texts in case.expected:
            told = texts.get("description", "")
            if case.alert == alert and part in told and ("enforce" in labels) is enforce:
                return {name: text.strip() for name, text in texts.items()}
    raise AssertionError(f"no test of {alert} says: {part}")


def labels_of(rule: Rule) -> set[str]:
    """The names of the labels that a rule's alert has."""
    grouped = re.findall(r"by \(([^)]*)\)", rule.expr)[0]
    return {"alertname", *rule.labels, *(name.strip() for name in grouped.split(","))}


@pytest.mark.parametrize("rule", LANE, ids=lambda rule: f"{rule.name}-{rule.labels.get('enforce', 'page')}")
def test_both_lanes_have_the_same_labels(rule: Rule):
    """Every label of the rule and no other, with the same fixed values, so that Alertmanager sees one alert."""
    crossing = Crossing(
        alert=rule.name,
        account="eon",
        rule="tmad" if rule.name == BREACHED else "",
        flatten="enforce" in rule.labels,
    )
    assert set(crossing.labels) == labels_of(rule)
    assert crossing.labels.items() >= {"alertname": rule.name, **rule.labels}.items()


@pytest.mark.parametrize("rule", LANE, ids=lambda rule: f"{rule.name}-{rule.labels.get('enforce', 'page')}")
def test_both_lanes_have_the_same_annotations(rule: Rule):
    """Whoever wrote last, nothing is missing: the names are the same and so are the summary and the links' ends."""
    breach = rule.name == BREACHED
    crossing = Crossing(alert=rule.name, account="eon", rule="tmad" if breach else "", flatten="enforce" in rule.labels)
    found = all_annotations(crossing, account(eon(), breached()), figures(), Links())
    assert found.keys() == rule.annotations.keys()
    assert found["summary"] == rule.annotations["summary"] == bare_annotations(crossing, Links())["summary"]


def test_every_alert_of_the_lane_has_a_rule():
    """No alert comes by one lane only."""
    assert {rule.name for rule in LANE} == set(ALERTS)
    assert {rule.labels["lane"] for rule in LANE} == {"money"}


@pytest.mark.parametrize("on_breach", ["flatten", "page"])
def test_a_breach_reads_the_same_by_both_lanes(on_breach: str):
    """With the figures of the rule's test, every annotation is that of the rule's test, to the letter."""
    flatten = on_breach == "flatten"
    (crossing,) = crossings("eon", breached(on_breach), {"tmad": rule(on_breach)}, OrderCounts(), NOW)
    found = all_annotations(crossing, account(eon(on_breach), breached(on_breach)), figures(), Links())
    wanted = expected(BREACHED, "DRY RUN" if flatten else "This rule only pages. DRY RUN", enforce=flatten)
    assert found == wanted


def test_refused_orders_read_the_same_by_both_lanes():
    """With the counts of the rules' tests, the descriptions are those of the rules' tests."""
    orders = counts(
        (Reason.INSUFFICIENT_MARGIN, Intent.OPEN, 5, NOW),
        (Reason.INSUFFICIENT_MARGIN, Intent.CLOSE, 0, None),
    )
    crossing = Crossing(alert=NO_MARGIN, account="eon")
    found = all_annotations(crossing, account(eon(), orders=orders), figures("49800"), Links())
    assert found["description"] == expected(NO_MARGIN, "entries 5, unknown 0. Available are 7400")["description"]
    orders = counts(
        (Reason.INSUFFICIENT_MARGIN, Intent.CLOSE, 2, NOW),
        (Reason.OTHER, Intent.CLOSE, 1, NOW),
    )
    crossing = Crossing(alert=CLOSE_REJECTED, account="eon")
    found = all_annotations(crossing, account(eon(), orders=orders), None, Links())
    assert found["description"] == expected(CLOSE_REJECTED, "so far: 3, of these")["description"]


def test_no_equity_is_told_in_words():
    """Leverage without equity is infinite, and the text says so in the words of the rules."""
    told = replace(figures("-1200"), leverage=INFINITY)
    crossing = Crossing(alert=NO_MARGIN, account="eon")
    orders = counts((Reason.INSUFFICIENT_MARGIN, Intent.OPEN, 5, NOW))
    found = all_annotations(crossing, account(eon(), orders=orders), told, Links())
    assert found["description"] == expected(NO_MARGIN, "effective leverage is infinite")["description"]


def test_rejections_count_as_long_as_in_the_rules():
    """A rejection is news for exactly the five minutes of the rules, and of the kinds that they name."""
    text = (ROOT / "prometheus" / "rules" / "rejections.yml").read_text(encoding="utf-8")
    money = yaml.safe_load(text)["groups"][0]["rules"]
    assert all("> time() - 300" in row["expr"] for row in money)

    def found(*last: tuple[Reason, Intent, int, float | None]) -> set[str]:
        return {each.alert for each in crossings("eon", None, {}, counts(*last), NOW)}

    assert found((Reason.INSUFFICIENT_MARGIN, Intent.OPEN, 1, NOW - 299)) == {NO_MARGIN}
    assert found((Reason.INSUFFICIENT_MARGIN, Intent.OPEN, 1, NOW - 300)) == set()
    assert found((Reason.INSUFFICIENT_MARGIN, Intent.CLOSE, 1, NOW)) == {NO_MARGIN, CLOSE_REJECTED}
    assert found((Reason.OTHER, Intent.CLOSE, 1, NOW)) == {CLOSE_REJECTED}
    assert found((Reason.OTHER, Intent.OPEN, 1, NOW)) == set()
    assert found((Reason.INSUFFICIENT_MARGIN, Intent.OPEN, 1, None)) == set()


@pytest.mark.parametrize("mode", list(Mode))
def test_no_mode_lets_the_lane_promise_a_close(mode: Mode):
    """Whether the enforcer is armed cannot be seen from here: DRY RUN in every mode, with a warning where armed."""
    (crossing,) = crossings("eon", breached(), {"tmad": rule()}, OrderCounts(), NOW)
    text = all_annotations(crossing, account(eon(mode=mode), breached()), figures(), Links())["description"]
    assert "DRY RUN: nothing will be closed" in text
    assert ("unless the enforcer is really armed" in text) is (mode is Mode.ARMED)
    assert "press the red button" in text


@pytest.mark.parametrize("alert", [NO_MARGIN, CLOSE_REJECTED])
@pytest.mark.parametrize("mode", list(Mode))
def test_a_refused_order_of_an_armed_account_is_not_told_as_a_dry_run_alone(mode: Mode, alert: str):
    """Where the account is configured armed, the page says that DRY RUN holds only unless the enforcer really is."""
    orders = counts((Reason.INSUFFICIENT_MARGIN, Intent.CLOSE, 2, NOW))
    crossing = Crossing(alert=alert, account="eon")
    text = all_annotations(crossing, account(eon(mode=mode), orders=orders), figures(), Links())["description"]
    assert "DRY RUN: nothing will be closed" in text
    assert ("unless the enforcer is really armed" in text) is (mode is Mode.ARMED)


def test_links_are_those_of_the_configuration():
    """Runbook and dashboard lead to where the configuration says."""
    links = Links(grafana="https://grafana.example.org", runbook="https://example.org/runbook")
    (crossing,) = crossings("eon", breached(), {"tmad": rule()}, OrderCounts(), NOW)
    found = all_annotations(crossing, account(eon(), breached()), figures(), links)
    assert found["runbook_url"] == "https://example.org/runbook#drawdownlimitbreached"
    assert found["dashboard_url"] == "https://grafana.example.org/d/plimsoll-account?var-account=eon"


def test_equity_back_above_the_floor_is_told_so():
    """A breach that is not cleared yet says how far above the floor equity is."""
    (crossing,) = crossings("eon", breached(), {"tmad": rule()}, OrderCounts(), NOW)
    text = all_annotations(crossing, account(eon(), breached()), figures("45100"), Links())["description"]
    assert "Equity is 45100.00 USD, 100.00 USD above the floor of 45000.00 USD." in text
