"""What the firings of alerts are called, so that the same firing has the same name everywhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.report.material import AlertSpan

Key = tuple[str, str, str, str, str]


def key_of(span: AlertSpan) -> Key:
    """What tells the firings of one alert from another's, its severity aside."""
    symbol, side, rule, price = (span.labels.get(name, "") for name in ("symbol", "side", "rule", "price"))
    return span.name, symbol, side, rule, price


def name_of(span: AlertSpan, spans: Iterable[AlertSpan], *labels: str) -> str:
    """E.g. ``PositionUnprotected (DOTUSDT)``; with its severity where the same alert fired with another one too.

    Args:
        span: The firing.
        spans: All firings of the report.
        labels: Which of its labels stand in the name.
    """
    about = " ".join(span.labels[name] for name in labels if span.labels.get(name))
    both = any(key_of(one) == key_of(span) and one.severity is not span.severity for one in spans)
    parts = [part for part in (about, span.severity.value if both else "") if part]
    return f"{span.name} ({', '.join(parts)})" if parts else span.name
