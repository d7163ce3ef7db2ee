"""The exchange's words for closed vocabularies, turned into the product's own.

A word that is not known here is refused, since to guess a side or a margin mode is to show a wrong position. Words that
the product only passes on (order types, states, reasons) stay text and are not treated here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from plimsoll.exchange.payload.fields import Row, optional_text, text
from plimsoll.model.terms import Direction, MarginMode, PositionSide, PriceKind

T = TypeVar("T")

_DIRECTIONS = {"BUY": Direction.BUY, "SELL": Direction.SELL}
_POSITION_SIDES = {"BOTH": PositionSide.BOTH, "LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
_MARGIN_MODES = {
    "cross": MarginMode.CROSS,
    "crossed": MarginMode.CROSS,
    "isolated": MarginMode.ISOLATED,
}
_PRICE_KINDS = {"CONTRACT_PRICE": PriceKind.LAST, "MARK_PRICE": PriceKind.MARK}


def direction(row: Row, key: str) -> Direction:
    """``BUY`` or ``SELL``.

    Raises:
        Malformed: Anything else.
    """
    return _known(row, key, text(row, key), _DIRECTIONS)


def position_side(row: Row, key: str) -> PositionSide:
    """``BOTH``, ``LONG`` or ``SHORT``.

    Raises:
        Malformed: Anything else.
    """
    return _known(row, key, text(row, key), _POSITION_SIDES)


def margin_mode(row: Row, key: str) -> MarginMode:
    """Cross or isolated: REST says ``CROSSED`` and ``ISOLATED``, the stream ``cross`` and ``isolated``.

    Raises:
        Malformed: Anything else.
    """
    return _known(row, key, text(row, key).lower(), _MARGIN_MODES)


def price_kind(row: Row, key: str) -> PriceKind:
    """The price that an order watches; the last trade where nothing is said, as is the exchange's default.

    Raises:
        Malformed: A word that is not known.
    """
    return _known(row, key, optional_text(row, key) or "CONTRACT_PRICE", _PRICE_KINDS)


def check_position(row: Row, *, amount: Decimal, side: PositionSide, entry_price: Decimal) -> None:
    """Refuse an open position that contradicts itself.

    A position taken over by a transfer may show the entry price "0" for an instant. No profit can be computed from it,
    so the answer is refused like a broken one: the next reading, moments later, has the price.

    Raises:
        Malformed: The amount has the sign of the other side, or the entry price is not above zero.
    """
    if entry_price <= 0:
        raise row.fault("entry price", "should be above zero while there is an amount")
    if side is not PositionSide.BOTH and (amount > 0) != (side is PositionSide.LONG):
        raise row.fault("amount", f"has the wrong sign for the {side} side")


def _known(row: Row, key: str, word: str, words: dict[str, T]) -> T:
    if word not in words:
        raise row.fault(key, f"should be one of {', '.join(words)}, found {word[:40]!r}")
    return words[word]
