"""What must be remembered of an account so that its drawdown is right tomorrow: the values only, no rule of movement.

Everything here is kept in the state database and survives ``kill -9``; what may be forgotten (half of a pair of
samples) is not here. Times are Unix seconds of the exchange's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One look at a live account whose figures can be trusted.

    Attributes:
        time: By the exchange's clock; decides which day it is.
        elapsed: By a clock that never jumps; decides how far two samples are apart.
        equity: In USD.
        flat: No position is held.
        priced_ms: The exchange's time of the oldest mark price that values a position; ``None`` where none does.
    """

    time: float
    elapsed: float
    equity: Decimal
    flat: bool
    priced_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleStanding:
    """Where one drawdown rule stands.

    A rule with a ratio keeps its levels as unit values, a rule with an amount in USD moved by flows.

    Attributes:
        definition: What the levels mean (reference, basis, time zone, seeds); when it changes they begin anew.
        reference: High-water mark, day start or start, as the rule has it; not yet capped by ``lock_at_start``.
        reference_at: When the reference was set.
        start: The level at which the rule began, or its seed.
        day: The local day that ``reference`` belongs to; only for rules that look at days.
        estimated: The day's start was not seen in time: the reference is the higher of the samples around it.
        breached: The limit was crossed and two samples have not cleared it.
        breached_at: When the breach was found; ``None`` while there is none.
        checkpoint: The reference before unexplained money began to count as performance; a flow found later goes back.
    """

    definition: str
    reference: Decimal
    reference_at: float
    start: Decimal
    day: date | None = None
    estimated: bool = False
    breached: bool = False
    breached_at: float | None = None
    checkpoint: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where one account stands.

    Attributes:
        units: Shares in the account: flows buy and redeem them at the unit value just before.
        unit_value: USD a unit at the last sample that was evaluated; it serves the next deposit into an empty account.
        sampled_at: Time of that sample.
        rules: By rule name.
    """

    units: Decimal
    unit_value: Decimal
    sampled_at: float
    rules: Mapping[str, RuleStanding] = field(default_factory=dict)
