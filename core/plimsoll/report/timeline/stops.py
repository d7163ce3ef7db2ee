"""Stops and take-profits: placed, filled and how well, rejected, cancelled; and positions without any."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.database.closing import ClosingOrder
from plimsoll.report.findings.making import decimal
from plimsoll.report.findings.stops_missing import uncovered
from plimsoll.report.findings.stops_working import slippage
from plimsoll.report.model import EntryKind, Severity, SourceName, TimelineEntry
from plimsoll.report.say import capital, price, share
from plimsoll.report.timeline.making import entry
from plimsoll.report.view import View

NAMES = {"stop": "stop", "take_profit": "take-profit"}
ENDS = {"cancelled": "cancelled", "expired": "expired", "gone": "no longer listed", "rejected": "rejected"}


def entries(view: View) -> Iterator[TimelineEntry]:
    """All lines of this theme."""
    period = view.material.period
    for order in view.material.closing:
        if order.since >= period.since:
            text = f"{capital(_name(order))} placed: {_what(order)}."
            yield entry(order.since, EntryKind.STOP, text, SourceName.STATE, symbol=order.symbol)
        if order.ended is not None and order.ended <= period.until:
            yield _ended(order, order.ended)
    for holding in view.holdings:
        bare = uncovered(view, holding)
        if bare is not None:
            yield entry(
                bare.since,
                EntryKind.STOP,
                f"{holding.symbol} ({holding.side}) is without a stop.",
                severity=Severity.CRITICAL,
                symbol=holding.symbol,
                until=bare.ended,
            )


def _ended(order: ClosingOrder, ended: float) -> TimelineEntry:
    if order.outcome == "filled":
        return entry(
            ended, EntryKind.STOP, f"{capital(_name(order))} filled: {_what(order)}{_paid(order)}.", SourceName.STATE,
            symbol=order.symbol,
        )  # fmt: skip
    why = f" ({order.reason.rstrip('.')})" if order.reason else ""
    return entry(
        ended,
        EntryKind.STOP,
        f"{capital(_name(order))} {ENDS.get(order.outcome, order.outcome)}{why}: {_what(order)}.",
        SourceName.STATE,
        severity=Severity.CRITICAL if order.outcome == "rejected" else Severity.INFO,
        symbol=order.symbol,
    )


def _paid(order: ClosingOrder) -> str:
    paid, worse = decimal(order.average_price), slippage(order)
    if paid is None:
        return ""
    if worse is None or order.purpose != "stop":
        return f", at {price(paid)}"
    how = f"{share(worse[0])} worse than its trigger" if worse[0] > 0 else "no worse than its trigger"
    return f", at {price(paid)}, {how}"


def _name(order: ClosingOrder) -> str:
    return NAMES.get(order.purpose, "closing order")


def _what(order: ClosingOrder) -> str:
    size = "all" if order.close_position else order.quantity
    trigger = f", trigger {price(Decimal(order.trigger))} ({order.watches} price)" if order.trigger else ""
    limit = f", limit {price(Decimal(order.price))}" if order.price else ""
    return f"{order.type} {order.direction} {size} {order.symbol}{trigger}{limit}"
