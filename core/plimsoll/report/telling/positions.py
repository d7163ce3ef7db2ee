"""What was held at the start, at the worst moment and at the end. Pure."""

from __future__ import annotations

from decimal import Decimal

from plimsoll.report.curves import Known, value_at
from plimsoll.report.say import share
from plimsoll.report.tables import PositionRow, PositionsAt
from plimsoll.report.view import QUANTITY, UP, View


def positions(view: View) -> tuple[PositionsAt, ...]:
    """The three moments; those of which no equity is known have no rows."""
    moments = (("start", view.start), ("worst", view.worst), ("end", view.end))
    return tuple(_at(view, name, moment) for name, moment in moments)


def _at(view: View, name: str, moment: Known | None) -> PositionsAt:
    if moment is None:
        fallback = view.material.period.since if name == "start" else view.material.period.until
        return PositionsAt(moment=name, time=fallback, equity=None, rows=None)
    live = view.curves.at(UP, moment.time) == 1
    rows = tuple(
        _row(view, curve.labels["symbol"], curve.labels["side"], moment.time)
        for curve in view.curves.all(QUANTITY)
        if value_at(curve.points, moment.time)
    )
    return PositionsAt(moment=name, time=moment.time, equity=moment.value, rows=rows if live else None)


def _row(view: View, symbol: str, side: str, time: float) -> PositionRow:
    def figure(name: str) -> Decimal | None:
        return view.curves.at(f"binance_position_{name}", time, symbol=symbol, side=side)

    coverage = figure("stop_coverage_ratio")
    return PositionRow(
        symbol=symbol,
        side=side,
        quantity=figure("quantity") or Decimal(0),
        notional=figure("notional_usd"),
        entry=figure("entry_price_usd"),
        mark=figure("mark_price_usd"),
        unrealized=figure("unrealized_pnl_usd"),
        stop=figure("stop_price_usd"),
        coverage=coverage,
        loss_at_stop=figure("loss_at_stop_usd"),
        protection=_protection(coverage),
    )


def _protection(coverage: Decimal | None) -> str:
    if coverage is None:
        return "unknown"
    if not coverage:
        return "no stop"
    return "covered" if coverage >= 1 else f"{share(coverage)} covered"
