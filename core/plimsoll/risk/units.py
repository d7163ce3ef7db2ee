"""The account cut into equal units, so that money which comes or goes changes their number and not their value.

A flow buys or redeems units at the unit value just before it. A fall of the unit value is therefore a loss and never a
withdrawal; drawdown rules with a ratio look at nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.risk.standing import Standing
from plimsoll.risk.unknown import ZERO

MIN_EQUITY = Decimal(10)
"""Equity in USD below which an account without positions is not evaluated, unless configured otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """What the account was worth at one moment, in both measures that rules use.

    Attributes:
        unit_value: USD a unit, for rules with a ratio.
        equity: USD, for rules with an amount.
    """

    unit_value: Decimal
    equity: Decimal

    def shifted(self, *, unit_value: Decimal, equity: Decimal) -> Level:
        """The level moved by a flow."""
        return Level(unit_value=self.unit_value + unit_value, equity=self.equity + equity)

    def lower(self, other: Level) -> Level:
        """The lower of two levels, measure by measure."""
        return Level(unit_value=min(self.unit_value, other.unit_value), equity=min(self.equity, other.equity))


def evaluated(equity: Decimal, *, flat: bool, min_equity: Decimal) -> bool:
    """Whether there is enough to speak of a drawdown: any position, or at least ``min_equity``."""
    return not flat or equity >= min_equity


def level_at(standing: Standing, equity: Decimal) -> Level:
    """What an equity means for the account's units; the account must have some."""
    return Level(unit_value=equity / standing.units, equity=equity)


def remembered(standing: Standing) -> Level:
    """The level at the last sample that was evaluated."""
    return Level(unit_value=standing.unit_value, equity=standing.units * standing.unit_value)


def filled(standing: Standing, equity: Decimal) -> Standing:
    """An empty account in which money turned up takes it as bought at the last unit value."""
    if standing.units > 0 or equity <= 0:
        return standing
    return replace(standing, units=equity / standing.unit_value)


def exchanged(
    standing: Standing, usd: Decimal, equity_after: Decimal, *, flat: bool, min_equity: Decimal, counted: bool = False
) -> Standing:
    """The standing after a flow bought or redeemed units.

    An account without equity before the flow has no unit value of its own: units are then bought at the last one, next
    to those that lost everything. No flow makes units negative, and only that of a flat account ends them.

    Args:
        standing: Before the flow.
        usd: The flow, signed.
        equity_after: Equity with the flow in it.
        flat: No position is held.
        min_equity: A flat account with less is empty: its last unit value is kept for the next deposit.
        counted: The flow passed for performance until now, so the last unit value was wrong.
    """
    before = equity_after - usd
    value = standing.unit_value
    if standing.units <= 0 or _is_dust(standing, before, flat=flat, min_equity=min_equity):
        units = equity_after / value
    elif before <= 0:
        units = standing.units + usd / value
    else:
        value = before / standing.units
        units = equity_after / value
    if units <= 0:
        units = ZERO if flat else standing.units
    emptied = not evaluated(equity_after, flat=flat, min_equity=min_equity)
    return replace(standing, units=units, unit_value=value if emptied or counted else standing.unit_value)


def _is_dust(standing: Standing, equity: Decimal, *, flat: bool, min_equity: Decimal) -> bool:
    """Whether an account is empty but for small change, whose ups and downs say nothing about performance.

    One that lost more than small change since it was evaluated is not: that loss must not be forgotten.
    """
    lost = remembered(standing).equity - equity
    return not evaluated(equity, flat=flat, min_equity=min_equity) and lost < min_equity
