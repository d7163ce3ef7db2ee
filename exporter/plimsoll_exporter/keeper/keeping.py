"""What of one account's standing must be written at once, and what may wait for the next batch."""

from __future__ import annotations

from decimal import Decimal

from plimsoll.risk.standing import RuleStanding, Standing

RISE = Decimal("0.001")
"""Share by which a reference may have moved since it was written: so much a power cut or ``kill -9`` may cost."""


def is_urgent(written: Standing | None, now: Standing) -> bool:
    """Whether something other than small new highs changed since the standing was written."""
    if written is None or written.rules.keys() != now.rules.keys() or written.units != now.units:
        return True
    return any(_changed(written.rules[name], rule) for name, rule in now.rules.items())


def _changed(old: RuleStanding, new: RuleStanding) -> bool:
    if abs(new.reference - old.reference) > RISE * abs(old.reference):
        return True
    return _fixed(old) != _fixed(new)


def _fixed(rule: RuleStanding) -> tuple[object, ...]:
    return (rule.definition, rule.start, rule.day, rule.estimated, rule.breached, rule.checkpoint)
