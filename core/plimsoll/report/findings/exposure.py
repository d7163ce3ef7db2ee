"""Too much held for the equity there is, and too little margin left."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from plimsoll.database.orders import EndedOrder
from plimsoll.report.curves import Known, first, growth, highest, known, lowest, stretches, value_at
from plimsoll.report.findings.making import NO_MARGIN, told
from plimsoll.report.model import Finding, Severity, SourceName
from plimsoll.report.pictures import Point
from plimsoll.report.say import clock, counted, share, times
from plimsoll.report.view import View

FORCED = {"liquidation": "liquidated", "adl": "deleveraged by force", "settlement": "settled"}


def findings(view: View) -> Iterator[Finding]:
    """All findings of this theme."""
    yield from _account(view)
    yield from _symbols(view)
    yield from _margin(view)
    yield from _calls(view)
    yield from _forced(view)


def over(points: tuple[Point, ...], limits: tuple[Point, ...]) -> Known | None:
    """The first value above its limit."""
    return next(
        (one for one in known(points) if (limit := value_at(limits, one.time)) is not None and one.value > limit), None
    )


def _account(view: View) -> Iterator[Finding]:
    points = view.curves.one("binance_account_leverage_ratio").points
    limits = view.curves.one("binance_account_leverage_limit_ratio").points
    found, most = over(points, limits), highest(points)
    if found is None or most is None:
        return
    limit = value_at(limits, found.time) or Decimal(0)
    yield Finding(
        rule="leverage-above-limit",
        sentence=f"The account held {times(most.value)} times its equity; its limit is {times(limit)}.",
        evidence=(
            told(f"leverage {times(found.value)}, limit {times(limit)}", found.time),
            told(f"leverage {times(most.value)}, its highest", most.time),
        ),
        severity=Severity.CRITICAL,
        plain=f"it held {times(most.value)} times what it owned, and {times(limit)} times was allowed",
    )


def _symbols(view: View) -> Iterator[Finding]:
    for curve in view.curves.all("binance_symbol_leverage_ratio"):
        symbol = curve.labels.get("symbol", "")
        limits = view.curves.one("binance_symbol_leverage_limit_ratio", symbol=symbol).points
        found, most = over(curve.points, limits), highest(curve.points)
        if found is None or most is None:
            continue
        limit = value_at(limits, found.time) or Decimal(0)
        yield Finding(
            rule="symbol-leverage-above-limit",
            sentence=f"{symbol} alone was {times(most.value)} times the equity; its limit is {times(limit)}.",
            evidence=(told(f"{symbol}: leverage {times(found.value)}, limit {times(limit)}", found.time),),
            severity=Severity.CRITICAL,
            symbol=symbol,
        )


def _margin(view: View) -> Iterator[Finding]:
    points = view.curves.one("binance_account_available_margin_ratio").points
    limits = view.curves.one("binance_account_available_margin_limit_ratio").points
    limit = next(iter(known(limits)), None)
    least = lowest(points)
    if limit is None or least is None:
        return
    found = first(points, lambda left: left < limit.value)
    if found is not None:
        low = [one for one in stretches(points, lambda left: left < limit.value) if one.since == found.time]
        ended = low[0].ended if low and not low[0].gap else None
        before = [one for one in view.refused if one.reason == NO_MARGIN and one.time < found.time]
        earlier = f" ({counted(len(before), 'order')} before)" if before else ""
        yield Finding(
            rule="margin-low",
            sentence=f"From {clock(found.time)} UTC {'on' if ended is None else f'until {clock(ended)} UTC'} less than "
            f"{share(limit.value)} of the equity was free as margin (at the lowest {share(least.value)}); an order is "
            f"refused at any time when its own margin is more than what is free{earlier}.",
            evidence=(
                *(
                    told(
                        f"refused for lack of margin: {one.direction} {one.quantity} {one.symbol}{_free(view, one)}",
                        one.time,
                        SourceName.STATE,
                    )
                    for one in before[:1]
                ),
                told(f"available margin {share(found.value)} of equity", found.time),
                told(f"available margin {share(least.value)} of equity, its lowest", least.time),
            ),
            severity=Severity.CRITICAL,
            plain="hardly any money was left to secure further orders",
        )


def _free(view: View, order: EndedOrder) -> str:
    left = view.curves.at("binance_account_available_margin_ratio", order.time)
    return "" if left is None else f", while {share(left)} of equity was free"


def _calls(view: View) -> Iterator[Finding]:
    curve = view.curves.one("binance_margin_calls_total")
    calls = int(growth(curve.points))
    if calls:
        at = _grew(curve.points)
        yield Finding(
            rule="margin-call",
            sentence=f"The exchange sent {counted(calls, 'margin call')}.",
            evidence=(told("a margin call was counted", at),),
            severity=Severity.CRITICAL,
            plain="the exchange warned that it would close positions by itself",
        )


def _forced(view: View) -> Iterator[Finding]:
    for curve in view.curves.all("binance_forced_closes_total"):
        closes, kind = int(growth(curve.points)), curve.labels.get("kind", "")
        if closes:
            what = FORCED.get(kind, kind)
            yield Finding(
                rule="forced-close",
                sentence=f"The exchange itself closed something: {counted(closes, 'order')}, {what}.",
                evidence=(told(f"binance_forced_closes_total, {kind}, grew by {closes}", _grew(curve.points)),),
                severity=Severity.CRITICAL,
                plain="the exchange closed positions by itself",
            )


def _grew(points: tuple[Point, ...]) -> float | None:
    """When a counter was first larger than at the look before."""
    values = known(points)
    return next((now.time for was, now in pairwise(values) if now.value > was.value), None)
