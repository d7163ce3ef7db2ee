"""The end of a symbol: its status changes, and with settlement every order ends and every position is closed.

Positions are settled at the mark price by orders ``settlement_autoclose-``, without fee; what they realise is income of
the type DELIVERED_SETTELMENT (spelled so by the exchange).
"""

from __future__ import annotations

from dataclasses import replace

from plimsoll_simulator.account import SETTLEMENT_PREFIX, Account
from plimsoll_simulator.acts.forced import DELISTED, Forced, close, expire_orders
from plimsoll_simulator.digits import ZERO, to_step
from plimsoll_simulator.execution import Fill
from plimsoll_simulator.fees import Fee
from plimsoll_simulator.world import World

STATUSES = (
    "TRADING",
    "PENDING_TRADING",
    "PRE_SETTLE",
    "SETTLING",
    "PRE_DELIVERING",
    "DELIVERING",
    "DELIVERED",
    "CLOSE",
)
_SETTLED = ("SETTLING", "DELIVERING", "DELIVERED", "CLOSE")


def set_status(world: World, name: str, status: str) -> None:
    """Change a symbol's status; from SETTLING and DELIVERING on nobody holds it any more."""
    world.market.symbols[name] = replace(world.market.symbols[name], status=status)
    if status in _SETTLED:
        for account in world.accounts.values():
            expire_orders(world, account, DELISTED, {name})
            _settle(world, account, name)


def _settle(world: World, account: Account, name: str) -> None:
    symbol = world.market.symbols[name]
    price = to_step(world.market.quotes[name].mark, symbol.tick)
    for position in [each for each in account.open_positions() if each.symbol == name]:
        nothing = Fee(asset=symbol.quote, amount=ZERO)
        fill = Fill(price=price, quantity=abs(position.amount), fee=nothing, profit="DELIVERED_SETTELMENT")
        client_id = f"{SETTLEMENT_PREFIX}{world.time_ms()}"
        close(world, account, position, Forced(client_id=client_id, type="MARKET", limit=ZERO, fill=fill))
