"""Until when a lockout lasts: as the breached rule says. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.days import day_start, local_day

RELEASED, DAY_END = "until-released", "until-day-end"


def until(rule: DrawdownRule, now: float) -> float:
    """Unix time at which a lockout that begins now ends; ``inf`` for one that a person must end.

    Args:
        rule: The breached rule.
        now: Unix time.
    """
    if rule.lockout == RELEASED:
        return math.inf
    if rule.lockout == DAY_END:
        return day_start(local_day(now, rule.timezone) + timedelta(days=1), rule.timezone)
    return now + float(rule.lockout)


def latest(rules: Iterable[DrawdownRule], now: float) -> float:
    """The longest of several; ``inf`` without any."""
    return max((until(rule, now) for rule in rules), default=math.inf)
