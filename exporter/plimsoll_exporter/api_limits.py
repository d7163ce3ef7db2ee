"""The limits of an account as JSON, under the names of the configuration."""

from __future__ import annotations

from plimsoll.config.model import AccountConfig
from plimsoll.state.book import Book
from plimsoll_exporter.json_values import Json, text
from plimsoll_exporter.limits import symbol_leverage_limits

LIMITS = (
    "leverage",
    "symbol_leverage",
    "margin_ratio",
    "liquidation_distance",
    "available_margin",
    "stop_coverage",
    "drawdown_at_stops",
)
"""Attributes of ``Limits`` that are shown under their own name."""


def limits(account: AccountConfig, book: Book | None) -> dict[str, Json]:
    """Every limit, ``null`` where it is not set; ``book`` is ``None`` while the account is not live."""
    configured = account.limits
    return {
        **{name: text(getattr(configured, name)) for name in LIMITS},
        "leverage_setting": configured.leverage_setting,
        "stop_grace_seconds": configured.stop_grace,
        "symbols": {symbol: text(limit) for symbol, limit in symbol_leverage_limits(configured, book).items()},
    }
