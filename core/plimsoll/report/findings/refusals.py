"""Refused orders that no mirror explains, and whether refusals can be known at all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plimsoll.database.orders import EndedOrder
from plimsoll.report.findings.making import NO_MARGIN, grave, told, unknown
from plimsoll.report.findings.mirror import refusal, say_counts, unnoticed
from plimsoll.report.model import Finding, SourceName
from plimsoll.report.say import listed, quantity
from plimsoll.report.view import View, is_ours

WORDS = {
    NO_MARGIN: "for lack of margin",
    "reduce_only": "for they would not have reduced a position",
    "would_trigger": "for they would have triggered at once",
    "filter": "for breaking a rule of the exchange about price or quantity",
    "rate_limit": "for too many orders or calls",
    "leverage": "for the leverage setting",
    "price_band": "for a price outside the allowed band",
    "other": "for other reasons",
}
"""Reasons of rejections, as they end a sentence about orders."""

COUNTER = "binance_order_rejections_total"


def findings(view: View) -> Iterator[Finding]:
    """All findings of this theme."""
    if not view.has(SourceName.STATE):
        yield from _without_list(view)
        return
    explained = unnoticed(view)
    for reason in dict.fromkeys(order.reason for order in view.refused):
        orders = [order for order in view.refused if order.reason == reason and order not in explained]
        if orders:
            yield _refused(view, reason, orders)


def _refused(view: View, reason: str, orders: list[EndedOrder]) -> Finding:
    said = say_counts(orders)
    were = "was" if len(orders) == 1 else "were"
    by = " that the enforcer or the red button sent" if all(map(is_ours, orders)) else ""
    return Finding(
        rule="orders-refused",
        sentence=f"{said}{by} {were} refused {WORDS.get(reason, 'for other reasons')}.",
        evidence=tuple(refusal(view, order) for order in orders),
        severity=grave(critical=reason == NO_MARGIN or any(order.intent == "close" for order in orders)),
        plain=f"{said} {were} refused by the exchange",
    )


def _without_list(view: View) -> Iterator[Finding]:
    """The counters alone, where the list of orders is missing."""
    if not view.has(SourceName.PROMETHEUS):
        yield unknown(
            view,
            "orders-refused",
            "Whether orders were refused cannot be known.",
            SourceName.STATE,
            SourceName.PROMETHEUS,
        )
        return
    grown = {
        intent: view.curves.increase(COUNTER, intent=intent, reason=NO_MARGIN) or Decimal(0)
        for intent in ("open", "close", "unknown")
    }
    if any(grown.values()):
        names = {"open": "entries", "close": "closes", "unknown": "other orders"}
        said = listed([f"{quantity(count)} {names[intent]}" for intent, count in grown.items() if count])
        yield Finding(
            rule="orders-refused",
            sentence=f"{said} were refused for lack of margin; which ones cannot be known.",
            evidence=(told(f"{COUNTER} grew: {said}"),),
            severity=grave(critical=True),
            plain=f"{said} were refused by the exchange",
        )
