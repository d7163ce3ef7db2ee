"""Orders that the exchange places for an account: to liquidate, to deleverage, to settle; and the end of its others.

Such an order is known by its client id. It shows NEW, then its execution as CALCULATED, then what became of the
account.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import Account, Order, Position, Trade
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.execution import Fill, execute
from plimsoll_simulator.trading.fills import expire, tighten
from plimsoll_simulator.world import World

# Reasons that an order's end carries as ``er``.
LIQUIDATED = 5
DELISTED = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Forced:
    """How a position is closed by the exchange: order type, limit (0 for none), and the fill."""

    client_id: str
    type: str
    limit: Decimal
    fill: Fill


def close(world: World, account: Account, position: Position, how: Forced) -> Trade:
    """Close a position, whole or in part, whatever the account wants."""
    order = _order(world, position, how)
    account.orders[order.order_id] = order
    world.foretell(account, order, how.fill.quantity)
    world.emit(account, events.order_update(world, account, order, "NEW"))
    done = execute(world, account, order, how.fill)
    world.emit(account, events.order_update(world, account, order, "CALCULATED", done))
    assets = dict.fromkeys((world.market.symbols[position.symbol].quote, how.fill.fee.asset), ZERO)
    world.emit(account, events.account_update(world, account, "ORDER", assets=assets, positions=[position]))
    tighten(world, account, position.symbol, position.side)
    return done


def _order(world: World, position: Position, how: Forced) -> Order:
    now = world.time_ms()
    return Order(
        order_id=world.counters.next("order"),
        client_id=how.client_id,
        symbol=position.symbol,
        side="SELL" if position.amount > 0 else "BUY",
        type=how.type,
        quantity=how.fill.quantity,
        position_side=position.side,
        price=how.limit,
        time_in_force="IOC" if how.limit else "GTC",
        created=now,
        updated=now,
    )


def expire_orders(world: World, account: Account, reason: int, symbols: set[str] | None = None) -> None:
    """End the working orders of some symbols, or of all, plain ones with the reason and conditional ones too."""
    for order in account.open_orders():
        if symbols is None or order.symbol in symbols:
            expire(world, account, order, reason)
    for algo in account.open_algo_orders():
        if symbols is None or algo.symbol in symbols:
            algo.status, algo.updated = "EXPIRED", world.time_ms()
            world.emit(account, events.algo_update(world, algo))
