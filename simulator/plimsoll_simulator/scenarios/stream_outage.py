"""``stream-outage``: connections are cut, go silent, come late and are refused, while fills and transfers go on.

The world itself is that of ``calm`` with a fill every seven seconds; what is broken is only the way to the clients.
After two minutes it begins again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from plimsoll_simulator import outside
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.scenarios import calm
from plimsoll_simulator.scenarios.prices import wander
from plimsoll_simulator.scenarios.scenario import Scenario
from plimsoll_simulator.streams.hub import ALL, MARKET
from plimsoll_simulator.world import World

ROUND = 120
_FILL_EVERY = 7
_FOR_GOOD = 10.0**9
_LATE_SECONDS = 3.0
_FILLS = (("live", "BNBUSDT", "0.05"), ("source", "BTCUSDT", "0.010"), ("eon", "ETHUSDT", "0.050"))


def _step(world: World, second: int) -> None:
    wander(world)
    if second % _FILL_EVERY == 0:
        turn = second // _FILL_EVERY
        account, symbol, quantity = _FILLS[turn % len(_FILLS)]
        side = "BUY" if turn // len(_FILLS) % 2 == 0 else "SELL"
        outside.trade(world, world.accounts[account], symbol, side, Decimal(quantity))


def _cut_all(exchange: Exchange) -> None:
    exchange.hub.cut(ALL)


def _silence_live(exchange: Exchange) -> None:
    exchange.stream_faults.silence("live", _FOR_GOOD)


def _silence_market(exchange: Exchange) -> None:
    exchange.stream_faults.silence(MARKET, _FOR_GOOD)


def _delay_all(exchange: Exchange) -> None:
    exchange.stream_faults.delay(ALL, _LATE_SECONDS)


def _refuse_all(exchange: Exchange) -> None:
    exchange.stream_faults.refuse(ALL, _FOR_GOOD)
    exchange.hub.cut(ALL)


def _resume(exchange: Exchange) -> None:
    exchange.stream_faults.resume(ALL)


ACTS: Mapping[int, Callable[[Exchange], None]] = {
    10: _cut_all,
    20: _silence_live,
    35: _resume,
    45: _silence_market,
    60: _resume,
    70: _delay_all,
    85: _resume,
    95: _refuse_all,
    110: _resume,
}


def _disturb(exchange: Exchange, second: int) -> None:
    act = ACTS.get(second % ROUND)
    if act is not None:
        act(exchange)


SCENARIO = Scenario(
    name="stream-outage",
    summary="streams are cut, silent, late and refused in turn, while fills go on",
    set_up=calm.set_up,
    step=_step,
    disturb=_disturb,
)
