"""Where the floors of an account are, and where they would be after either kind of release. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.unknown import ZERO
from plimsoll_enforcer.decide.told import Told
from plimsoll_enforcer.viewing.values import Floor

SILENT = "the exporter does not answer"
UNBEGUN = "the exporter knows no reference of it yet"


def floors_of(rules: Iterable[DrawdownRule], told: Mapping[str, Told], equity: Decimal | None) -> tuple[Floor, ...]:
    """The floor of each rule.

    Args:
        rules: Those that a release concerns.
        told: What the exporter holds of each, by name; empty where it does not answer.
        equity: Of the account now, in USD; ``None`` where unknown.
    """
    return tuple(_floor(rule, told, equity) for rule in rules)


def _floor(rule: DrawdownRule, told: Mapping[str, Told], equity: Decimal | None) -> Floor:
    found = told.get(rule.name)
    reference = None if found is None else found.reference_usd
    why = "" if reference is not None else SILENT if found is None else UNBEGUN
    return Floor(
        rule=rule.name,
        limit=_limit(rule),
        reference_usd=reference,
        kept_usd=_below(rule, reference),
        rebased_usd=_below(rule, equity),
        why=why,
    )


def _below(rule: DrawdownRule, reference: Decimal | None) -> Decimal | None:
    """The equity at which a rule is breached that counts from this reference."""
    if reference is None:
        return None
    return reference - (rule.amount_usd or ZERO) if rule.ratio is None else reference * (1 - rule.ratio)


def _limit(rule: DrawdownRule) -> str:
    if rule.ratio is None:
        return f"{rule.amount_usd or ZERO:f} USD"
    return f"{(rule.ratio * 100).normalize():f} %"
