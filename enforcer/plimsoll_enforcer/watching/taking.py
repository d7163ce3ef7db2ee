"""Which alerts are taken on, and which of two alerts of one breach is the better witness. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plimsoll.config.model import AccountConfig, DrawdownRule
from plimsoll_enforcer.decide.claim import TORN, Claim, claim_of
from plimsoll_enforcer.decide.evidence import outlived
from plimsoll_enforcer.desk import Alert

FLATTEN, PROBE = "flatten", "probe"
"""Values of the label ``enforce`` that are understood."""

FIRING = "firing"

_FIGURES = ("floor_usd", "reference_usd", "equity_usd", "flows_until", "sampled_at", "samples")


def rule_of(alert: Alert, config: AccountConfig) -> DrawdownRule | None:
    """The rule of now that an alert is about; ``None`` where there is none that closes."""
    rule = config.limits.drawdown.get(alert.labels.get("rule", ""))
    return rule if rule is not None and rule.on_breach == FLATTEN else None


def why_refused(alert: Alert, config: AccountConfig, now: float) -> str:
    """Why an alert is not taken on; empty where it is."""
    name = alert.labels.get("rule", "")
    rule = rule_of(alert, config)
    if rule is None:
        return f"account {config.name} has no drawdown rule {name!r} that closes"
    if outlived(claim_of(alert), rule, now):
        return f"the alert is about a day that is over (rule {name})"
    return ""


def without_figures(alert: Alert) -> Alert:
    """The same as an incomplete one: its figures no longer apply, and only the exporter can say which do."""
    kept = {name: text for name, text in alert.annotations.items() if name not in _FIGURES}
    return replace(alert, annotations=kept)


def before_rebase(alert: Alert, rebased_at: float | None) -> bool:
    """Whether a figure of it may be from before the rules began anew.

    One that does not say when they were made, as while the exporter trusts no sample yet, is as old as its breach.
    """
    if rebased_at is None:
        return False
    sampled_at = claim_of(alert).sampled_at
    made_at = alert.starts_at if sampled_at is None else sampled_at
    return made_at is None or made_at <= rebased_at + TORN


def better(known: Alert | None, told: Alert) -> Alert:
    """Of two alerts of one breach the one whose figures are to be used; an incomplete one changes nothing.

    Whether it still fires is always the newer one's word. Figures that claim to be of the future are of their arrival:
    else one alert of a clock that is off, or of a forger, would outlast every true one.
    """
    if known is None:
        return told
    before, after = claim_of(known), claim_of(told)
    older = _sampled_at(after) < _sampled_at(before)
    if before.weighs and (not after.weighs or older):
        return replace(known, status=told.status)
    return told


def _sampled_at(claim: Claim) -> float:
    return min(claim.sampled_at or 0.0, claim.arrived_at)


def firing(claims: Mapping[str, Alert]) -> bool:
    """Whether any of a breach's alerts still fires."""
    return any(alert.status == FIRING for alert in claims.values())
