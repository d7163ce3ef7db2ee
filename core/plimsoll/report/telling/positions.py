"""What was held at the start, at the worst moment and at the end. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from plimsoll.report.curves import Known, value_at
from plimsoll.report.say import clock, share
from plimsoll.report.tables import PositionRow, PositionsAt
from plimsoll.report.view import QUANTITY, UP, View


def positions(view: View) -> tuple[PositionsAt, ...]:
    """The three moments; those of which no equity is known have no rows."""
    moments = (("start", view.start), ("worst", view.worst), ("end", view.end))
    found = tuple(_at(view, name, moment) for name, moment in moments)
    return tuple(_last_held(view, one) if one.moment == "worst" and one.rows == () else one for one in found)


def _last_held(view: View, worst: PositionsAt) -> PositionsAt:
    """The last moment before the worst at which something was held, where all was closed by then."""
    held = [one.until for one in view.holdings if one.until <= worst.time]
    equity = view.equity(max(held)) if held else None
    if equity is None:
        return worst
    note = (
        f"Equity was lowest at {clock(worst.time)} UTC, when everything had been closed; these are the last positions "
        "known before that."
    )
    return replace(_at(view, worst.moment, Known(max(held), equity)), note=note)


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
