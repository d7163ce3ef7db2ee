"""What is configured for the account: limits, mirrors, and what the enforcer may do. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.report.material import RuleSetting
from plimsoll.report.say import lasting, quantity, share, usd
from plimsoll.report.tables import SettingRow
from plimsoll.report.view import View


def configured(view: View) -> tuple[SettingRow, ...]:
    """One row a setting; what is not configured is said, for it is what a reader asks first."""
    return tuple(SettingRow(name=name, value=value) for name, value in _rows(view))


def _rows(view: View) -> Iterator[tuple[str, str]]:
    settings = view.material.settings
    yield (
        "enforcer",
        {"armed": "armed: closes everything", "dry-run": "dry run: rehearses, closes nothing"}.get(
            settings.mode, settings.mode or "not configured"
        ),
    )
    for rule in settings.rules:
        yield f"drawdown limit {rule.name}", _rule(rule)
    if not settings.rules:
        yield "drawdown limit", "none"
    for name, limit in (("account", settings.leverage), ("one symbol", settings.symbol_leverage)):
        yield f"leverage limit, {name}", "none" if limit is None else f"{quantity(limit)} times equity"
    yield "a position may be without stop for", lasting(settings.stop_grace)
    for mirror in settings.mirrors:
        yield (
            f"mirror of {mirror.source}",
            f"scale {quantity(mirror.scale)}, tolerance {share(mirror.tolerance)}, grace {lasting(mirror.grace)}",
        )


def _rule(rule: RuleSetting) -> str:
    sizes = [share(rule.ratio)] if rule.ratio is not None else []
    sizes += [usd(rule.amount_usd)] if rule.amount_usd is not None else []
    return f"{' or '.join(sizes)} below the reference ({rule.reference}); on breach: {rule.on_breach}"
