"""The closing orders of one symbol: in which form, how large, at what price, in what order. Pure.

A piece is always on the closing side of the leg that was read, and the pieces of a leg together never hold more than
was read of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.model.account import PositionKey, PositionReport
from plimsoll.model.market import Instrument
from plimsoll.model.terms import Direction, PositionSide, Side
from plimsoll_enforcer.flatten.ladder import FRESH, LADDER, Standing, chased, next_form
from plimsoll_enforcer.flatten.pieces import ZERO, Bounds, Leg, band_price, bounds, cut, mark_price, pair
from plimsoll_enforcer.trading.port import OrderForm


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One closing order that is to be sent; it has no client id yet.

    Attributes:
        key: The leg that it closes.
        quantity: Base units.
        price: In quote units where the form has one.
    """

    key: PositionKey
    direction: Direction
    quantity: Decimal
    form: OrderForm
    price: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """How one leg is closed now."""

    report: PositionReport
    form: OrderForm
    price: Decimal | None
    within: Bounds

    def piece(self, quantity: Decimal) -> Piece:
        """A part of the leg as an order."""
        return Piece(
            key=self.report.position.key,
            direction=closing(self.report),
            quantity=quantity,
            form=self.form,
            price=self.price,
        )


def unsendable(report: PositionReport, instrument: Instrument | None) -> bool:
    """Whether a position is smaller than anything that an order can hold."""
    return bounds(instrument, OrderForm.LIMIT_AT_BAND).down(report.position.quantity) <= 0


def closing(report: PositionReport) -> Direction:
    """The direction that makes a position smaller."""
    return Direction.SELL if report.position.side is Side.LONG else Direction.BUY


def pieces_of(
    legs: tuple[PositionReport, ...],
    standings: Mapping[PositionKey, Standing],
    instrument: Instrument | None,
    *,
    now: float,
    resting: frozenset[str] | None,
) -> tuple[Piece, ...]:
    """The closing orders of one symbol's legs, in the order to send them.

    Args:
        legs: As just read.
        standings: How far closing each has got; legs that wait are left out.
        instrument: The symbol's rules; ``None`` while unknown.
        now: Monotonic seconds.
        resting: Client ids of the plain orders that work now; ``None`` where nobody knows.
    """
    ways = [
        _way(report, standing, instrument)
        for report, standing in ((report, _current(report, standings, now, resting)) for report in legs)
        if standing is not None
    ]
    long = next((way for way in ways if way.report.position.position_side is PositionSide.LONG), None)
    short = next((way for way in ways if way.report.position.position_side is PositionSide.SHORT), None)
    if long is not None and short is not None and OrderForm.LIMIT_AT_MARK not in {long.form, short.form}:
        rows = pair(_leg(long), _leg(short))
        return tuple((long if of_long else short).piece(quantity) for of_long, quantity in rows)
    return tuple(piece for way in ways for piece in _alone(way))


def _leg(way: _Way) -> Leg:
    return Leg(quantity=way.report.position.quantity, within=way.within)


def _alone(way: _Way) -> tuple[Piece, ...]:
    """The pieces of a leg without a counterpart; of an order that rests there is only one at a time."""
    pieces = tuple(way.piece(quantity) for quantity in cut(way.report.position.quantity, way.within))
    return pieces[:1] if way.form is OrderForm.LIMIT_AT_MARK else pieces


def _current(
    report: PositionReport, standings: Mapping[PositionKey, Standing], now: float, resting: frozenset[str] | None
) -> Standing | None:
    """The leg's standing where an order may be sent now; ``None`` where it waits or its order still rests."""
    standing = standings.get(report.position.key, FRESH)
    if standing.resting and resting is not None and standing.resting not in resting:
        return chased(standing)
    if standing.not_before > now:
        return None
    return chased(standing) if standing.resting else standing


def _way(report: PositionReport, standing: Standing, instrument: Instrument | None) -> _Way:
    form = _possible(report, standing.form, instrument)
    within = _within(report, standing, instrument, form)
    return _Way(report=report, form=form, price=_price(report, form, instrument), within=within)


def _possible(report: PositionReport, form: OrderForm, instrument: Instrument | None) -> OrderForm:
    """The form, or the next that can be had: a price needs known rules, a market order a least quantity."""
    if form is LADDER[0] and _too_small_for_market(report, instrument):
        form = OrderForm.LIMIT_AT_BAND
    while form in PRICED and _price(report, form, instrument) is None:
        form = next_form(form)
    return form


PRICED = frozenset({OrderForm.LIMIT_AT_BAND, OrderForm.LIMIT_AT_MARK})
"""The forms that carry a price of ours."""


def _too_small_for_market(report: PositionReport, instrument: Instrument | None) -> bool:
    least = None if instrument is None else instrument.market_quantity.least
    return least is not None and report.position.quantity < least


def _price(report: PositionReport, form: OrderForm, instrument: Instrument | None) -> Decimal | None:
    if form is OrderForm.LIMIT_AT_BAND:
        return band_price(instrument, closing(report), report.mark_price)
    if form is OrderForm.LIMIT_AT_MARK:
        return mark_price(instrument, closing(report), report.mark_price)
    return None


def _within(report: PositionReport, standing: Standing, instrument: Instrument | None, form: OrderForm) -> Bounds:
    """What one order of the leg may hold: the exchange's rules, what its refusals taught, what margin allows."""
    quantity = report.position.quantity
    known = bounds(instrument, form, coarser=standing.coarser, most=standing.most)
    if known.down(quantity) <= 0:
        known = bounds(instrument, form)
    if standing.share == 1:
        return known
    share = max(known.down(quantity * standing.share), known.least or known.step or ZERO)
    return replace(known, most=share if known.most is None else min(share, known.most))
