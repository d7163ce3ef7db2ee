"""The closed vocabularies of the field, spelled the product's way.

Translation from the exchange's spelling is in ``exchange/payload``.
"""

from __future__ import annotations

from enum import StrEnum


class Side(StrEnum):
    """Which way a position stands; the label ``side``."""

    LONG = "long"
    SHORT = "short"


class Direction(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"


class PositionSide(StrEnum):
    """The row of a symbol that a position or order belongs to: ``BOTH`` in one-way mode, else one a side."""

    BOTH = "both"
    LONG = "long"
    SHORT = "short"


class PositionMode(StrEnum):
    """Whether a symbol can hold a long and a short at once (hedge) or only their net (one-way)."""

    ONE_WAY = "one-way"
    HEDGE = "hedge"


class AssetMode(StrEnum):
    """Whether each margin asset stands alone (single) or all of them back every position (multi)."""

    SINGLE = "single"
    MULTI = "multi"


class MarginMode(StrEnum):
    """Whether a position draws on the whole wallet (cross) or on margin set aside for it (isolated)."""

    CROSS = "cross"
    ISOLATED = "isolated"


class OrderBook(StrEnum):
    """Which of the exchange's two lists an order lives in: plain orders, or conditional ones of the algo service."""

    PLAIN = "plain"
    ALGO = "algo"


class PriceKind(StrEnum):
    """The price that a conditional order watches."""

    LAST = "last"
    MARK = "mark"


class Purpose(StrEnum):
    """What an open order is for; the label ``purpose``."""

    ENTRY = "entry"
    REDUCE = "reduce"
    STOP = "stop"
    TAKE_PROFIT = "take_profit"
