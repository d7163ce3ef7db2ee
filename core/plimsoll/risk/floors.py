"""Where a drawdown rule's limit lies: the reference capped by ``lock_at_start``, and the floor under it.

Levels are those of ``risk.standing``: unit values for rules with a ratio, USD for rules with an amount.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.standing import RuleStanding
from plimsoll.risk.units import Level
from plimsoll.risk.unknown import ZERO

_ROUNDING = Decimal("1e-18")
"""Share of a level by which units that do not come out even may miss the limit."""


def level_of(rule: DrawdownRule, level: Level) -> Decimal:
    """The measure that the rule looks at."""
    return level.equity if rule.ratio is None else level.unit_value


def amount_of(rule: DrawdownRule) -> Decimal:
    """The limit in USD of a rule that has one."""
    return rule.amount_usd or ZERO


def capped(rule: DrawdownRule, stood: RuleStanding) -> Decimal:
    """The reference that drawdown is measured from: with ``lock_at_start`` its floor never rises above the start."""
    if not rule.lock_at_start:
        return stood.reference
    if rule.ratio is None:
        return min(stood.reference, stood.start + amount_of(rule))
    return stood.reference if rule.ratio >= 1 else min(stood.reference, stood.start / (1 - rule.ratio))


def floor(rule: DrawdownRule, stood: RuleStanding) -> Decimal:
    """The level at which the limit is hit."""
    free = stood.reference - amount_of(rule) if rule.ratio is None else stood.reference * (1 - rule.ratio)
    return min(free, stood.start) if rule.lock_at_start else free


def is_beyond(rule: DrawdownRule, stood: RuleStanding, level: Level) -> bool:
    """Whether the account stands at the limit or beyond it; never where nothing is lost."""
    here, limit = level_of(rule, level), floor(rule, stood)
    return here - limit <= abs(limit) * _ROUNDING and here < capped(rule, stood)
