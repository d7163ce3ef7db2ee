"""Auto-deleveraging on command: a position that gains is closed against one that was liquidated elsewhere.

The account sees an order ``adl_autoclose`` executed at the bankrupt side's price. No fee is taken: the exchange's
documents name none.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.account import ADL_CLIENT_ID, Account, Position, Trade
from plimsoll_simulator.acts.forced import Forced, close
from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.execution import Fill
from plimsoll_simulator.fees import Fee
from plimsoll_simulator.world import World


def deleverage(
    world: World, account: Account, position: Position, *, quantity: Decimal | None = None, price: Decimal | None = None
) -> Trade:
    """Close ``quantity`` (all, if not given) of a position at ``price`` (the last price, if not given)."""
    part = min(quantity or abs(position.amount), abs(position.amount))
    paid = price or world.market.quotes[position.symbol].last
    nothing = Fee(asset=world.market.symbols[position.symbol].quote, amount=ZERO)
    fill = Fill(price=paid, quantity=part, fee=nothing)
    return close(world, account, position, Forced(client_id=ADL_CLIENT_ID, type="LIMIT", limit=paid, fill=fill))
