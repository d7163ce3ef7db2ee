"""Ended orders in the JSON state: what was executed and what was rejected, told apart, the last ones of each."""

from __future__ import annotations

from plimsoll.database.orders import EndedOrder
from plimsoll_exporter.json_values import Json, text
from plimsoll_exporter.rejections.counts import LABELS, ORDERS, REJECTIONS
from plimsoll_exporter.view import AccountView


def ended_orders(account: AccountView) -> Json:
    """Counts above 0 and the last orders, newest first."""
    ended = account.order_counts.ended
    return {
        "outcomes": _counted(account, ORDERS),
        "rejections": _counted(account, REJECTIONS),
        "rejected": [_rejected(order) for order in ended if order.outcome == "rejected"],
        "executed": [_order(order) for order in ended if order.outcome == "filled"],
        "others": [_order(order) for order in ended if order.outcome not in {"rejected", "filled"}],
    }


def _counted(account: AccountView, name: str) -> Json:
    return [
        {**dict(zip(LABELS[name], labels, strict=True)), "count": text(count.value), "last_timestamp": count.last_at}
        for labels, count in sorted(account.order_counts.of(name).items())
        if count.value or count.last_at
    ]


def _rejected(order: EndedOrder) -> Json:
    return {**_order(order), "reason": order.reason, "code": order.code, "message": order.message}


def _order(order: EndedOrder) -> dict[str, Json]:
    return {
        "time": order.time,
        "learned_timestamp": order.learned,
        "source": order.source,
        "outcome": order.outcome,
        "intent": order.intent,
        "symbol": order.symbol or None,
        "direction": order.direction.lower() or None,
        "type": order.type or None,
        "quantity": order.quantity or None,
        "client_order_id": order.client_id or None,
    }
