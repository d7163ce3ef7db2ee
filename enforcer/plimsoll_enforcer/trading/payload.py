"""Translation of an order to what the exchange asks for, and of its answers to orders and settings.

The answer to a placed order has had no average price since the middle of 2026; a look-up still has.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll.exchange.endpoints import Parameters
from plimsoll.exchange.payload.fields import amount, mapping, optional_positive, positive_integer, text
from plimsoll.model.account import ZERO
from plimsoll.model.terms import PositionSide
from plimsoll_enforcer.trading.port import CloseOrder, OrderForm, Placed

_KINDS: dict[OrderForm, dict[str, str]] = {
    OrderForm.MARKET: {"type": "MARKET"},
    OrderForm.LIMIT_AT_BAND: {"type": "LIMIT", "timeInForce": "IOC"},
    OrderForm.LIMIT_OPPONENT: {"type": "LIMIT", "timeInForce": "IOC", "priceMatch": "OPPONENT_20"},
    OrderForm.LIMIT_AT_MARK: {"type": "LIMIT", "timeInForce": "GTC"},
}


def order_parameters(order: CloseOrder) -> Parameters:
    """What ``POST /fapi/v1/order`` is sent for a closing order.

    One-way: reduce-only and no side, which the exchange takes for ``BOTH``. Hedge: the side, and never ``reduceOnly``,
    which it refuses there (-1106); the direction makes it a close.
    """
    closing = (
        {"reduceOnly": "true"}
        if order.position_side is PositionSide.BOTH
        else {"positionSide": order.position_side.value.upper()}
    )
    price = {} if order.price is None else {"price": plain(order.price)}
    return {
        "symbol": order.symbol,
        "side": order.direction.value.upper(),
        "quantity": plain(order.quantity),
        "newClientOrderId": order.client_id,
        **_KINDS[order.form],
        **closing,
        **price,
    }


def plain(value: Decimal) -> str:
    """A decimal as the exchange takes it: no exponent, no digits that say nothing."""
    return f"{value.normalize():f}"


def placed(json: object) -> Placed:
    """Translate the answer of ``POST`` or ``GET /fapi/v1/order``.

    Raises:
        Malformed: It is not such an answer.
    """
    row = mapping(json, "/fapi/v1/order")
    return Placed(
        order_id=positive_integer(row, "orderId"),
        client_id=text(row, "clientOrderId"),
        symbol=text(row, "symbol"),
        status=text(row, "status"),
        executed=amount(row, "executedQty"),
        average_price=optional_positive(row, "avgPrice") or ZERO,
    )


def leverage(json: object) -> int:
    """Translate the answer of ``POST /fapi/v1/leverage``: the setting now in force.

    Raises:
        Malformed: It is not such an answer.
    """
    return positive_integer(mapping(json, "POST /fapi/v1/leverage"), "leverage")
