"""What a fill brings with it: its events in the exchange's order, and reduce-only orders cut to what is left.

Every fill of a plain order goes through ``fill``, whether the engine, the price or a scenario makes it.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import Account, Order, Trade
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.execution import Fill, execute
from plimsoll_simulator.fees import Fee, commission
from plimsoll_simulator.trading.reducing import closing_side, resting_reducers
from plimsoll_simulator.world import World

DISPLACED = 4


def fill(
    world: World,
    account: Account,
    order: Order,
    quantity: Decimal,
    price: Decimal,
    *,
    maker: bool = False,
    fee: Fee | None = None,
    event: bool = True,
) -> Trade:
    """Fill a part of a recorded order at ``price``; ``fee`` replaces the usual one, ``event`` false loses the events.

    The position, the wallets and the order are changed before the first event is sent.
    """
    symbol = world.market.symbols[order.symbol]
    if event:
        world.foretell(account, order, quantity)
    paid = fee or commission(account, world.market, symbol, quantity * price, maker=maker)
    done = execute(world, account, order, Fill(price=price, quantity=quantity, fee=paid, maker=maker))
    if event:
        _tell(world, account, order, done)
    tighten(world, account, order.symbol, order.position_side, event=event)
    return done


def _tell(world: World, account: Account, order: Order, done: Trade) -> None:
    """TRADE_LITE first, then the account and the order, or the other way round where the account asks for that."""
    position, quote = account.position(order.symbol, order.position_side), world.market.symbols[order.symbol].quote
    assets = {quote: ZERO, done.commission_asset: ZERO}
    told = [
        events.account_update(world, account, "ORDER", assets=assets, positions=[position]),
        events.order_update(world, account, order, "TRADE", done),
    ]
    world.emit(account, events.trade_lite(world, order, done))
    for each in reversed(told) if account.order_events_first else told:
        world.emit(account, each)


def expire(world: World, account: Account, order: Order, reason: int, *, event: bool = True) -> None:
    """End an order by the exchange's own will; ``reason`` is the code that the event carries in ``er``."""
    order.status, order.expiry, order.updated = "EXPIRED", reason, world.time_ms()
    if event:
        world.emit(account, events.order_update(world, account, order, "EXPIRED"))


def tighten(world: World, account: Account, symbol: str, position_side: str, *, event: bool = True) -> None:
    """Cut resting reduce-only orders down to the position, best price first; what is left without anything expires."""
    amount = account.position(symbol, position_side).amount
    left = abs(amount)
    for order in resting_reducers(account, symbol, position_side):
        kept = min(order.rest, left) if order.side == closing_side(amount) else ZERO
        left -= kept
        if kept == ZERO:
            expire(world, account, order, DISPLACED, event=event)
        elif kept < order.rest:
            order.quantity, order.updated = order.executed + kept, world.time_ms()
            if event:
                world.emit(account, events.order_update(world, account, order, "AMENDMENT"))
