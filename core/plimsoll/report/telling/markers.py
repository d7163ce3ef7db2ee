"""What is marked on the line of a symbol's prices. Pure."""

from __future__ import annotations

from plimsoll.database.orders import EndedOrder
from plimsoll.report.findings.making import decimal
from plimsoll.report.pictures import Marker, MarkerKind
from plimsoll.report.view import View, is_ours

DONE = {"BUY": "bought", "SELL": "sold"}


def markers(view: View, symbol: str) -> tuple[Marker, ...]:
    """Fills and refusals of one symbol, oldest first."""
    stops = {
        stop.client_id
        for stop in view.material.closing
        if stop.symbol == symbol and stop.purpose == "stop" and stop.outcome == "filled" and stop.client_id
    }
    orders = [one for one in view.orders("filled", "rejected") if one.symbol == symbol]
    return tuple(_marker(view, order, is_stop=order.client_id in stops) for order in orders)


def _marker(view: View, order: EndedOrder, *, is_stop: bool) -> Marker:
    kind = _kind(order, is_stop=is_stop)
    done = "refused" if kind is MarkerKind.REJECTED else DONE.get(order.direction, order.direction.lower())
    what = f"{order.direction} {order.quantity}" if kind is MarkerKind.REJECTED else order.executed or order.quantity
    return Marker(
        time=order.time,
        kind=kind,
        text=f"{done} {what}",
        value=decimal(order.average_price) or view.mark(order.symbol, order.time),
    )


def _kind(order: EndedOrder, *, is_stop: bool) -> MarkerKind:
    if order.outcome == "rejected":
        return MarkerKind.REJECTED
    if is_ours(order):
        return MarkerKind.ENFORCED
    if is_stop:
        return MarkerKind.STOP_FILLED
    return MarkerKind.ENTRY if order.intent == "open" else MarkerKind.EXIT
