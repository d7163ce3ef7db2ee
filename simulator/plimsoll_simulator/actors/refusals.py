"""An order that the exchange did not take: what a bot knows of it, for whoever wants to be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A market order that a bot means to send; ``intent`` is ``open`` or ``close``."""

    symbol: str
    side: str
    quantity: Decimal
    intent: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedOrder:
    """A refused order: ``code`` and ``message`` are the exchange's, ``time_ms`` is the bot's, Unix milliseconds."""

    account: str
    wish: Wish
    client_id: str
    code: int
    message: str
    time_ms: int


OnRefusal = Callable[[RefusedOrder], None]
"""Told of every refused order, once, when its answer arrives."""
