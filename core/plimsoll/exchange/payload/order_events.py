"""Translation of the events about orders, plain (``ORDER_TRADE_UPDATE``) and conditional (``ALGO_UPDATE``)."""

from __future__ import annotations

from decimal import Decimal

from plimsoll.exchange.payload.fields import (
    Row,
    amount,
    child,
    decimal,
    integer,
    optional_decimal,
    optional_positive,
    optional_text,
    positive,
    text,
)
from plimsoll.exchange.payload.orders import algo_order_told, plain_order_told
from plimsoll.model.account import ZERO
from plimsoll.model.events import AlgoUpdate, Fill, OrderUpdate

_TRADED = frozenset({"TRADE", "CALCULATED"})
"""What an order event calls a trade of ours: by the market, or by liquidation, deleveraging and settlement."""


def order_update(row: Row) -> OrderUpdate:
    """Translate ``ORDER_TRADE_UPDATE``.

    Raises:
        Malformed: The order or its trade is broken.
    """
    time_ms, order = integer(row, "T"), child(row, "o")
    return OrderUpdate(
        time_ms=time_ms,
        event_ms=integer(row, "E"),
        order=plain_order_told(order, time_ms=time_ms),
        execution=text(order, "x"),
        fill=_fill(order),
        average_price=optional_positive(order, "ap"),
    )


def _fill(row: Row) -> Fill | None:
    """The trade, where the event is about one and something was filled."""
    if text(row, "x") not in _TRADED or (quantity := amount(row, "l")) == 0:
        return None
    commission, asset = _commission(row)
    return Fill(
        trade_id=integer(row, "t"),
        quantity=quantity,
        price=positive(row, "L"),
        realized_pnl=decimal(row, "rp"),
        commission=commission,
        commission_asset=asset,
    )


def _commission(row: Row) -> tuple[Decimal, str]:
    """What the trade cost and in which asset; both may be absent when it cost nothing."""
    commission = optional_decimal(row, "n") or ZERO
    return commission, optional_text(row, "N") if commission == 0 else text(row, "N")


def algo_update(row: Row) -> AlgoUpdate:
    """Translate ``ALGO_UPDATE``; an average price of zero means that nothing was filled, and is none.

    Raises:
        Malformed: The order is broken.
    """
    time_ms, order = integer(row, "T"), child(row, "o")
    return AlgoUpdate(
        time_ms=time_ms,
        event_ms=integer(row, "E"),
        order=algo_order_told(order, time_ms=time_ms),
        average_price=optional_positive(order, "ap"),
        filled=optional_decimal(order, "aq"),
    )
