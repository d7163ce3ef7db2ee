"""``november-stops``: three stops that work, and a fourth position whose take-profit was counted as a stop.

The figures are those of the incident; prices stand still, so that what the product shows can be compared with them.
The variants, which begin with the same table, are in ``november_variants``.
"""

from __future__ import annotations

from decimal import Decimal

from plimsoll_simulator.digits import ZERO
from plimsoll_simulator.scenarios.november_variants import variants
from plimsoll_simulator.scenarios.placing import hold, protect, set_leverage
from plimsoll_simulator.scenarios.scenario import Scenario, three_accounts
from plimsoll_simulator.world import World

_LEVERAGE = 6

# symbol, amount, entry, mark, type of the closing order, its trigger
_POSITIONS = (
    ("BNBUSDT", "-2.17", "896.80", "906.32534562", "STOP_MARKET", "914.74"),
    ("BTCUSDT", "-0.013", "91508.90", "92415.82307692", "STOP_MARKET", "93339.10"),
    ("SOLUSDT", "-2.4", "139.01", "139.81", "STOP_MARKET", "141.79"),
    ("DOTUSDT", "300", "2.6750", "2.69406667", "TAKE_PROFIT_MARKET", "2.755"),
)


def _set_up(world: World, _option: str) -> None:
    _, _, live = three_accounts(world)
    set_leverage(world, live, _LEVERAGE)
    # Funding would move the wallet away from the figures of the record.
    for quote in world.market.quotes.values():
        quote.funding_rate = ZERO
    for symbol, amount, entry, mark, kind, trigger in _POSITIONS:
        world.market.set_price(symbol, Decimal(mark))
        hold(world, live, symbol, amount, entry)
        protect(world, live, symbol, trigger, kind=kind, reduce_only=kind == "STOP_MARKET")


_BASE = Scenario(
    name="november-stops",
    summary="account live: four positions, three stops, and a take-profit that was mistaken for the fourth",
    set_up=_set_up,
)
SCENARIO = variants(_BASE)
