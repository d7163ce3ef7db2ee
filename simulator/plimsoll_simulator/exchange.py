"""The running exchange: the world, and around it keys, limits, faults and subscribers. Knows no socket of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from plimsoll.clock import SystemClock
from plimsoll_simulator import events, outside
from plimsoll_simulator.faults import EventFaults, RestFaults, StreamFaults
from plimsoll_simulator.listen_keys import ListenKeys
from plimsoll_simulator.living import wake
from plimsoll_simulator.rest.call import Endpoint
from plimsoll_simulator.rest.limits import WeightLimits
from plimsoll_simulator.rest.listen_key_calls import listen_key_endpoints
from plimsoll_simulator.rest.order_limits import OrderLimits
from plimsoll_simulator.rest.table import READS, WRITES
from plimsoll_simulator.stage import Stage
from plimsoll_simulator.streams.connection import ConnectionRules
from plimsoll_simulator.streams.hub import Hub
from plimsoll_simulator.trading.following import follow_time
from plimsoll_simulator.world import World


@dataclass(kw_only=True)
class RequestCounts:
    """How often each endpoint was called and what that weighed, for tests of a client's thrift."""

    calls: Counter[str] = field(default_factory=Counter)
    weights: Counter[str] = field(default_factory=Counter)

    def count(self, endpoint: str, weight: int) -> None:
        """Count one call."""
        self.calls[endpoint] += 1
        self.weights[endpoint] += weight


class Exchange:
    """Everything that a server needs to answer for the world."""

    def __init__(self, world: World, rules: ConnectionRules | None = None) -> None:
        """Listen to the world's events from now on."""
        self.world = world
        self.rules = rules or ConnectionRules()
        # Limits and faults last for real seconds, whatever clock the world runs on.
        clock = SystemClock()
        self.limits = WeightLimits(clock=clock)
        self.order_limits = OrderLimits(clock=world.clock)
        self.rest_faults = RestFaults()
        self.stream_faults = StreamFaults(clock=clock)
        self.event_faults = EventFaults()
        self.keys = ListenKeys(clock=world.clock, on_expiry=self._key_expired)
        self.hub = Hub(world=world, keys=self.keys, faults=self.stream_faults, disorder=self.event_faults)
        self.requests = RequestCounts()
        self.stage = Stage()
        self.endpoints: dict[tuple[str, str], Endpoint] = {**READS, **WRITES, **listen_key_endpoints(self.keys)}
        self._next_funding = world.funding_time
        world.listeners.append(self.hub.publish_event)
        wake(world)

    def _key_expired(self, _account: str, key: str) -> None:
        self.hub.publish_expiry(key, events.listen_key_expired(self.world, key))

    def each_second(self, second: int) -> None:
        """What the exchange does by itself: end old keys, settle funding when it is due, push prices."""
        self.keys.sweep()
        follow_time(self.world)
        due, self._next_funding = self._next_funding, self.world.funding_time
        if self.world.time_ms() >= due:
            for symbol in self.world.market.symbols:
                outside.funding(self.world, symbol)
        self.hub.publish_market(second)
