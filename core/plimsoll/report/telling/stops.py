"""The loss that each position's stop planned, against the loss that there was, and why the two differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.report.curves import Known
from plimsoll.report.findings.making import decimal
from plimsoll.report.findings.stops_missing import COVERAGE, uncovered
from plimsoll.report.findings.stops_working import slippage
from plimsoll.report.say import is_some, listed, price, quantity, share, times, usd
from plimsoll.report.tables import StopRow
from plimsoll.report.view import CLOSING_DIRECTION, LAG, Holding, View, closer, is_ours


def stop_rows(view: View) -> tuple[StopRow, ...]:
    """One row a position of the period."""
    return tuple(_row(view, holding) for holding in view.holdings)


def _row(view: View, holding: Holding) -> StopRow:
    planned = view.known("binance_position_loss_at_stop_usd", holding)
    expected = planned[0].value if planned else None
    closed = holding.ended is not None
    real = _realized(view, holding) if closed else _unrealized(view, holding)
    difference = None if expected is None or real is None else real - expected
    return StopRow(
        symbol=holding.symbol,
        side=holding.side,
        expected=expected,
        real=real,
        closed=closed,
        difference=difference,
        explanation=tuple(_explained(view, holding, expected, real)),
    )


def _realized(view: View, holding: Holding) -> Decimal | None:
    """The loss that its closing fills realised, before fees; ``None`` where not all of them are known."""
    last = (holding.ended or holding.until) + LAG
    amounts = [
        decimal(order.realized)
        for order in view.orders("filled")
        if order.symbol == holding.symbol
        and order.direction == CLOSING_DIRECTION[holding.side]
        and holding.since - LAG <= order.time <= last
    ]
    if not amounts or None in amounts:
        return None
    return -sum((amount for amount in amounts if amount is not None), Decimal(0))


def _unrealized(view: View, holding: Holding) -> Decimal | None:
    """The loss at the worst moment of a position that is still open."""
    worth = view.known("binance_position_unrealized_pnl_usd", holding)
    return -min(point.value for point in worth) if worth else None


def _explained(view: View, holding: Holding, expected: Decimal | None, real: Decimal | None) -> Iterator[str]:
    yield from _slipped(view, holding)
    if uncovered(view, holding) is not None:
        yield f"missing stop: no order at the exchange would have ended a loss{_at_a_profit(holding, real)}"
    yield from _grown(view, holding)
    yield from _oversized(view, holding)
    if sum((one.symbol, one.side) == (holding.symbol, holding.side) for one in view.holdings) > 1:
        yield "re-entry: this symbol was opened more than once in the period"
    if any(_closers(view, holding)):
        yield f"closed by {listed(list(dict.fromkeys(_closers(view, holding))))}"
    if expected is not None and real is not None and holding.ended is None and real < expected:
        yield f"price did not reach the stop: {usd(expected - real)} less than planned were lost at the worst moment"
    if expected is None and not view.known(COVERAGE, holding):
        yield "what stops there were cannot be known"


def _at_a_profit(holding: Holding, real: Decimal | None) -> str:
    if real is None or real >= 0 or not is_some(real):
        return ""
    return f"; {'it closed' if holding.ended is not None else 'even at its worst it stood'} at a profit of {usd(-real)}"


def _closers(view: View, holding: Holding) -> list[str]:
    """Which of our programs closed something of a position."""
    filled = view.orders("filled")
    return [closer(view.material, one) for one in filled if is_ours(one) and one.symbol == holding.symbol]


def _slipped(view: View, holding: Holding) -> Iterator[str]:
    for stop in view.closing(holding, "stop"):
        worse = slippage(stop) if stop.outcome == "filled" else None
        if worse is not None and is_some(worse[1]):
            yield (
                f"slippage: filled at {price(Decimal(stop.average_price))} instead of {price(Decimal(stop.trigger))} "
                f"({share(worse[0])}), {usd(worse[1])}"
            )


def _grown(view: View, holding: Holding) -> Iterator[str]:
    """The position grew while its stop did not."""
    covered = view.known(COVERAGE, holding)
    sizes = view.known("binance_position_quantity", holding)
    largest: Known | None = max(sizes, key=lambda one: one.value, default=None)
    if largest is not None and any(0 < one.value < 1 for one in covered) and largest.value > sizes[0].value:
        now, before = quantity(largest.value), quantity(sizes[0].value)
        yield f"size above plan: {now} instead of {before}, and the stop stayed as it was"


def _oversized(view: View, holding: Holding) -> Iterator[str]:
    """The position was larger than a mirror asked for."""
    for mirror in view.material.settings.mirrors:
        labels = {"source": mirror.source, "symbol": holding.symbol}
        expected = view.curves.at("binance_mirror_expected_quantity", holding.since, **labels)
        actual = view.curves.at("binance_mirror_actual_quantity", holding.since, **labels)
        if expected and actual and actual / expected > 1 + mirror.tolerance:
            yield f"size above plan: {times(actual / expected)} times what the mirror's scale asked for at entry"
