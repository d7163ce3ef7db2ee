"""Losses against the drawdown rules: breached, or near."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.report.curves import Known, first, highest, known, value_at
from plimsoll.report.findings.making import told, unknown
from plimsoll.report.model import Finding, Severity, SourceName
from plimsoll.report.say import clock, share, usd
from plimsoll.report.view import EQUITY, View

BREACHED = "binance_account_drawdown_breached"
RATIO = "binance_account_drawdown_ratio"


def findings(view: View) -> Iterator[Finding]:
    """All findings of this theme."""
    if not view.has(SourceName.PROMETHEUS):
        if view.material.settings.rules:
            sentence = "Whether a drawdown limit was breached, and what equity was, cannot be known."
            yield unknown(view, "drawdown-breached", sentence, SourceName.PROMETHEUS)
        return
    for rule in rules(view):
        at = breached(view, rule)
        if at is not None:
            yield _breached(view, rule, at)
        else:
            yield from _near(view, rule)


def rules(view: View) -> list[str]:
    """The drawdown rules of the period, by name."""
    return list(dict.fromkeys(curve.labels.get("rule", "") for curve in view.curves.all(RATIO)))


def breached(view: View, rule: str) -> Known | None:
    """When a rule was first seen breached."""
    points = [point for curve in view.curves.all(BREACHED, rule=rule) for point in curve.points]
    return first(sorted(points, key=lambda point: point[0]), lambda value: value == 1)


def _breached(view: View, rule: str, at: Known) -> Finding:
    seen, at = at, _below(view, rule, at)
    floor = view.curves.at("binance_account_drawdown_floor_usd", at.time, rule=rule)
    limit = view.curves.at("binance_account_drawdown_limit_ratio", at.time, rule=rule)
    equity, most = view.equity(at.time), highest(view.curves.one(RATIO, rule=rule).points)
    evidence = [told(f"rule {rule} shown as breached", seen.time)]
    evidence += [
        told(f"the enforcer decided: {step.text}", step.time, SourceName.JOURNAL)
        for run in view.material.runs
        for step in run.steps
        if step.kind == "decision" and step.text.startswith(f"rule {rule}:")
    ]
    if equity is not None and floor is not None:
        evidence.append(told(f"equity {usd(equity)}, floor {usd(floor)}", at.time))
    if most is not None:
        evidence.append(told(f"drawdown {share(most.value)}, its highest", most.time))
    by = min(one.time or at.time for one in evidence)
    below = "" if floor is None else f" below its floor of {usd(floor)}"
    of = "" if limit is None else f" ({share(limit)})"
    return Finding(
        rule="drawdown-breached",
        sentence=f"By {clock(by)} UTC equity had fallen{below}: the drawdown limit {rule}{of} was breached.",
        evidence=tuple(sorted(evidence, key=lambda one: one.time or 0)),
        severity=Severity.CRITICAL,
        plain=f"it lost more than its limit {rule} allows{_allowed(view, rule, at)}",
    )


def _allowed(view: View, rule: str, at: Known) -> str:
    """E.g. ``, 10 % of 50,000.00 USD``."""
    limit = view.curves.at("binance_account_drawdown_limit_ratio", at.time, rule=rule)
    reference = view.curves.at("binance_account_drawdown_reference_usd", at.time, rule=rule)
    if limit is None:
        return ""
    return f", {share(limit)}" + ("" if reference is None else f" of {usd(reference)}")


def _below(view: View, rule: str, at: Known) -> Known:
    """The first look of those without interruption before a breach at which equity was already below the floor."""
    floors = view.curves.one("binance_account_drawdown_floor_usd", rule=rule).points
    for time, equity in reversed(view.curves.one(EQUITY).points):
        floor = value_at(floors, time)
        if time > at.time:
            continue
        if equity is None or floor is None or equity > floor:
            break
        at = Known(time, at.value)
    return at


def _near(view: View, rule: str) -> Iterator[Finding]:
    """The rule was not breached, but used beyond the share that warns."""
    near = known(view.curves.one("binance_account_drawdown_near_ratio", rule=rule, level="warning").points)
    points = view.curves.one(RATIO, rule=rule).points
    most = highest(points)
    if not near or most is None or most.value < near[0].value:
        return
    at = first(points, lambda value: value >= near[0].value) or most
    limit = view.curves.at("binance_account_drawdown_limit_ratio", most.time, rule=rule) or Decimal(1)
    yield Finding(
        rule="drawdown-near",
        sentence=f"Of the drawdown limit {rule} {share(most.value / limit)} was used at most; it was not breached.",
        evidence=(
            told(f"drawdown {share(at.value)} passed the share that warns, {share(near[0].value)}", at.time),
            told(f"drawdown {share(most.value)}, limit {share(limit)}", most.time),
        ),
        severity=Severity.WARNING,
        plain=f"it came near the loss that its limit {rule} allows ({share(most.value)} of {share(limit)})",
    )
