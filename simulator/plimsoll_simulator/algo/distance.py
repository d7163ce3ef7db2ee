"""How far the limit price of a conditional order may be from its trigger. Pure.

The exchange names the codes and not the rule; taken here: the width of PERCENT_PRICE, reckoned from the trigger.
"""

from __future__ import annotations

from plimsoll_simulator.algo.refusals import refused
from plimsoll_simulator.algo.request import AlgoRequest
from plimsoll_simulator.digits import plain
from plimsoll_simulator.market import Symbol


def check_distance(symbol: Symbol, request: AlgoRequest) -> None:
    """Judge trigger and limit price against each other, where there are both.

    Raises:
        Refused: A buy that would pay far more than its trigger (-4183) or waits far below it (-4210); a sell that would
            take far less (-4184) or waits far above it (-4211).
    """
    price, trigger = request.price, request.trigger_price
    if not price or not trigger:
        return
    up, down = 1 + symbol.price_band, 1 - symbol.price_band
    if request.side == "BUY":
        if price > trigger * up:
            raise refused(-4183, plain(trigger * up))
        if trigger > price * up:
            raise refused(-4210, plain(price * up))
    else:
        if price < trigger * down:
            raise refused(-4184, plain(trigger * down))
        if trigger < price * down:
            raise refused(-4211, plain(price * down))
