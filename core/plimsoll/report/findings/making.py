"""What every rule of findings makes its findings with."""

from __future__ import annotations

from decimal import Decimal

from plimsoll.report.model import Certainty, Evidence, Finding, Severity, SourceName
from plimsoll.report.view import View

NO_MARGIN = "insufficient_margin"
"""The reason of an order that was refused for lack of margin."""


def told(text: str, time: float | None = None, source: SourceName = SourceName.PROMETHEUS) -> Evidence:
    """A piece of evidence, from Prometheus unless said otherwise."""
    return Evidence(text=text, source=source, time=time)


def unknown(view: View, rule: str, sentence: str, *sources: SourceName, symbol: str = "") -> Finding:
    """A finding that says that something cannot be known, for want of sources."""
    missing = [one for one in view.material.sources if one.name in sources]
    return Finding(
        rule=rule,
        sentence=sentence,
        evidence=tuple(told(f"missing: {one.detail}", source=one.name) for one in missing)
        or tuple(told("missing: it was not asked", source=name) for name in sources),
        certainty=Certainty.UNKNOWN,
        symbol=symbol,
    )


def grave(*, critical: bool) -> Severity:
    """Critical, or a warning."""
    return Severity.CRITICAL if critical else Severity.WARNING


def decimal(text: str) -> Decimal | None:
    """A figure of the state database; ``None`` for an empty text."""
    return Decimal(text) if text else None
