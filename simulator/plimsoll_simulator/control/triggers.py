"""Control of the algo service: what goes wrong when a conditional order should trigger."""

from __future__ import annotations

from plimsoll_simulator.algo import following, placing, triggering
from plimsoll_simulator.algo.faults import Rejection, Scope
from plimsoll_simulator.control.fields import FieldError, Fields
from plimsoll_simulator.exchange import Exchange

ACTIONS = ("hold", "stall", "reject", "release", "fire", "vanish")
_USUAL_REASON = "Margin is insufficient."


def disturb(exchange: Exchange, fields: Fields) -> object:
    """``POST /sim/trigger``: ``account``, ``action``; ``symbol``, ``reason``, ``times``, ``algo_id``.

    ``hold``: met conditions do not trigger; ``stall``: triggered orders stay TRIGGERING; ``reject``: the next ``times``
    triggers are rejected for a ``reason``; ``release`` ends all that. ``fire`` triggers the order ``algo_id`` whatever
    the price, ``vanish`` cancels it without an event.
    """
    action = fields.text("action", among=ACTIONS)
    if action in {"fire", "vanish"}:
        return _act_on(exchange, fields, action)
    account = fields.account()
    symbol = fields.symbol() if fields.has("symbol") else None
    scope, faults = Scope(account=account.name, symbol=symbol), exchange.world.trigger_faults
    reason, times = fields.text("reason", _USUAL_REASON), fields.whole("times", 1)
    fields.finish()
    if action == "hold":
        faults.held.add(scope)
    elif action == "stall":
        faults.stalled.add(scope)
    elif action == "reject":
        faults.rejections.append(Rejection(scope=scope, reason=reason, times=times))
    else:
        following.release(exchange.world, account, symbol)
    return {}


def _act_on(exchange: Exchange, fields: Fields, action: str) -> object:
    account, number = fields.account(), fields.whole("algo_id")
    fields.finish()
    order = account.algo_orders.get(number)
    if order is None or not order.working:
        raise FieldError("algo_id", f"{account.name} has no working order {number}")
    if action == "fire":
        triggering.trigger(exchange.world, account, order)
    else:
        placing.cancel(exchange.world, account, order, event=False)
    return {"status": order.status}
