"""The journal's values as JSON text and back: decimals as text, words by their value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from plimsoll.model.terms import Direction, PositionSide
from plimsoll_enforcer.desk import Alert
from plimsoll_enforcer.flatten.result import Closed, FlattenResult
from plimsoll_enforcer.trading.port import CloseOrder, OrderForm, Placed

Fields = Mapping[str, object]


def dumped(value: object) -> str:
    """Compact text, keys sorted; what JSON does not know becomes its text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def fields(text: str) -> Fields:
    """An object.

    Raises:
        ValueError: It is none.
    """
    loaded = json.loads(text)
    if not isinstance(loaded, dict):
        raise ValueError("not an object")  # noqa: TRY004 - the text is wrong, not a type of ours
    return loaded


def alert_fields(alert: Alert) -> Fields:
    """An alert."""
    return {
        "status": alert.status,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "arrived_at": alert.arrived_at,
        "starts_at": alert.starts_at,
        "fingerprint": alert.fingerprint,
    }


def alert_of(found: Fields) -> Alert:
    """An alert back."""
    starts_at = found["starts_at"]
    return Alert(
        status=str(found["status"]),
        labels={str(key): str(value) for key, value in _mapping(found["labels"]).items()},
        annotations={str(key): str(value) for key, value in _mapping(found["annotations"]).items()},
        arrived_at=float(str(found["arrived_at"])),
        starts_at=None if starts_at is None else float(str(starts_at)),
        fingerprint=str(found["fingerprint"]),
    )


def order_text(order: CloseOrder) -> str:
    """An order to be sent."""
    return dumped(
        {
            "symbol": order.symbol,
            "position_side": order.position_side.value,
            "direction": order.direction.value,
            "quantity": str(order.quantity),
            "client_id": order.client_id,
            "form": order.form.value,
            "price": None if order.price is None else str(order.price),
        }
    )


def order_of(text: str) -> CloseOrder:
    """An order back."""
    found = fields(text)
    return CloseOrder(
        symbol=str(found["symbol"]),
        position_side=PositionSide(str(found["position_side"])),
        direction=Direction(str(found["direction"])),
        quantity=Decimal(str(found["quantity"])),
        client_id=str(found["client_id"]),
        form=OrderForm(str(found["form"])),
        price=_decimal(found["price"]),
    )


def answer_text(placed: Placed | None, error: str, code: int | None) -> str:
    """What became of an order."""
    if placed is None:
        return dumped({"placed": None, "error": error, "code": code})
    told = {
        "order_id": placed.order_id,
        "client_id": placed.client_id,
        "symbol": placed.symbol,
        "status": placed.status,
        "executed": str(placed.executed),
        "average_price": str(placed.average_price),
    }
    return dumped({"placed": told, "error": error, "code": code})


def result_text(result: FlattenResult) -> str:
    """The end of a run."""
    return dumped(
        {
            "flat": result.flat,
            "seconds_to_flat": result.seconds_to_flat,
            "confirmed": result.confirmed,
            "residual_exposure_usd": _text(result.residual_exposure_usd),
            "orders_cancelled": result.orders_cancelled,
            "orders_left": result.orders_left,
            "positions": [
                {
                    "symbol": one.symbol,
                    "position_side": one.position_side.value,
                    "amount": str(one.amount),
                    "closed": str(one.closed),
                    "average_price": _text(one.average_price),
                    "left": str(one.left),
                    "why_left": one.why_left,
                    "mark_price": _text(one.mark_price),
                }
                for one in result.positions
            ],
        }
    )


def result_of(text: str) -> FlattenResult:
    """The end of a run back."""
    found = fields(text)
    seconds = found["seconds_to_flat"]
    return FlattenResult(
        flat=bool(found["flat"]),
        seconds_to_flat=None if seconds is None else float(str(seconds)),
        confirmed=bool(found["confirmed"]),
        residual_exposure_usd=_decimal(found["residual_exposure_usd"]),
        orders_cancelled=int(str(found["orders_cancelled"])),
        orders_left=int(str(found["orders_left"])),
        positions=tuple(_closed(_mapping(one)) for one in cast("list[object]", found["positions"])),
    )


def _closed(found: Fields) -> Closed:
    return Closed(
        symbol=str(found["symbol"]),
        position_side=PositionSide(str(found["position_side"])),
        amount=Decimal(str(found["amount"])),
        closed=Decimal(str(found["closed"])),
        average_price=_decimal(found["average_price"]),
        left=Decimal(str(found["left"])),
        why_left=str(found["why_left"]),
        mark_price=_decimal(found.get("mark_price")),
    )


def _mapping(value: object) -> Fields:
    return cast("Fields", value) if isinstance(value, dict) else {}


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
