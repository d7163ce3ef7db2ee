"""Control of the exchange's own acts: deleveraging, a symbol's status, and whether the exchange watches margins."""

from __future__ import annotations

from plimsoll_simulator.account import Account, Position
from plimsoll_simulator.acts import deleveraging, settlement
from plimsoll_simulator.control.fields import FieldError, Fields
from plimsoll_simulator.exchange import Exchange


def deleverage(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/adl``: ``account``, ``symbol``; ``position_side``, ``quantity`` (all), ``price`` (last)."""
    account, symbol = fields.account(), fields.symbol()
    side = fields.text("position_side", account.sides[0], among=account.sides)
    quantity, price = (
        fields.optional_decimal("quantity", positive=True),
        fields.optional_decimal("price", positive=True),
    )
    fields.finish()
    position = _held(account, symbol, side)
    done = deleveraging.deleverage(exchange.world, account, position, quantity=quantity, price=price)
    return {"orderId": done.order_id, "quantity": str(done.quantity), "price": str(done.price)}


def _held(account: Account, symbol: str, side: str) -> Position:
    position = account.position(symbol, side)
    if not position.amount:
        raise FieldError("symbol", f"{account.name} has no position of {symbol}")
    return position


def set_status(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/symbol`` with ``symbol`` and ``status``; SETTLING, DELIVERING and so on close every position."""
    symbol, status = fields.symbol(), fields.text("status", among=settlement.STATUSES)
    fields.finish()
    settlement.set_status(exchange.world, symbol, status)
    return {}


def set_acts(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/acts``: ``margin`` (watch margins) and ``triggers`` (trigger conditional orders), true or false."""
    world = exchange.world
    margin, triggers = fields.flag("margin", world.watchful), fields.flag("triggers", world.triggering)
    fields.finish()
    world.watchful, world.triggering = margin, triggers
    return {"margin": margin, "triggers": triggers}
