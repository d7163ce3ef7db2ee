"""The exchange's look at every account's margin, once a second: margin call, liquidation, automatic exchange.

A test or scenario that wants prices beyond reason without consequences switches this off (``World.watchful``).
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator import events
from plimsoll_simulator.account import Account
from plimsoll_simulator.acts import liquidating
from plimsoll_simulator.acts.auto_exchange import exchange_debts
from plimsoll_simulator.acts.pools import pools
from plimsoll_simulator.world import World

# The exchange does not document its threshold; this one is the simulator's.
MARGIN_CALL_SHARE = Decimal("0.8")


def look_after(world: World) -> None:
    """Look at every account."""
    if not world.watchful:
        return
    for account in world.accounts.values():
        if account.liquidating:
            liquidating.proceed(world, account)
        elif account.positions:
            _look_at(world, account)
        exchange_debts(world, account)


def _look_at(world: World, account: Account) -> None:
    danger = [pool for pool in pools(account, world.market) if pool.maintenance and pool.used(MARGIN_CALL_SHARE)]
    uncalled = [pool for pool in danger if pool.name not in account.margin_called]
    account.margin_called = {pool.name for pool in danger}
    for pool in uncalled:
        world.emit(account, events.margin_call(world, account, pool))
    lost = liquidating.lost_pools(world, account) if danger else []
    if lost:
        liquidating.begin(world, account, lost)
