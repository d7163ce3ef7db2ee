"""How far stops cover what an account holds, and what is lost if they fill.

Orders that are not known make every figure here unknown: a stop that cannot be seen is neither there nor missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from plimsoll.model.terms import Side
from plimsoll.risk.figures import PositionFigures
from plimsoll.risk.guards import Guard, Guards, protected
from plimsoll.risk.protection_figures import PositionProtection, Protection
from plimsoll.risk.stops import Stop
from plimsoll.risk.unknown import ONE, ZERO, times, total


def protection(guards: Guards, rows: Sequence[PositionFigures]) -> Protection:
    """How far the open orders of a book cover its positions.

    Args:
        guards: The stops of the book.
        rows: The figures of its positions, at the marks of now.
    """
    found = tuple([protect(guard, row) for guard, row in zip(guards.positions, rows, strict=True)])
    gross = total([row.notional for row in rows])
    covered = total([times(row.notional, each.coverage) for row, each in zip(rows, found, strict=True)])
    known = guards.known
    return Protection(
        positions=found,
        coverage=_account_coverage(covered, gross) if known else None,
        unprotected=gross - covered if known and gross is not None and covered is not None else None,
        loss=total([_loss_of(each) for each in found]) if known else None,
        orphans=guards.orphans,
    )


def protect(guard: Guard, row: PositionFigures) -> PositionProtection:
    """The protection of one position at the marks of now; one object for as long as they change nothing of it."""
    if guard.stops is None:
        return guard.far
    beyond = [index for index, stop in enumerate(guard.stops) if is_beyond_liquidation(stop, row)]
    if not beyond and row.quote_usd == ONE:
        return guard.far
    return protected(guard.position, guard.stops, beyond, row.quote_usd)


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


def stop_distance(row: PositionFigures, stops: PositionProtection) -> Decimal | None:
    """From the mark price to the nearest stop, as a share of the mark; negative once passed.

    (mark - stop) / mark for a long, (stop - mark) / mark for a short.
    """
    price, mark = stops.stop_price, row.mark_price
    if price is None or mark is None:
        return None
    ahead = mark - price if row.side is Side.LONG else price - mark
    return ahead / mark


def _loss_of(row: PositionProtection) -> Decimal | None:
    return ZERO if row.coverage == 0 else row.loss


def _account_coverage(covered: Decimal | None, gross: Decimal | None) -> Decimal | None:
    if covered is None or gross is None:
        return None
    return covered / gross if gross > 0 else ONE
