"""The drawdown of an account against each of its rules: the number whose breach ends a mandate.

Made from what the rules remember and the equity of now; how that is moved is in ``risk.watching`` and ``risk.booking``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.floors import amount_of, capped, floor
from plimsoll.risk.references import definition
from plimsoll.risk.unknown import ZERO, share
from plimsoll.risk.watching import Watched


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawdownFigures:
    """Where the account stands against one rule; money in USD of now, with every flow taken out.

    Attributes:
        rule: The rule's name.
        reference_usd: What drawdown is measured from, capped so that with ``lock_at_start`` the floor never rises above
            the start.
        reference_at: Unix time at which it was set.
        start_usd: The level at which the rule began.
        drawdown_usd: Reference - equity, at least 0; ``None`` without equity.
        drawdown_ratio: Drawdown / reference; Infinity where something is lost from a reference at or below 0.
        limit_ratio: The limit as a share of the reference; ``None`` for an amount on a reference at or below 0.
        floor_usd: Equity at which the limit is hit.
        used: Drawdown / limit.
        estimated: The start of the day was not seen in time.
        breached: The limit was crossed, and that was not cleared yet.
        breached_at: Unix time at which the breach was found.
        breach_samples: Consecutive trusted samples at the limit or beyond it, up to now.
        on_breach: ``flatten`` or ``page``.
    """

    rule: str
    reference_usd: Decimal
    reference_at: float
    start_usd: Decimal
    drawdown_usd: Decimal | None
    drawdown_ratio: Decimal | None
    limit_ratio: Decimal | None
    floor_usd: Decimal
    used: Decimal | None
    estimated: bool
    breached: bool
    breached_at: float | None
    breach_samples: int
    on_breach: str


def drawdowns(
    watched: Watched, rules: Mapping[str, DrawdownRule], equity: Decimal | None
) -> tuple[DrawdownFigures, ...]:
    """The figures of every rule, in the order of the configuration.

    A rule that has not begun yet (nothing was there to evaluate, or no sample since it was configured) has none.

    Args:
        watched: The account.
        rules: The configured rules by name.
        equity: Equity of now in USD; ``None`` where it is unknown or not to be evaluated.
    """
    standing = watched.standing.rules
    return tuple(
        _figures(watched, name, rule, equity)
        for name, rule in rules.items()
        if name in standing and standing[name].definition == definition(rule)
    )


def _figures(watched: Watched, name: str, rule: DrawdownRule, equity: Decimal | None) -> DrawdownFigures:
    stood = watched.standing.rules[name]
    usd = Decimal(1) if rule.ratio is None else watched.standing.units
    reference = capped(rule, stood) * usd
    drawdown = None if equity is None else max(ZERO, reference - equity)
    ratio = share(drawdown, reference)
    run = watched.runs.get(name)
    return DrawdownFigures(
        rule=name,
        reference_usd=reference,
        reference_at=stood.reference_at,
        start_usd=stood.start * usd,
        drawdown_usd=drawdown,
        drawdown_ratio=ratio,
        limit_ratio=_limit_ratio(rule, reference),
        floor_usd=floor(rule, stood) * usd,
        used=share(drawdown, amount_of(rule)) if rule.ratio is None else share(ratio, rule.ratio),
        estimated=stood.estimated,
        breached=stood.breached,
        breached_at=stood.breached_at,
        breach_samples=run.count if run is not None and run.beyond else 0,
        on_breach=rule.on_breach,
    )


def _limit_ratio(rule: DrawdownRule, reference: Decimal) -> Decimal | None:
    if rule.ratio is not None:
        return rule.ratio
    return amount_of(rule) / reference if reference > 0 else None
