"""What the audit trail says when the configured drawdown rules are no longer those of the last run."""

from __future__ import annotations

from plimsoll.database.values import AuditEntry
from plimsoll.risk.standing import Standing

REASONS = {
    "rule-new": "the rule is configured now",
    "rule-changed": "the rule means something else now: its reference began anew",
    "rule-dropped": "the rule is no longer configured: its reference is forgotten",
}


def rule_changes(account: str, before: Standing | None, after: Standing, *, time: float) -> tuple[AuditEntry, ...]:
    """Entries for the rules that are new, changed in their definition, or dropped, in the order of their names."""
    old = {} if before is None else {name: rule.definition for name, rule in before.rules.items()}
    new = {name: rule.definition for name, rule in after.rules.items()}
    return tuple(
        AuditEntry(
            time=time,
            account=account,
            rule=rule,
            action=action,
            reason=REASONS[action],
            before=old.get(rule, ""),
            after=new.get(rule, ""),
            source="configuration",
        )
        for rule in sorted(old.keys() | new.keys())
        if (action := _action(old.get(rule), new.get(rule)))
    )


def _action(before: str | None, after: str | None) -> str:
    """What became of a rule's definition; empty where it is the same."""
    if before == after:
        return ""
    if before is None:
        return "rule-new"
    return "rule-dropped" if after is None else "rule-changed"
