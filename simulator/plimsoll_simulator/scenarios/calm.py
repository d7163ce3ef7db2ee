"""``calm``: three accounts with modest positions and stops, prices that wander, now and then a fill or funding."""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator import outside
from plimsoll_simulator.scenarios.placing import hold, protect, set_leverage
from plimsoll_simulator.scenarios.prices import wander
from plimsoll_simulator.scenarios.scenario import Scenario, three_accounts
from plimsoll_simulator.world import World

_FILL_EVERY = 45
_FUNDING_EVERY = 240

_HOLDINGS = {
    # What eon holds is what its mirror of source should hold, so that a calm world is calm.
    "source": (("BTCUSDT", "0.900", "91400", "88000"), ("ETHUSDT", "-12.000", "3120", "3260")),
    "eon": (("BTCUSDT", "0.110", "91500", "88000"), ("ETHUSDT", "-1.500", "3118", "3260")),
    "live": (("BNBUSDT", "1.50", "899.5", "870"), ("DOTUSDT", "-250", "2.71", "2.84")),
}
# Against the position first: it is never larger than its stop.
_FILLS = (
    ("source", "BTCUSDT", "SELL", "0.010"),
    ("eon", "ETHUSDT", "BUY", "0.050"),
    ("live", "BNBUSDT", "SELL", "0.05"),
)


def set_up(world: World, _option: str) -> None:
    """The three accounts with their positions and stops."""
    for account in three_accounts(world):
        set_leverage(world, account, 5)
        for symbol, amount, entry, trigger in _HOLDINGS[account.name]:
            hold(world, account, symbol, amount, entry)
            protect(world, account, symbol, trigger)


def _step(world: World, second: int) -> None:
    wander(world)
    if second % _FILL_EVERY == 0:
        _fill(world, second // _FILL_EVERY)
    if second % _FUNDING_EVERY == 0:
        outside.funding(world, "BTCUSDT")


def _fill(world: World, number: int) -> None:
    """Trade a little in turn, once each way, so that positions stay modest."""
    account, symbol, first, quantity = _FILLS[number % len(_FILLS)]
    side = first if (number - 1) // len(_FILLS) % 2 == 0 else {"BUY": "SELL", "SELL": "BUY"}[first]
    outside.trade(world, world.accounts[account], symbol, side, Decimal(quantity))


SCENARIO = Scenario(
    name="calm",
    summary="accounts source, eon and live with modest positions and stops; prices wander, sometimes a fill",
    set_up=set_up,
    step=_step,
)
