"""An account under watch: what its drawdown rules remember, moved by one trusted sample after the other.

``Watched`` is the standing that survives a restart and the halves of pairs that need not. What flows do to it is in
``risk.booking``, the figures made of it are in ``risk.drawdown``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.floors import is_beyond, level_of
from plimsoll.risk.pairs import Point, Run, continued, pair_of, with_sample
from plimsoll.risk.references import NO_CHECKPOINT, Look, begun, definition, moved
from plimsoll.risk.standing import RuleStanding, Sample, Standing
from plimsoll.risk.units import MIN_EQUITY, Level, evaluated, filled, level_at, remembered


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """One account under watch.

    Attributes:
        standing: What must survive a restart.
        last: Level at the last sample that was evaluated, moved by flows since.
        last_pair: The lower level of the last pair, moved by flows since.
        points: The trusted samples that the next pair may begin with.
        runs: Consecutive samples on one side of each rule's limit, by rule name.
        counting: A sample was evaluated since unexplained money began to count as performance.
    """

    standing: Standing
    last: Level
    last_pair: Level
    points: tuple[Point, ...] = ()
    runs: Mapping[str, Run] = field(default_factory=dict)
    counting: bool = False


def watch(standing: Standing) -> Watched:
    """Take up what was remembered, after a restart."""
    level = remembered(standing)
    return Watched(standing=standing, last=level, last_pair=level, counting=is_counting(standing))


def begin(rules: Mapping[str, DrawdownRule], sample: Sample, *, min_equity: Decimal = MIN_EQUITY) -> Watched:
    """Begin with an account never seen before: as many units as USD, each worth 1; seeds become levels now.

    Where there is not enough to evaluate, the rules begin at the first sample with enough.
    """
    empty = Standing(units=Decimal(0), unit_value=Decimal(1), sampled_at=sample.time)
    standing = filled(empty, sample.equity)
    if standing.units > 0 and evaluated(sample.equity, flat=sample.flat, min_equity=min_equity):
        level = level_at(standing, sample.equity)
        stood = {name: begun(rule, level, standing.units, sample.time) for name, rule in rules.items()}
        standing = replace(standing, rules=stood)
    return watch(standing)


def sampled(watched: Watched, rules: Mapping[str, DrawdownRule], sample: Sample, *, min_equity: Decimal) -> Watched:
    """Take in one trusted sample: references move, breaches come and go.

    A rule that is new or means something else than before begins anew; one no longer configured is dropped. With less
    than ``min_equity`` and no position nothing moves.

    Args:
        watched: The account before.
        rules: The configured rules by name.
        sample: The account is live, its marks are fresh and its wallet is explained.
        min_equity: ``limits.min_equity_usd``.
    """
    standing = filled(watched.standing, sample.equity)
    if standing.units <= 0 or not evaluated(sample.equity, flat=sample.flat, min_equity=min_equity):
        return untrusted(watched)
    level = level_at(standing, sample.equity)
    points = with_sample(watched.points, sample.elapsed, level, sample.priced_ms)
    look = Look(
        time=sample.time,
        units=standing.units,
        level=level,
        pair=pair_of(points, sample.elapsed),
        last=watched.last,
        last_time=standing.sampled_at,
        last_pair=watched.last_pair,
        counting=watched.counting,
    )
    stood = _all_moved(standing, rules, look)
    runs = {
        name: continued(
            watched.runs.get(name) if _goes_on(standing.rules.get(name), rules[name]) else None,
            sample.elapsed,
            beyond=is_beyond(rules[name], rule, level),
            priced_ms=sample.priced_ms,
        )
        for name, rule in stood.items()
    }
    return Watched(
        standing=replace(
            standing,
            unit_value=level.unit_value if level.unit_value > 0 else standing.unit_value,
            sampled_at=sample.time,
            rules={name: _judged(rule, runs[name], sample.time) for name, rule in stood.items()},
        ),
        last=level,
        last_pair=look.pair or watched.last_pair,
        points=points,
        runs=runs,
        counting=is_counting(standing),
    )


def untrusted(watched: Watched) -> Watched:
    """The account is not live or not trusted: pairs begin anew, references and breaches stay as they are."""
    return replace(watched, points=(), runs={})


def rebased(watched: Watched, rules: Mapping[str, DrawdownRule], rule_name: str, sample: Sample) -> Watched:
    """Begin one rule anew by hand: reference, start and day are those of this sample, its breach is cleared.

    Seeds are not taken again.

    Raises:
        KeyError: No such rule is configured.
        ValueError: There is no equity to begin at.
    """
    rule = rules[rule_name]
    standing = filled(watched.standing, sample.equity)
    if sample.equity <= 0:
        raise ValueError(f"{rule_name}: an equity of {sample.equity} USD is nothing to begin at")
    level = level_at(standing, sample.equity)
    here = level_of(rule, level)
    checkpoint = NO_CHECKPOINT if is_counting(standing) else None
    fresh = begun(rule, level, standing.units, sample.time, checkpoint=checkpoint)
    stood = replace(fresh, reference=here, start=here, estimated=False)
    runs = {name: run for name, run in watched.runs.items() if name != rule_name}
    return replace(watched, standing=replace(standing, rules={**standing.rules, rule_name: stood}), runs=runs)


def is_counting(standing: Standing) -> bool:
    """Whether unexplained money counts as performance."""
    return any(rule.checkpoint is not None for rule in standing.rules.values())


def _all_moved(standing: Standing, rules: Mapping[str, DrawdownRule], look: Look) -> dict[str, RuleStanding]:
    """Every configured rule after a sample; none begins while nothing is left to begin at."""
    checkpoint = NO_CHECKPOINT if is_counting(standing) else None
    stood: dict[str, RuleStanding] = {}
    for name, rule in rules.items():
        before = standing.rules.get(name)
        if before is not None and _goes_on(before, rule):
            stood[name] = moved(rule, before, look)
        elif look.level.equity > 0:
            stood[name] = begun(rule, look.level, look.units, look.time, checkpoint=checkpoint)
    return stood


def _goes_on(before: RuleStanding | None, rule: DrawdownRule) -> bool:
    return before is not None and before.definition == definition(rule)


def _judged(rule: RuleStanding, run: Run, time: float) -> RuleStanding:
    """The rule's breach after a sample: two samples make it, two clear it."""
    if not run.believed or run.beyond is rule.breached:
        return rule
    return replace(rule, breached=run.beyond, breached_at=time if run.beyond else None)
