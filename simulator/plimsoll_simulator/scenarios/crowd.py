"""``crowd``: many accounts with many positions, for measurements; the option is ACCOUNTSxPOSITIONS."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import islice

from plimsoll_simulator.catalogue import standard_market
from plimsoll_simulator.digits import SMALLEST, to_step
from plimsoll_simulator.scenarios.placing import hold, protect, set_leverage
from plimsoll_simulator.scenarios.scenario import Scenario
from plimsoll_simulator.world import World

_DEFAULT = "20x10"
_NOTIONAL = Decimal(2000)


_MOST_POSITIONS = len(standard_market().symbols)


def _is_size(option: str) -> bool:
    size = re.fullmatch(r"[1-9]\d{0,3}x(\d{1,2})", option)
    return size is not None and int(size[1]) <= _MOST_POSITIONS


def _set_up(world: World, option: str) -> None:
    accounts, positions = (int(part) for part in (option or _DEFAULT).split("x"))
    for number in range(1, accounts + 1):
        account = world.add_account(f"a{number:03}", {"USDT": Decimal(20_000)})
        set_leverage(world, account, 10)
        for symbol in islice(world.market.symbols.values(), positions):
            mark = world.market.quotes[symbol.name].mark
            hold(world, account, symbol.name, str(to_step(_NOTIONAL / mark, symbol.step)), str(mark))
            protect(world, account, symbol.name, str(to_step(mark * Decimal("0.9"), symbol.tick)))


def _step(world: World, _second: int) -> None:
    for name, quote in world.market.quotes.items():
        mark = quote.mark * (1 + Decimal(repr(world.random.gauss(0.0, 0.0001))))
        world.market.set_price(name, mark.quantize(SMALLEST))


SCENARIO = Scenario(
    name="crowd",
    summary="accounts a001, a002, ... for measurements; option ACCOUNTSxPOSITIONS, 20x10 if none is given",
    set_up=_set_up,
    step=_step,
    free_option=_is_size,
    free_form=f"ACCOUNTSxPOSITIONS with at most {_MOST_POSITIONS} positions each",
)
