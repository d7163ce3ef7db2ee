"""What a rejected order means: its reason from the exchange's code, and whether it would have opened or closed.

Codes are stable and decide; texts vary and are asked only where there is no code that tells. An order that is refused
at placement leaves no trace at the exchange, so what is judged here was told by its sender, or by a stream.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from plimsoll.model.terms import Direction, PositionSide


class Reason(StrEnum):
    """Why an order was rejected; the label ``reason``."""

    INSUFFICIENT_MARGIN = "insufficient_margin"
    REDUCE_ONLY = "reduce_only"
    WOULD_TRIGGER = "would_trigger"
    FILTER = "filter"
    RATE_LIMIT = "rate_limit"
    LEVERAGE = "leverage"
    PRICE_BAND = "price_band"
    OTHER = "other"


class Intent(StrEnum):
    """What a rejected or ended order would have done to a position; the label ``intent``."""

    OPEN = "open"
    CLOSE = "close"
    UNKNOWN = "unknown"


BY_CODE = {
    # Balance or margin does not suffice.
    **dict.fromkeys((-2018, -2019), Reason.INSUFFICIENT_MARGIN),
    # Nothing to reduce, more than there is to reduce, or only reducing orders are taken.
    **dict.fromkeys((-2022, -2024, -2026, -4062, -4118, -4129, -4138, -4509, -5047), Reason.REDUCE_ONLY),
    **dict.fromkeys((-4087, -4105, -4106, -4107, -4140, -4189, -4400, -4401), Reason.REDUCE_ONLY),
    # The trigger is passed already.
    **dict.fromkeys((-2021, -4142), Reason.WOULD_TRIGGER),
    # Price or quantity breaks a filter of the symbol: precision, least, most, step, tick, least value.
    **dict.fromkeys((-1013, -1111, -4001, -4002, -4003, -4004, -4005, -4006, -4007), Reason.FILTER),
    **dict.fromkeys((-4013, -4014, -4023, -4135, -4164, -5029), Reason.FILTER),
    # Too many requests, orders or amendments, or too many orders at once.
    **dict.fromkeys((-1003, -1008, -1015, -2025, -4045, -5026), Reason.RATE_LIMIT),
    # Position or setting beyond what the leverage allows.
    **dict.fromkeys((-2027, -2028, -4028, -4161, -4403), Reason.LEVERAGE),
    **dict.fromkeys(range(-4209, -4201), Reason.LEVERAGE),
    # The price is too far from the mark price, or from the stop price.
    **dict.fromkeys((-4016, -4024, -4131, -4183, -4184, -4210, -4211), Reason.PRICE_BAND),
}
"""The reasons of the exchange's codes; every other code is judged by its text, and else is ``other``."""

NO_REJECTION = frozenset({-1000, -1001, -1006, -1007})
"""Codes after which nobody knows whether the order was executed: no rejection."""

_BY_TEXT = (
    (Reason.REDUCE_ONLY, ("reduceonly", "reduce only", "reduce-only")),
    (Reason.INSUFFICIENT_MARGIN, ("margin is insufficient", "margin not sufficient", "insufficient margin")),
    (Reason.INSUFFICIENT_MARGIN, ("insufficient balance", "balance is insufficient", "balance is not sufficient")),
    (Reason.WOULD_TRIGGER, ("immediately trigger", "triggered immediately")),
    (Reason.RATE_LIMIT, ("too many", "rate limit")),
    (Reason.LEVERAGE, ("leverage",)),
    (Reason.PRICE_BAND, ("percent_price", "limit price can't be", "price protection")),
    (Reason.FILTER, ("filter failure", "precision", "lot_size", "notional", "tick size", "step size")),
)


def reason_of(code: int | None, text: str = "") -> Reason:
    """The reason of a rejection.

    Args:
        code: The exchange's code; ``None`` where it gave none, as for a conditional order rejected at its trigger.
        text: The exchange's words, judged only where the code does not tell.
    """
    known = None if code is None else BY_CODE.get(code)
    if known is not None:
        return known
    words = text.casefold()
    return next((reason for reason, marks in _BY_TEXT if any(mark in words for mark in marks)), Reason.OTHER)


def intent_of(
    *,
    told: Intent = Intent.UNKNOWN,
    closes: bool = False,
    direction: Direction | None = None,
    position_side: PositionSide = PositionSide.BOTH,
    position: Decimal | None = None,
) -> Intent:
    """Whether an order would have opened or closed.

    Args:
        told: The sender's own word, which comes first.
        closes: Whether the order is reduce-only or closePosition.
        direction: Which way it would have traded, where known.
        position_side: The side of the hedge; ``BOTH`` in one-way mode.
        position: One-way mode: the position of the symbol when the order was sent, base units, short negative, 0 for
            none; ``None`` where it is not known. An order opposite to it is a close whatever its size.
    """
    if told is not Intent.UNKNOWN:
        return told
    if closes:
        return Intent.CLOSE
    if direction is None:
        return Intent.UNKNOWN
    buys = direction is Direction.BUY
    if position_side is not PositionSide.BOTH:
        return Intent.OPEN if buys is (position_side is PositionSide.LONG) else Intent.CLOSE
    if position is None:
        return Intent.UNKNOWN
    against = position < 0 if buys else position > 0
    return Intent.CLOSE if against else Intent.OPEN
