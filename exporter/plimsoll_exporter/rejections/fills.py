"""What the fills of working orders realised, summed up until each order ends."""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal

from plimsoll.model.events import AlgoUpdate, OrderUpdate

REMEMBERED = 10_000
"""Partly filled orders that are remembered; of the oldest beyond them nothing is told."""


class Fills:
    """Hears the order events of one account."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, int], tuple[Decimal, Decimal]] = OrderedDict()

    def event(self, event: OrderUpdate | AlgoUpdate) -> Decimal | None:
        """Hear one event; gives what the order has realised until now, ``None`` where not all fills were heard."""
        if isinstance(event, AlgoUpdate):
            return None
        key = (event.order.symbol, event.order.order_id)
        quantity, realized = self._open.pop(key, (Decimal(0), Decimal(0)))
        if event.fill is not None:
            quantity, realized = quantity + event.fill.quantity, realized + event.fill.realized_pnl
        if not event.order.ended and quantity:
            self._open[key] = quantity, realized
            if len(self._open) > REMEMBERED:
                self._open.popitem(last=False)
        return realized if quantity and quantity == event.order.executed else None
