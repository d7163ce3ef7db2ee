"""Which limits are in force for an account: its configuration, seen by what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from plimsoll.config.model import Limits
from plimsoll.state.book import Book


def symbol_leverage_limits(limits: Limits, book: Book | None) -> Mapping[str, Decimal]:
    """Leverage limit by symbol, sorted: of the symbols configured, and of those that a live account uses.

    Args:
        limits: As configured.
        book: What the account holds; ``None`` while it is not live.
    """
    used = frozenset[str]() if book is None else book.symbols()
    found = {symbol: _leverage(limits, symbol) for symbol in sorted(limits.symbols.keys() | used)}
    return {symbol: limit for symbol, limit in found.items() if limit is not None}


def _leverage(limits: Limits, symbol: str) -> Decimal | None:
    own = limits.symbols.get(symbol)
    return limits.symbol_leverage if own is None or own.leverage is None else own.leverage
