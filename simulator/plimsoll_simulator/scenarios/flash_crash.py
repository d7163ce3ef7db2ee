"""``flash-crash``: everything falls by 12 % within six seconds and comes half way back in the thirty that follow.

Books are thin and the last price runs ahead of the mark, so stops fill past their triggers. ``eon``, eleven
times its equity long, is liquidated on the way down; the short of ``source``, which gains, is deleveraged.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.acts.deleveraging import deleverage
from plimsoll_simulator.digits import ONE, SMALLEST, to_step
from plimsoll_simulator.market import Depth
from plimsoll_simulator.scenarios.placing import hold, protect, set_leverage
from plimsoll_simulator.scenarios.prices import SWAY, noise
from plimsoll_simulator.scenarios.scenario import Scenario, three_accounts
from plimsoll_simulator.world import World

CRASH_BEGINS, CRASH_ENDS, RECOVERY_ENDS = 10, 16, 46
BOTTOM, AFTERWARDS = Decimal("0.88"), Decimal("0.94")
DELEVERAGED_AT = 15
_LEVERAGE = {"source": 10, "eon": 20, "live": 5}
_AHEAD = Decimal("0.003")
_THIN = Depth(depth_usd=Decimal(50_000), spread=Decimal("0.001"))

# symbol, amount, entry, trigger of the stop if there is one
_HOLDINGS = {
    "source": (("BTCUSDT", "0.900", "91800", "88000"), ("ETHUSDT", "-12.000", "3095", "3260")),
    "eon": (("BTCUSDT", "6.000", "92000", None),),
    "live": (("BNBUSDT", "1.50", "905", "870"), ("DOTUSDT", "-250", "2.70", "2.84")),
}


def _set_up(world: World, _option: str) -> None:
    for account in three_accounts(world):
        set_leverage(world, account, _LEVERAGE[account.name])
        for symbol, amount, entry, trigger in _HOLDINGS[account.name]:
            hold(world, account, symbol, amount, entry)
            if trigger is not None:
                protect(world, account, symbol, trigger)


def _step(world: World, second: int) -> None:
    falling = CRASH_BEGINS < second <= CRASH_ENDS
    for name in world.market.symbols:
        if second == CRASH_BEGINS:
            world.market.depths[name] = _THIN
        elif second == RECOVERY_ENDS:
            world.market.depths.pop(name, None)
        _move(world, name, level(second), falling=falling)
    if second == DELEVERAGED_AT:
        source = world.accounts["source"]
        deleverage(world, source, source.position("ETHUSDT"), quantity=Decimal(7))


def level(second: int) -> Decimal:
    """The share of its first price at which everything stands."""
    if second <= CRASH_ENDS:
        fallen = Decimal(max(0, second - CRASH_BEGINS)) / (CRASH_ENDS - CRASH_BEGINS)
        return ONE - (ONE - BOTTOM) * fallen
    back = Decimal(min(second, RECOVERY_ENDS) - CRASH_ENDS) / (RECOVERY_ENDS - CRASH_ENDS)
    return BOTTOM + (AFTERWARDS - BOTTOM) * back


def _move(world: World, name: str, share: Decimal, *, falling: bool) -> None:
    market = world.market
    mark = (market.quotes[name].opened_at * share * (ONE + noise(world, SWAY))).quantize(SMALLEST)
    last = mark * (ONE - _AHEAD) if falling else mark
    market.set_price(name, mark, to_step(last, market.symbols[name].tick))


SCENARIO = Scenario(
    name="flash-crash",
    summary="everything falls by 12 % in six seconds and comes half way back; stops, one liquidation, one ADL",
    set_up=_set_up,
    step=_step,
)
