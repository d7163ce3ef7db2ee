"""Numbers and times as the rules in ``prometheus/rules`` write them, so that both lanes say the same."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

UNKNOWN = "unknown"
INFINITE = "infinite (no equity is left)"

Number = Decimal | float | int


def usd(value: Number | None) -> str:
    """Money for people, without its unit."""
    return UNKNOWN if value is None else f"{value:.2f}"


def multiple(value: Decimal | None) -> str:
    """A leverage for people."""
    return INFINITE if value is not None and value.is_infinite() else usd(value)


def percent(value: Decimal | None) -> str:
    """A ratio for people: 0.105 is ``10.5%``."""
    return UNKNOWN if value is None else f"{float(value) * 100:.4g}%"


def whole(value: Number | None) -> str:
    """A count for people."""
    return UNKNOWN if value is None else f"{value:.0f}"


def plain(value: Number | None, digits: int) -> str:
    """A number for programs, a plain decimal; empty where it is not known."""
    return "" if value is None else f"{value:.{digits}f}"


def utc(seconds: float | None) -> str:
    """A Unix time for people, in UTC; empty where it is not known."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def wire(seconds: float) -> str:
    """A Unix time as Alertmanager takes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
