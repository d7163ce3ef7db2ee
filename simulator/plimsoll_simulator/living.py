"""What makes a world live: the parts of the exchange that react to prices, and what it does after each second."""

from __future__ import annotations

from functools import partial

from plimsoll_simulator.acts.watch import look_after
from plimsoll_simulator.algo import following as algo_following
from plimsoll_simulator.algo.triggering import follow_orders
from plimsoll_simulator.trading import following
from plimsoll_simulator.world import World


def wake(world: World) -> None:
    """Let the exchange react from now on; a world that is awake stays as it is."""
    if world.awake:
        return
    world.awake = True
    market, tape = world.market, world.tape
    market.watchers += (partial(following.follow_price, world), partial(algo_following.follow_price, world))
    world.foretellers.append(partial(algo_following.end_with_position, world))
    world.followers += (partial(follow_orders, world), partial(algo_following.follow_positions, world))
    market.watchers.append(lambda name: tape.record(name, market.quotes[name].last, world.time_ms()))


def pass_second(world: World) -> None:
    """What the exchange does after each second of a scenario, with the prices that it brought."""
    algo_following.follow_time(world)
    look_after(world)
