"""What flows do to an account under watch: they move units and levels, never a drawdown.

Money that nobody explained counts as performance from ``forgiven`` on; a flow that is found to be the cause afterwards
takes back what it did to unit value and references. ``settled`` ends that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.pairs import shifted
from plimsoll.risk.references import DAY_START, NO_CHECKPOINT
from plimsoll.risk.standing import RuleStanding, Standing
from plimsoll.risk.units import MIN_EQUITY, Level, evaluated, exchanged
from plimsoll.risk.unknown import ZERO
from plimsoll.risk.watching import Watched, is_counting


def flowed(
    watched: Watched,
    rules: Mapping[str, DrawdownRule],
    usd: Decimal,
    equity_after: Decimal,
    *,
    flow_time: float,
    flat: bool,
    min_equity: Decimal = MIN_EQUITY,
    late: bool = True,
) -> Watched:
    """Book one external flow; runs of samples at a limit begin anew.

    To reverse a provisional flow that was none, book its opposite: what was booked becomes performance. Several flows
    that are found to be the cause of forgiven money together are booked as one, their sum.

    Args:
        watched: The account before.
        rules: The configured rules by name.
        usd: The flow, signed, at the rate that equity uses now.
        equity_after: Equity now, with the flow in it.
        flow_time: When it moved, by the exchange. What moved after the last sample never counted as performance.
        flat: No position is held now.
        min_equity: ``limits.min_equity_usd``.
        late: It may be the cause of forgiven money: false for a flow that its event tells just now.
    """
    standing = watched.standing
    counted = late and is_counting(standing) and flow_time <= standing.sampled_at
    served = counted and usd > 0 and not evaluated(equity_after - usd, flat=flat, min_equity=min_equity)
    after = standing
    if not served:
        after = exchanged(standing, usd, equity_after, flat=flat, min_equity=min_equity, counted=counted)
    back = usd / standing.units if counted and not served and standing.units > 0 else ZERO
    stood = {
        name: _moved(rules[name], rule, usd, back, counted=counted) if name in rules else rule
        for name, rule in standing.rules.items()
    }
    return _shifted(watched, replace(after, rules=stood), usd, equity_after, back, counted=counted)


def forgiven(watched: Watched) -> Watched:
    """Unexplained money begins to count as performance: remember the references as they were."""
    standing = watched.standing
    stood = {
        name: rule if rule.checkpoint is not None else replace(rule, checkpoint=rule.reference)
        for name, rule in standing.rules.items()
    }
    return replace(watched, standing=replace(standing, rules=stood), points=(), runs={})


def settled(watched: Watched) -> Watched:
    """The unexplained money is explained, or given up for good: no flow will take it back."""
    stood = {name: replace(rule, checkpoint=None) for name, rule in watched.standing.rules.items()}
    return replace(watched, standing=replace(watched.standing, rules=stood), counting=False)


def _moved(rule: DrawdownRule, stood: RuleStanding, usd: Decimal, back: Decimal, *, counted: bool) -> RuleStanding:
    """One rule's levels after a flow."""
    if counted:
        stood = _taken_back(rule, stood, usd if rule.ratio is None else back)
    if rule.ratio is not None:
        return stood
    checkpoint = stood.checkpoint
    if checkpoint is not None and checkpoint != NO_CHECKPOINT:
        checkpoint += usd
    return replace(stood, reference=stood.reference + usd, start=stood.start + usd, checkpoint=checkpoint)


def _taken_back(rule: DrawdownRule, stood: RuleStanding, by: Decimal) -> RuleStanding:
    """A reference that moved while a flow passed for performance, without that flow.

    A rule that began meanwhile began with the flow in it, start included; a day's start says nothing of the start.
    """
    if stood.checkpoint is None or stood.checkpoint == stood.reference:
        return stood
    whole = stood.checkpoint == NO_CHECKPOINT and rule.reference != DAY_START
    return replace(
        stood,
        reference=max(stood.checkpoint, stood.reference - by),
        start=stood.start - by if whole else stood.start,
    )


def _shifted(
    watched: Watched, standing: Standing, usd: Decimal, equity_after: Decimal, back: Decimal, *, counted: bool
) -> Watched:
    """What is remembered of samples, as it would have been with the flow known."""
    if equity_after <= usd or standing.units <= 0:  # nothing was there before, or is there now, to compare with
        level = Level(unit_value=standing.unit_value, equity=equity_after)
        return replace(watched, standing=standing, last=level, last_pair=level, points=(), runs={})
    equity = ZERO if counted else usd
    last_pair = watched.last_pair.shifted(unit_value=-back, equity=equity)
    if counted:  # that pair may be older than the forgiven money
        last_pair = last_pair.lower(Level(unit_value=equity_after / standing.units, equity=equity_after))
    return replace(
        watched,
        standing=standing,
        last=watched.last.shifted(unit_value=-back, equity=equity),
        last_pair=last_pair,
        points=shifted(watched.points, unit_value=-back, equity=equity),
        runs={},
    )
