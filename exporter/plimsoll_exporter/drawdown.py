"""What is shown of drawdowns, the same for metrics and JSON: equity only where it may be held against the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.at_stops import equity_at_stops
from plimsoll.risk.drawdown import DrawdownFigures, drawdowns
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.units import evaluated
from plimsoll.risk.unknown import ZERO, share
from plimsoll_exporter.view import AccountView

LEVELS = ("warning", "critical")
"""Values of the label ``level``, in the order of ``limits.near``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownDrawdown:
    """One rule.

    Attributes:
        figures: ``None`` before the rule has begun.
        limit_ratio: Known before that where the rule has a ratio.
        near: Drawdown that warns or pages, by level.
        at_stops: Drawdown after every stop has filled.
    """

    rule: DrawdownRule
    figures: DrawdownFigures | None
    limit_ratio: Decimal | None
    near: dict[str, Decimal]
    at_stops: Decimal | None


def shown_drawdowns(account: AccountView, figures: AccountFigures | None) -> Iterator[ShownDrawdown]:
    """Every configured rule; ``figures`` is ``None`` while the account shows none."""
    limits = account.config.limits
    watched, equity = account.ledger.watched, _equity(account, figures)
    begun = () if watched is None else drawdowns(watched, limits.drawdown, equity)
    by_name = {row.rule: row for row in begun}
    stopped = equity_at_stops(figures) if begun and figures is not None and equity is not None else None
    for name, rule in limits.drawdown.items():
        row = by_name.get(name)
        limit = rule.ratio if row is None else row.limit_ratio
        yield ShownDrawdown(
            rule=rule,
            figures=row,
            limit_ratio=limit,
            near={}
            if limit is None
            else {level: part * limit for level, part in zip(LEVELS, limits.near, strict=True)},
            at_stops=None
            if row is None or stopped is None
            else share(max(ZERO, row.reference_usd - stopped), row.reference_usd),
        )


def _equity(account: AccountView, figures: AccountFigures | None) -> Decimal | None:
    """Equity that may be held against the rules; ``None`` where it is unknown, not trusted or too little."""
    if figures is None or figures.equity is None or not account.ledger.trusted:
        return None
    enough = evaluated(figures.equity, flat=not figures.positions, min_equity=account.config.limits.min_equity_usd)
    return figures.equity if enough else None
