"""How far stops cover what an account holds, and what is lost if they fill.

Orders that are not known make every figure here unknown: a stop that cannot be seen is neither there nor missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from plimsoll.model.orders import Order
from plimsoll.model.terms import Side
from plimsoll.risk.figures import PositionFigures
from plimsoll.risk.protection_figures import PositionProtection, Protection, Slice
from plimsoll.risk.stops import Stop, orphans, stops_of, working_stops
from plimsoll.risk.unknown import ZERO, times, total
from plimsoll.state.book import Book

ONE = Decimal(1)
OVER_COVERED = Decimal("1.05")
"""Stops for more than this share of a position were placed twice: what is left of them opens the reverse or hangs."""


def protection(book: Book, rows: Sequence[PositionFigures]) -> Protection:
    """How far the open orders of a book cover its positions.

    Args:
        book: The account.
        rows: The figures of its positions, at the marks of now.
    """
    stops = None if book.orders is None else working_stops(book.orders.values())
    by_symbol: defaultdict[str, list[Order]] = defaultdict(list)
    for order in stops or ():
        by_symbol[order.symbol].append(order)
    found = tuple(
        protect(row, by_symbol[row.position.symbol]) if book.knows_orders_of(row.position.symbol) else _unknown(row)
        for row in rows
    )
    held = (row.position for row in rows)
    gross = total(row.notional for row in rows)
    covered = total(times(row.notional, each.coverage) for row, each in zip(rows, found, strict=True))
    known = stops is not None
    return Protection(
        positions=found,
        coverage=_account_coverage(covered, gross) if known else None,
        unprotected=gross - covered if known and gross is not None and covered is not None else None,
        loss=total(_loss_of(each) for each in found) if known else None,
        orphans=orphans(held, stops) if stops is not None and book.orders_complete else None,
    )


def protect(row: PositionFigures, orders: Iterable[Order]) -> PositionProtection:
    """The stops of one position, from the working stops of its symbol, all of which are known."""
    sell = row.side is Side.LONG
    stops = tuple(sorted(stops_of(row.position, orders), key=lambda stop: _nearness(stop, falling=sell)))
    beyond = {index for index, stop in enumerate(stops) if is_beyond_liquidation(stop, row)}
    covering = [stop for index, stop in enumerate(stops) if index not in beyond and stop.covers]
    slices = _slices(row.position.quantity, covering)
    coverage = sum((piece.quantity for piece in slices), ZERO) / row.position.quantity
    maybe = any(stop.covers is None for stop in stops) and coverage < ONE
    nearest = next((stop for stop in covering if stop.trigger is not None), None)
    price = None if nearest is None else nearest.trigger
    asked = total(row.position.quantity if stop.quantity is None else stop.quantity for stop in covering) or ZERO
    return PositionProtection(
        key=row.position.key,
        side=row.side,
        stops=stops,
        slices=() if maybe else slices,
        coverage=None if maybe else coverage,
        stop_price=price,
        stop_distance=stop_distance(row, price),
        watches=None if nearest is None else nearest.watches,
        loss=_loss(row, slices) if slices and not maybe else None,
        beyond_liquidation=bool(beyond),
        may_open=any(stop.may_open for stop in stops),
        over_covered=asked > OVER_COVERED * row.position.quantity,
    )


def lacks_stop(row: PositionProtection, wanted: Decimal) -> bool | None:
    """Whether a position is without enough stop: nothing is covered, or less than the share that is wanted."""
    return None if row.coverage is None else row.coverage == 0 or row.coverage < wanted


def is_beyond_liquidation(stop: Stop, row: PositionFigures) -> bool:
    """Whether the mark price reaches the liquidation price before, or with, the trigger.

    The two sides of a cross hedge share one liquidation price, which only threatens the side that loses towards it.
    """
    price, mark = row.liquidation_price, row.mark_price
    if stop.trigger is None or price is None or mark is None:
        return False
    return stop.trigger <= price <= mark if row.side is Side.LONG else stop.trigger >= price >= mark


def stop_distance(row: PositionFigures, price: Decimal | None) -> Decimal | None:
    """(mark - stop) / mark for a long, (stop - mark) / mark for a short."""
    if price is None or row.mark_price is None:
        return None
    ahead = row.mark_price - price if row.side is Side.LONG else price - row.mark_price
    return ahead / row.mark_price


def _nearness(stop: Stop, *, falling: bool) -> tuple[bool, Decimal]:
    """Sorts stops as a falling, or rising, price meets them; the trigger of a trailing one is not known."""
    trigger = ZERO if stop.trigger is None else stop.trigger
    return stop.trigger is None, -trigger if falling else trigger


def _slices(quantity: Decimal, stops: Iterable[Stop]) -> tuple[Slice, ...]:
    found: list[Slice] = []
    left = quantity
    for stop in stops:
        part = left if stop.quantity is None else min(left, stop.quantity)
        if part > 0:
            found.append(Slice(quantity=part, price=stop.fill))
            left -= part
    return tuple(found)


def _loss(row: PositionFigures, slices: Iterable[Slice]) -> Decimal | None:
    """Covered quantity x (entry - fill), for a short x (fill - entry), in USD."""
    sign = 1 if row.side is Side.LONG else -1
    entry = row.position.entry_price
    lost = total(None if each.price is None else sign * each.quantity * (entry - each.price) for each in slices)
    return times(lost, row.quote_usd)


def _loss_of(row: PositionProtection) -> Decimal | None:
    return ZERO if row.coverage == 0 else row.loss


def _account_coverage(covered: Decimal | None, gross: Decimal | None) -> Decimal | None:
    if covered is None or gross is None:
        return None
    return covered / gross if gross > 0 else ONE


def _unknown(row: PositionFigures) -> PositionProtection:
    return PositionProtection(
        key=row.position.key,
        side=row.side,
        stops=(),
        slices=(),
        coverage=None,
        stop_price=None,
        stop_distance=None,
        watches=None,
        loss=None,
        beyond_liquidation=None,
        may_open=None,
        over_covered=None,
    )
