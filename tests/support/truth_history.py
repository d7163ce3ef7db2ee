"""What was true on the simulated exchange, and when: every elementary fact of every account, moment by moment.

A *fact* is something that one event or one reading tells: a wallet, a position, an order, a mark price. Figures made
of several facts are ``truth_witness``'s part.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import inf

from plimsoll_simulator.account import Account, AlgoOrder, Order
from plimsoll_simulator.world import World

Key = tuple[Hashable, ...]
Facts = Mapping[Key, object]

CENT = Decimal("0.000001")


def close(one: object, other: object) -> bool:
    """Whether two values of a fact are the same to the digits in which the exchange tells them."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return abs(one - other) <= max(CENT, abs(other) * Decimal("1e-9"))
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(map(close, one, other))
    return one == other


@dataclass(slots=True)
class Track:
    """The values that one fact has had, each from its time until the next one's."""

    times: list[float] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def put(self, now: float, value: object) -> None:
        """The value is so from now on."""
        if not self.values or self.values[-1] != value:
            self.times.append(now)
            self.values.append(value)

    def between(self, start: float, end: float) -> list[object]:
        """The values that held at some moment of a time, newest first; before the first there was none."""
        first, last = bisect_right(self.times, start) - 1, bisect_right(self.times, end)
        found = self.values[max(first, 0) : last]
        return [*reversed(found), *([None] if first < 0 else [])]


class History:
    """Remembers the facts of a world, as if what is so at first had always been; ``record`` after every change."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tracks: dict[str, dict[Key, Track]] = {}
        self._rates = Track()
        self._record(-inf)
        world.listeners.append(lambda _account, _event: self.record())

    def record(self) -> None:
        """Remember what is so now."""
        self._record(self._world.clock.now())

    def _record(self, now: float) -> None:
        market = self._world.market
        self._rates.put(now, {asset: (market.bid_rate(asset), market.ask_rate(asset)) for asset in market.assets})
        for name, account in self._world.accounts.items():
            tracks, facts = self._tracks.setdefault(name, {}), facts_of(self._world, account)
            for key in facts.keys() | tracks.keys():
                tracks.setdefault(key, Track()).put(now, facts.get(key))

    def values(self, account: str, key: Key, start: float, end: float) -> list[object]:
        """The values of a fact between two Unix times, newest first; ``None`` is "there was none"."""
        track = self._tracks[account].get(key)
        return [None] if track is None else track.between(start, end)

    def keys(self, account: str) -> Iterator[Key]:
        """Every fact that was ever recorded of an account."""
        yield from self._tracks[account]

    def rates(self, start: float, end: float) -> list[dict[str, tuple[Decimal, Decimal]]]:
        """The bid and ask rates of all assets at the moments of a time, newest first."""
        return [found for found in self._rates.between(start, end) if isinstance(found, dict)]


def facts_of(world: World, account: Account) -> dict[Key, object]:
    """The elementary facts of one account now."""
    facts: dict[Key, object] = {("mode",): (account.multi_assets, account.hedge)}
    for asset, amount in account.wallets.items():
        aside = account.isolated_wallets({s.name for s in world.market.symbols.values() if s.quote == asset})
        facts["wallet", asset] = (amount, amount - aside)
    for position in account.open_positions():
        setting = account.setting(position.symbol)
        side = "long" if position.amount > 0 else "short"
        wallet = position.isolated_wallet if setting.isolated else Decimal(0)
        facts["position", position.symbol, side] = (abs(position.amount), position.entry, setting.isolated, wallet)
    for symbol, quote in world.market.quotes.items():
        facts["mark", symbol] = quote.mark
        facts["setting", symbol] = account.setting(symbol).leverage
    for order in account.open_orders():
        facts["order", "plain", str(order.order_id)] = order_fact(order, order.stop_price, order.executed)
    for algo in account.open_algo_orders():
        facts["order", "algo", str(algo.algo_id)] = order_fact(algo, algo.trigger_price, Decimal(0))
    return facts


def order_fact(order: Order | AlgoOrder, trigger: Decimal, executed: Decimal) -> tuple[object, ...]:
    """What is compared of an order."""
    shared = (order.symbol, order.side.lower(), order.position_side.lower(), order.type, order.reduce_only)
    return (*shared, order.quantity, executed, order.price, trigger)
