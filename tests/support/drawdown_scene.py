"""An account under watch for tests: samples by the second, flows, and the figures that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from plimsoll.config.model import DrawdownRule
from plimsoll.risk.booking import flowed
from plimsoll.risk.drawdown import DrawdownFigures, drawdowns
from plimsoll.risk.standing import RuleStanding, Sample
from plimsoll.risk.units import MIN_EQUITY
from plimsoll.risk.watching import Watched, begin, sampled, untrusted, watch

NOON = 1795176000.0
"""2026-11-20 12:00:00 UTC."""


def rule(
    reference: str = "high-water",
    limit: str = "0.1",
    *,
    amount: bool = False,
    name: str = "r",
    timezone: str = "UTC",
    on_breach: str = "page",
    lock_at_start: bool = False,
    high_water_usd: str | None = None,
    start_usd: str | None = None,
) -> DrawdownRule:
    """One rule; a ratio unless it is an amount."""
    return DrawdownRule(
        name=name,
        reference=reference,
        ratio=None if amount else Decimal(limit),
        amount_usd=Decimal(limit) if amount else None,
        timezone=timezone,
        on_breach=on_breach,
        lock_at_start=lock_at_start,
        high_water_usd=None if high_water_usd is None else Decimal(high_water_usd),
        start_usd=None if start_usd is None else Decimal(start_usd),
    )


def at(text: str, zone: str = "UTC") -> float:
    """The Unix time of a local time such as ``2026-11-20 12:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def sample(equity: str | Decimal, time: float = NOON, *, flat: bool = False, elapsed: float | None = None) -> Sample:
    """One trusted sample, both clocks alike unless told otherwise."""
    return Sample(time=time, elapsed=time if elapsed is None else elapsed, equity=Decimal(equity), flat=flat)


@dataclass
class Scene:
    """One account, its rules (one, named ``r``, unless told) and its clock; each look is a second after the other."""

    rules: Mapping[str, DrawdownRule]
    equity: Decimal
    watched: Watched
    now: float = NOON
    flat: bool = False
    min_equity: Decimal = MIN_EQUITY

    def look(self, *equities: str | Decimal, step: float = 1.0) -> DrawdownFigures:
        """Take samples, ``step`` seconds after one another, and give the figures after the last."""
        self.take(*equities, step=step)
        return self.figures

    def take(self, *equities: str | Decimal, step: float = 1.0) -> None:
        """Take samples, ``step`` seconds after one another."""
        for equity in equities:
            self.now += step
            self.equity = Decimal(equity)
            self.watched = sampled(
                self.watched, self.rules, sample(equity, self.now, flat=self.flat), min_equity=self.min_equity
            )

    def look_at(self, time: float, equity: str | Decimal) -> DrawdownFigures:
        """Take one sample at a certain time."""
        return self.look(equity, step=time - self.now)

    def flow(self, usd: str | Decimal, *, late: bool = False, included: bool = False) -> DrawdownFigures:
        """Book a flow of now; ``included`` where equity shows it already."""
        self.equity = self.equity if included else self.equity + Decimal(usd)
        self.watched = flowed(
            self.watched,
            self.rules,
            Decimal(usd),
            self.equity,
            flow_time=self.now,
            flat=self.flat,
            min_equity=self.min_equity,
            late=late,
        )
        return self.figures

    def lose_trust(self) -> None:
        """The account is not live for a moment."""
        self.watched = untrusted(self.watched)

    def restart(self) -> None:
        """Forget what does not survive a restart."""
        self.watched = watch(self.watched.standing)

    @property
    def figures(self) -> DrawdownFigures:
        """The figures of the first rule."""
        return drawdowns(self.watched, self.rules, self.equity)[0]

    @property
    def stood(self) -> RuleStanding:
        """What is remembered of the first rule."""
        return next(iter(self.watched.standing.rules.values()))


def scene(first: DrawdownRule, equity: str = "50000", *, time: float = NOON, flat: bool = False) -> Scene:
    """An account seen for the first time, with one rule."""
    rules = {first.name: first}
    return Scene(rules, Decimal(equity), begin(rules, sample(equity, time, flat=flat)), now=time, flat=flat)
