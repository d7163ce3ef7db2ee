"""What a refused close means: the exchange's codes (``binance-usdm.md`` 9.2) as what to do next. A table, no logic."""

from __future__ import annotations

from enum import StrEnum


class Meaning(StrEnum):
    """What a failed close asks for before the next try."""

    CONFLICT = "conflict"
    """Other orders stand in the way, or the position is gone: read again, cancel, first plain, then protective."""
    NEXT_FORM = "next-form"
    """This form cannot be had now: the next rung of the ladder."""
    MARGIN = "margin"
    """Margin is short: smaller pieces, and first what frees margin."""
    SPLIT = "split"
    """Too large for one order."""
    STEP = "step"
    """Off the step or the tick: the rules have changed."""
    RESIDUAL = "residual"
    """Under the least quantity: a limit order may be smaller than a market order."""
    MODE = "mode"
    """The position mode is another than thought: read the settings and the positions again."""
    CLOSED = "closed"
    """The market is closed or delisted: try rarely, hold up nobody."""
    BARRED = "barred"
    """The account or the key may not do it now: try rarely, a human must act."""
    BUSY = "busy"
    """Certain failure that passes by itself: again soon, less at once."""
    CLOCK = "clock"
    """Our clock is off: measure it, then again."""
    ORDER_LIMIT = "order-limit"
    """Too many orders of this account: wait for the window."""
    DUPLICATE = "duplicate"
    """The client id exists: the order did arrive, look it up."""
    UNKNOWN = "unknown"
    """Nothing is known of this code: look the order up, then try another way."""


_MEANINGS = {
    Meaning.CONFLICT: (-2022, -4118, -2024, -2025, -2010, -4000, -4117, -5043),
    Meaning.NEXT_FORM: (
        *(-4131, -2020, -1112, -4139, -4016, -4024, -5041, -2026, -5021, -5022, -4164),
        *(-5037, -5038, -1114, -1115, -1116, -4001, -4002, -4013, -4014, -1120, -2021, -4142),
    ),
    Meaning.MARGIN: (-2019, -2018, -2027, -2028),
    Meaning.SPLIT: (-4005,),
    Meaning.STEP: (-1111, -4023),
    Meaning.RESIDUAL: (-4003, -4004),
    Meaning.MODE: (-4061, -1106, -4062, -4060),
    Meaning.CLOSED: (-4140, -4141, -1121, -1122),
    Meaning.BARRED: (-4088, -4109, -4192, -4402, -2014, -2015, -2016, -2017, -1002, -1022, -1099, -1011),
    # Those of the second row say "only reduce-only": ours is one, so the exchange will take it in a moment.
    Meaning.BUSY: (
        *(-1001, -1008, -1016, -2023),
        *(-4087, -4105, -4106, -4107, -4189, -4400, -4401),
    ),
    Meaning.CLOCK: (-1021, -5028),
    Meaning.ORDER_LIMIT: (-1015,),
    Meaning.DUPLICATE: (-4116,),
}

MEANINGS: dict[int, Meaning] = {code: meaning for meaning, codes in _MEANINGS.items() for code in codes}
"""Every code that has a meaning for a close; the others are ``UNKNOWN``."""

WORDS = {
    Meaning.CONFLICT: "other orders stand in the way, or the position changed meanwhile",
    Meaning.NEXT_FORM: "this kind of order is not taken at the price of now",
    Meaning.MARGIN: "margin is short",
    Meaning.SPLIT: "too large for one order",
    Meaning.STEP: "off the exchange's step",
    Meaning.RESIDUAL: "less than the least that an order may hold",
    Meaning.MODE: "the position mode changed",
    Meaning.CLOSED: "the market is closed",
    Meaning.BARRED: "the account or the key may not trade now",
    Meaning.BUSY: "the exchange does not take it at the moment",
    Meaning.CLOCK: "our clock is off",
    Meaning.ORDER_LIMIT: "too many orders of this account",
    Meaning.DUPLICATE: "sent before",
    Meaning.UNKNOWN: "refused for a reason that is not known",
}
"""The same for people."""
