"""What happens to waiting conditional orders by itself: prices reach them, their time runs out, their position goes."""

from __future__ import annotations

from plimsoll_simulator import events
from plimsoll_simulator.account import Account, AlgoOrder, Order
from plimsoll_simulator.algo.conditions import TRAILING, follow, is_met, is_protected, watched_price
from plimsoll_simulator.algo.placing import end
from plimsoll_simulator.algo.triggering import send, settle, trigger
from plimsoll_simulator.trading.fills import expire
from plimsoll_simulator.trading.reducing import closing_side
from plimsoll_simulator.world import Event, World

POSITION_GONE = 6


def follow_price(world: World, symbol: str) -> None:
    """Trigger what the new price has reached, oldest first."""
    if world.market.symbols[symbol].status != "TRADING":
        return
    for account in list(world.accounts.values()):
        for order in account.open_algo_orders(symbol):
            _look(world, account, order)


def _look(world: World, account: Account, order: AlgoOrder) -> None:
    quote = world.market.quotes[order.symbol]
    price = watched_price(quote, order.working_type)
    if order.type == TRAILING and follow(order, price):
        world.emit(account, events.algo_update(world, order))
    free = world.triggering and not world.trigger_faults.holds(account.name, order.symbol)
    # An order may have ended by what another one's trigger did.
    if free and order.working and is_met(order, price) and not is_protected(order, quote):
        trigger(world, account, order)


def follow_time(world: World) -> None:
    """End what is past its date, what has lost its position, and what ended in the engine without an event."""
    now = world.time_ms()
    for account in world.accounts.values():
        for order in account.open_algo_orders():
            if order.good_till and order.good_till <= now:
                end(world, account, order, "EXPIRED")
        for order in list(account.triggered.values()):
            settle(world, account, order)
        expire_orphans(world, account)


def release(world: World, account: Account, symbol: str | None) -> None:
    """End the trigger faults of an account, and let what they kept back happen now."""
    world.trigger_faults.release(account.name, symbol)
    for order in list(account.algo_orders.values()):
        if order.status == "TRIGGERING" and symbol in {None, order.symbol}:
            send(world, account, order)
    for order in account.open_algo_orders(symbol):
        _look(world, account, order)


def follow_positions(world: World, account: Account, event: Event) -> None:
    """Let a change of positions end the orders that lived with one."""
    body = event.get("a")
    if event["e"] == "ACCOUNT_UPDATE" and isinstance(body, dict) and body["P"]:
        expire_orphans(world, account)


def expire_orphans(world: World, account: Account) -> None:
    """End the orders whose position is gone: waiting ones, and limit orders that came of them."""
    for order in account.open_algo_orders():
        if order.needs_position and _is_orphan(account, order):
            end(world, account, order, "EXPIRED")
    for number, order in list(account.triggered.items()):
        if order.needs_position and _is_orphan(account, order) and account.orders[number].working:
            expire(world, account, account.orders[number], POSITION_GONE)


def end_with_position(world: World, account: Account, closing: Order) -> None:
    """End what lives with a position that an order is about to close, but not that order."""
    key = closing.symbol, closing.position_side
    for order in account.open_algo_orders(closing.symbol):
        if order.needs_position and (order.symbol, order.position_side) == key:
            end(world, account, order, "EXPIRED")
    for number, order in list(account.triggered.items()):
        bound = order.needs_position and (order.symbol, order.position_side) == key and number != closing.order_id
        if bound and account.orders[number].working:
            expire(world, account, account.orders[number], POSITION_GONE)


def _is_orphan(account: Account, order: AlgoOrder) -> bool:
    amount = account.position(order.symbol, order.position_side).amount
    return not amount or closing_side(amount) != order.side
