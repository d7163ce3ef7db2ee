"""How the references of drawdown rules begin and move: high-water marks, starts of days, starts.

Every reference moves by trusted samples only; how flows move them is in ``risk.booking``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.days import day_start, local_day
from plimsoll.risk.floors import level_of
from plimsoll.risk.standing import RuleStanding
from plimsoll.risk.units import Level
from plimsoll.risk.unknown import ZERO

HIGH_WATER = "high-water"
HIGH_WATER_DAILY = "high-water-daily"
DAY_START = "day-start"
START = "start"

LATE = 60.0
"""Seconds around a boundary of days; where none of them was seen, the level at the boundary is an estimate."""

NO_CHECKPOINT = ZERO
"""Checkpoint of a reference that began while unexplained money counted as performance: nothing older holds it up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One trusted sample and what was seen before it.

    Attributes:
        time: By the exchange's clock.
        units: Shares in the account.
        level: At this sample.
        pair: The lower level of the pair that this sample completes, if any.
        last: Level at the sample before, at ``last_time``.
        last_pair: The lower level of the last pair before this sample.
        counting: Unexplained money already counted as performance at the sample before.
    """

    time: float
    units: Decimal
    level: Level
    pair: Level | None
    last: Level
    last_time: float
    last_pair: Level
    counting: bool


def definition(rule: DrawdownRule) -> str:
    """What the levels of a rule mean; when it changes they begin anew. The limit's number is no part of it."""
    parts = [rule.reference, "amount" if rule.ratio is None else "ratio"]
    parts += [rule.timezone] if _has_days(rule) else []
    parts += [f"high_water_usd={_plain(rule.high_water_usd)}"] if rule.high_water_usd is not None else []
    parts += [f"start_usd={_plain(rule.start_usd)}"] if rule.start_usd is not None else []
    parts += ["lock_at_start"] if rule.lock_at_start else []
    return " ".join(parts)


def begun(
    rule: DrawdownRule, level: Level, units: Decimal, time: float, *, checkpoint: Decimal | None = None
) -> RuleStanding:
    """A rule's first standing: at its seeds, or at this level.

    A day that began more than ``LATE`` ago was not seen to begin: its start is an estimate.
    """
    here = level_of(rule, level)
    start = _seeded(rule, rule.start_usd, units, here)
    day = local_day(time, rule.timezone) if _has_days(rule) else None
    return RuleStanding(
        definition=definition(rule),
        reference=start if rule.reference == START else _seeded(rule, rule.high_water_usd, units, here),
        reference_at=time,
        start=start,
        day=day,
        estimated=rule.reference == DAY_START and day is not None and time - day_start(day, rule.timezone) > LATE,
        checkpoint=checkpoint,
    )


def moved(rule: DrawdownRule, stood: RuleStanding, look: Look) -> RuleStanding:
    """The standing after a trusted sample."""
    if rule.reference == HIGH_WATER:
        return _raised(rule, stood, look.pair, look.time)
    if stood.day is None:
        return stood
    day = local_day(look.time, rule.timezone)
    if day <= stood.day:
        return stood
    boundary = day_start(day, rule.timezone)
    if rule.reference == DAY_START:
        return _new_day(rule, replace(stood, day=day), look, boundary)
    return _day_ended(rule, replace(stood, day=day), look, boundary)


def _raised(rule: DrawdownRule, stood: RuleStanding, level: Level | None, time: float) -> RuleStanding:
    """A high-water mark after a pair of samples."""
    if level is None or level_of(rule, level) <= stood.reference:
        return stood
    return replace(stood, reference=level_of(rule, level), reference_at=time)


def _day_ended(rule: DrawdownRule, stood: RuleStanding, look: Look, boundary: float) -> RuleStanding:
    """A daily high-water mark at the first sample of a new day: raised to the last pair of the day before."""
    raised = _raised(rule, stood, look.last_pair, look.time)
    return stood if raised is stood else replace(raised, estimated=boundary - look.last_time > LATE)


def _new_day(rule: DrawdownRule, stood: RuleStanding, look: Look, boundary: float) -> RuleStanding:
    """A start of day at the first sample of the day; late, it is the higher of the samples around the boundary."""
    late = look.time - boundary > LATE
    first, last = level_of(rule, look.level), level_of(rule, look.last)
    checkpoint = stood.checkpoint
    if checkpoint is not None:
        checkpoint = last if late and not look.counting else NO_CHECKPOINT
    return replace(
        stood,
        reference=max(first, last) if late else first,
        reference_at=look.time,
        estimated=late,
        checkpoint=checkpoint,
    )


def _has_days(rule: DrawdownRule) -> bool:
    return rule.reference in {HIGH_WATER_DAILY, DAY_START}


def _seeded(rule: DrawdownRule, usd: Decimal | None, units: Decimal, here: Decimal) -> Decimal:
    """The level that a seed in USD means at this moment."""
    if usd is None:
        return here
    return usd if rule.ratio is None else usd / units


def _plain(usd: Decimal) -> str:
    return f"{usd.normalize():f}"
