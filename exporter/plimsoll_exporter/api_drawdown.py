"""Drawdowns and ledger of an account as JSON."""

from __future__ import annotations

from plimsoll.risk.figures import AccountFigures
from plimsoll_exporter.count import Count
from plimsoll_exporter.drawdown import ShownDrawdown, shown_drawdowns
from plimsoll_exporter.json_values import Json, text
from plimsoll_exporter.view import DIRECTIONS, FORCED_KINDS, INCOME_TYPES, AccountView


def drawdown(account: AccountView, figures: AccountFigures | None) -> dict[str, Json]:
    """Every rule by its name; ``figures`` is ``None`` while the account shows none."""
    return {
        "flows_until_timestamp": account.ledger.flows_until,
        "min_equity_usd": text(account.config.limits.min_equity_usd),
        "rules": {shown.rule.name: _rule(shown) for shown in shown_drawdowns(account, figures)},
    }


def ledger(account: AccountView) -> dict[str, Json]:
    """What is counted."""
    found = account.ledger
    return {
        "external_flow_usd": {
            direction: text(found.flow_usd.get(direction, Count().value)) for direction in DIRECTIONS
        },
        "income_usd": {
            kind: text(usd)
            for kind, usd in sorted({**dict.fromkeys(INCOME_TYPES, Count().value), **found.income_usd}.items())
        },
        "margin_calls": _count(found.margin_calls),
        "forced_closes": {kind: _count(found.forced_closes.get(kind, Count())) for kind in FORCED_KINDS},
    }


def _rule(shown: ShownDrawdown) -> dict[str, Json]:
    row = shown.figures
    return {
        "from": shown.rule.reference,
        "on_breach": shown.rule.on_breach,
        "limit_ratio": text(shown.limit_ratio),
        "near_ratio": {level: text(ratio) for level, ratio in shown.near.items()},
        "reference_usd": None if row is None else text(row.reference_usd),
        "reference_timestamp": None if row is None else row.reference_at,
        "estimated": None if row is None else row.estimated,
        "start_usd": None if row is None else text(row.start_usd),
        "drawdown_usd": None if row is None else text(row.drawdown_usd),
        "drawdown_ratio": None if row is None else text(row.drawdown_ratio),
        "limit_used": None if row is None else text(row.used),
        "floor_usd": None if row is None else text(row.floor_usd),
        "drawdown_at_stops_ratio": text(shown.at_stops),
        "breached": None if row is None else row.breached,
        "breached_timestamp": None if row is None else row.breached_at,
        "breach_samples": None if row is None else row.breach_samples,
    }


def _count(count: Count) -> dict[str, Json]:
    return {"count": int(count.value), "last_timestamp": count.last_at}
