"""How a position is cut into orders: bounds and steps of quantity, prices on the tick, hedged pairs turn about. Pure.

Nothing here ever gives more than it was given: quantities are rounded down, and the pieces of a position together are
at most the position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal, localcontext
from itertools import zip_longest

from plimsoll.model.market import ANY, Grid, Instrument
from plimsoll.model.terms import Direction
from plimsoll_enforcer.trading.port import OrderForm

ZERO = Decimal(0)
FINEST = Decimal("1e-8")
"""The finest step that any quantity has, where the exchange's is unknown."""

PAIR_PIECES = 2
"""Into how many pieces at least each leg of a hedged pair is cut: closing one leg whole would bare the other."""

MOST_PIECES = 200
"""Pieces of one symbol at most before the account is read again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What one order of a symbol may hold, as far as it is known; ``None`` is unknown and does not bind.

    Attributes:
        least: Base units.
        most: Base units.
        step: Base units.
    """

    least: Decimal | None = None
    most: Decimal | None = None
    step: Decimal | None = None

    def down(self, quantity: Decimal) -> Decimal:
        """The quantity, rounded down to the step."""
        return quantity if self.step is None else rounded(quantity, self.step, ROUND_DOWN)


def bounds(instrument: Instrument | None, form: OrderForm, *, coarser: int = 0, most: Decimal | None = None) -> Bounds:
    """What an order of this form may hold.

    Args:
        instrument: ``None`` while the exchange's rules are unknown.
        form: Market orders have bounds of their own besides those of every order.
        coarser: How many times the exchange refused the step: each makes it ten times as coarse.
        most: What the exchange's refusals taught, besides its rules.
    """
    every = ANY if instrument is None else instrument.quantity
    market = instrument.market_quantity if instrument is not None and form is OrderForm.MARKET else ANY
    known = ANY if instrument is None else Grid(step=instrument.step_size)
    step = max(_told(every.step, market.step, known.step), default=None)
    least = max(_told(every.least, market.least), default=None)
    greatest = min(_told(every.most, market.most, most), default=None)
    coarse = (step or FINEST) * 10**coarser
    if coarser and (greatest is None or coarse <= greatest):
        step = coarse
    return Bounds(least=least, most=greatest, step=step)


def cut(quantity: Decimal, within: Bounds, *, at_least: int = 1) -> tuple[Decimal, ...]:
    """Pieces of about equal size that a quantity is sent in; empty where not even one step fits in it.

    A quantity under the least that an order may hold is one piece all the same: the exchange may take what only
    reduces, and refuses it otherwise.
    """
    whole, step = within.down(quantity), within.step or _guess(quantity, within.most)
    if whole <= 0:
        return ()
    most = rounded(within.most, step, ROUND_DOWN) if within.most is not None else ZERO
    needed = int((whole / most).to_integral_value(ROUND_CEILING)) if most > 0 else 1
    possible = int(whole / max(step, within.least or step))
    count = min(max(needed, min(at_least, possible)), MOST_PIECES)
    return _even(whole, count, step, most or whole)


def _guess(quantity: Decimal, most: Decimal | None) -> Decimal:
    """A step where none is known: the last digit that the quantity was told with, or finer where it must be cut."""
    digits = len(f"{quantity:f}".partition(".")[2])
    step = Decimal(1).scaleb(-digits)
    return step if most is None or step <= most else Decimal(1).scaleb(most.adjusted())


def _even(whole: Decimal, count: int, step: Decimal, most: Decimal) -> tuple[Decimal, ...]:
    """So many pieces, the first ones a step larger where it does not come out even; none above ``most``."""
    pieces: list[Decimal] = []
    left = whole
    for place in range(count):
        piece = min(rounded(left / (count - place), step, ROUND_CEILING), left, most)
        pieces.append(piece)
        left -= piece
    return tuple(pieces)


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One leg of a hedged pair: what it holds and what one order of it may hold."""

    quantity: Decimal
    within: Bounds


def pair(long: Leg, short: Leg) -> tuple[tuple[bool, Decimal], ...]:
    """The pieces of a hedged pair in the order to send: the larger leg's excess first, then both legs turn about.

    Gives (whether of the long leg, quantity) rows: at no moment is one leg barer than it was, by more than a piece.
    """
    matched = min(long.quantity, short.quantity)
    excess_of_long = long.quantity > short.quantity
    larger = long if excess_of_long else short
    # The rounding down of the excess leaves its rest to the pieces that are matched.
    first = cut(larger.quantity - matched, larger.within)
    taken = sum(first, ZERO)
    longs = cut(long.quantity - (taken if excess_of_long else ZERO), long.within, at_least=PAIR_PIECES)
    shorts = cut(short.quantity - (ZERO if excess_of_long else taken), short.within, at_least=PAIR_PIECES)
    return tuple((excess_of_long, piece) for piece in first) + _turn_about(longs, shorts, long_first=excess_of_long)


def _turn_about(
    longs: Sequence[Decimal], shorts: Sequence[Decimal], *, long_first: bool
) -> tuple[tuple[bool, Decimal], ...]:
    first, second = (longs, shorts) if long_first else (shorts, longs)
    rows: list[tuple[bool, Decimal]] = []
    for one, other in zip_longest(first, second):
        rows += [] if one is None else [(long_first, one)]
        rows += [] if other is None else [(not long_first, other)]
    return tuple(rows)


def band_price(instrument: Instrument | None, direction: Direction, mark: Decimal) -> Decimal | None:
    """The worst price that the PERCENT_PRICE band allows, on the tick and within the band; ``None`` while unknown."""
    if instrument is None or instrument.tick_size is None:
        return None
    factor = instrument.price_up if direction is Direction.BUY else instrument.price_down
    if factor is None:
        return None
    inwards = ROUND_FLOOR if direction is Direction.BUY else ROUND_CEILING
    return _price(instrument, rounded(mark * factor, instrument.tick_size, inwards))


def mark_price(instrument: Instrument | None, direction: Direction, mark: Decimal) -> Decimal | None:
    """The mark price on the tick, rounded towards the one who takes it; ``None`` while the tick is unknown."""
    if instrument is None or instrument.tick_size is None:
        return None
    taking = ROUND_CEILING if direction is Direction.BUY else ROUND_FLOOR
    return _price(instrument, rounded(mark, instrument.tick_size, taking))


def _price(instrument: Instrument, price: Decimal) -> Decimal | None:
    least, most = instrument.price.least, instrument.price.most
    price = price if least is None else max(price, least)
    price = price if most is None else min(price, most)
    return price if price > 0 else None


def rounded(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    """A value on a grid of steps, computed with more digits than any quantity has."""
    with localcontext() as context:
        context.prec = 60
        return (value / step).to_integral_value(rounding) * step


def _told(*values: Decimal | None) -> tuple[Decimal, ...]:
    """What is known and above zero: a bound of zero is none."""
    return tuple(value for value in values if value is not None and value > 0)
