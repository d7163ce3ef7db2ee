"""Lowering the exchange's leverage setting of every symbol used to 1, the old one having been remembered.

Only after a symbol is flat: on an open position a lower setting asks for more margin, and closing would be refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from plimsoll.errors import ExchangeError
from plimsoll_enforcer.trading.port import Trader

log = logging.getLogger(__name__)

LOWEST = 1


async def lower(trader: Trader, symbols: Collection[str], note: Callable[[str, int], None]) -> frozenset[str]:
    """Set symbols to 1; gives those that could not be set and are to be tried again.

    Args:
        trader: The account.
        symbols: Where it traded.
        note: Told each symbol and its setting before it is lowered.
    """
    try:
        settings = {item.symbol: item.leverage for item in await trader.symbol_settings()}
    except ExchangeError as error:
        log.warning("the leverage settings cannot be read now: %s", error)
        return frozenset(symbols)
    left: set[str] = set()
    for symbol in sorted(symbols):
        before = settings.get(symbol)
        if before is None or before <= LOWEST:
            continue
        note(symbol, before)
        try:
            await trader.set_leverage(symbol, LOWEST)
        except ExchangeError as error:
            log.warning("%s: the leverage setting cannot be lowered now: %s", symbol, error)
            left.add(symbol)
    return frozenset(left)
