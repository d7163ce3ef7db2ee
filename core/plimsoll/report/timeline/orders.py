"""Orders that were executed, cancelled or refused."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.database.orders import EndedOrder
from plimsoll.report.findings.making import decimal
from plimsoll.report.findings.refusals import WORDS
from plimsoll.report.model import EntryKind, Severity, SourceName, TimelineEntry
from plimsoll.report.say import capital, price, usd
from plimsoll.report.timeline.making import entry
from plimsoll.report.view import View, closer, is_ours

INTENTS = {"open": "entry", "close": "close", "unknown": "entry or close"}
DONE = {"BUY": "bought", "SELL": "sold"}


def entries(view: View) -> Iterator[TimelineEntry]:
    """All lines of this theme; those that a line about a stop tells are left out."""
    stops = {(stop.symbol, stop.client_id) for stop in view.material.closing if stop.client_id and stop.outcome}
    for order in view.material.orders:
        if order.client_id and (order.symbol, order.client_id) in stops:
            continue
        if order.outcome == "rejected":
            yield _refused(order)
        elif order.outcome == "filled":
            yield _filled(view, order)
        else:
            yield _ended(order)


def _refused(order: EndedOrder) -> TimelineEntry:
    code = "" if order.code is None else f" (code {order.code})"
    said = f': "{order.message}"{code}' if order.message else code
    return entry(
        order.time,
        EntryKind.REJECTION,
        f"Refused {WORDS.get(order.reason, 'for other reasons')}: {_what(order)}, {_purpose(order)}{said}; "
        f"told by {_teller(order)}.",
        SourceName.STATE,
        severity=Severity.CRITICAL,
        symbol=order.symbol,
    )


def _filled(view: View, order: EndedOrder) -> TimelineEntry:
    paid, realized = decimal(order.average_price), decimal(order.realized)
    at = "" if paid is None else f" at {price(paid)}"
    won = f", realising a {'loss' if realized < 0 else 'profit'} of {usd(abs(realized))}" if realized else ""
    who = f"{capital(closer(view.material, order))} " if is_ours(order) else ""
    done = DONE.get(order.direction, order.direction.lower())
    text = f"{who}{done if who else done.capitalize()} {order.executed or order.quantity} {order.symbol}{at}"
    kind = {"open": EntryKind.ENTRY, "close": EntryKind.EXIT}.get(order.intent, EntryKind.ORDER)
    return entry(order.time, kind, f"{text} ({_purpose(order)}){won}.", SourceName.STATE, symbol=order.symbol)


def _ended(order: EndedOrder) -> TimelineEntry:
    text = f"{order.outcome.capitalize()}: {_what(order)}, {_purpose(order)}."
    return entry(order.time, EntryKind.ORDER, text, SourceName.STATE, symbol=order.symbol)


def _what(order: EndedOrder) -> str:
    words = (order.type, order.direction, order.quantity, order.symbol)
    return " ".join(word for word in words if word) or "an order of which nothing else is known"


def _purpose(order: EndedOrder) -> str:
    return INTENTS.get(order.intent, order.intent)


def _teller(order: EndedOrder) -> str:
    return {"report": "the bot", "log": "the bot's log", "history": "the exchange's history"}.get(
        order.source, "the exchange's stream"
    )
