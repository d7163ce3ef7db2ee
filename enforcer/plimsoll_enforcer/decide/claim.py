"""``Claim``: what an alert says of a breach, read from its annotations; nothing of it is believed unseen.

Prometheus drops empty annotations, so that what is absent is not known. A number that is none is absent too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from plimsoll_enforcer.desk import Alert

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
"""Plain decimals only: no exponent, no sign of infinity, no digits of other scripts."""

LATEST = 32_503_680_000
"""Unix time of the year 3000; later ones are no times, and calendars end soon after."""

FRESH = 10.0
"""Seconds that figures may be old when they arrive, to be acted on without a look of our own."""

AHEAD = 2.0
"""Seconds that the sender's clock may be ahead of ours."""

TORN = 10.0
"""Seconds by which one figure of an alert may be newer than another: Prometheus asks for each annotation by itself, so
that a scrape which arrives meanwhile gives the time of its sample beside the reference of the scrape before."""

SAMPLES = 2
"""Consecutive trusted samples that make a breach."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One alert's figures.

    Attributes:
        rule: The drawdown rule that it names; empty where it names none.
        reference_usd: What drawdown is measured from.
        equity_usd: As the sender saw it at ``sampled_at``.
        flows_until: Exchange time (Unix seconds) up to which every flow is in the reference, and after which none is.
        sampled_at: Unix time of the sender's last trusted sample.
        samples: Consecutive samples beyond the limit.
        arrived_at: Unix time at which it reached us.
    """

    rule: str
    floor_usd: Decimal | None
    reference_usd: Decimal | None
    equity_usd: Decimal | None
    limit_ratio: Decimal | None
    flows_until: float | None
    sampled_at: float | None
    samples: int | None
    arrived_at: float

    @property
    def complete(self) -> bool:
        """Whether every figure is there."""
        figures = (self.floor_usd, self.reference_usd, self.equity_usd, self.limit_ratio)
        return None not in {*figures, self.flows_until, self.sampled_at, self.samples}

    @property
    def weighs(self) -> bool:
        """Whether a re-read can be held against it: by reference and flows."""
        return self.reference_usd is not None and self.flows_until is not None

    @property
    def fresh(self) -> bool:
        """Whether its figures were new when they arrived; one from the future is not."""
        return self.sampled_at is not None and -AHEAD <= self.arrived_at - self.sampled_at < FRESH

    @property
    def believed(self) -> bool:
        """Whether its sender saw enough samples in a row."""
        return self.samples is not None and self.samples >= SAMPLES


def claim_of(alert: Alert) -> Claim:
    """Read an alert."""
    told = alert.annotations
    samples = _number(told.get("samples"))
    return Claim(
        rule=alert.labels.get("rule", ""),
        floor_usd=_number(told.get("floor_usd")),
        reference_usd=_number(told.get("reference_usd")),
        equity_usd=_number(told.get("equity_usd")),
        limit_ratio=_number(told.get("limit_ratio")),
        flows_until=_seconds(told.get("flows_until")),
        sampled_at=_seconds(told.get("sampled_at")),
        samples=None if samples is None else int(samples),
        arrived_at=alert.arrived_at,
    )


def _number(text: str | None) -> Decimal | None:
    text = (text or "").strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _seconds(text: str | None) -> float | None:
    """A time; one that no calendar knows is none."""
    found = _number(text)
    return None if found is None or not 0 <= found <= LATEST else float(found)
