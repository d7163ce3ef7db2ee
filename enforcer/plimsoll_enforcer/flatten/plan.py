"""What to do next with what was read and what was refused so far: cancels and closing orders of every symbol. Pure.

Quantities come from the reading alone. Orders that could open go at once; protective conditional orders stay until
their symbol holds nothing, or until the exchange refuses the close because of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from plimsoll.model.account import PositionKey, PositionReport
from plimsoll.model.market import Instrument
from plimsoll.model.orders import Order
from plimsoll.model.terms import MarginMode, OrderBook, Side
from plimsoll_enforcer.flatten.closes import Piece, pieces_of
from plimsoll_enforcer.flatten.ladder import FRESH, Standing
from plimsoll_enforcer.flatten.pieces import ZERO
from plimsoll_enforcer.flatten.reading import Reading, notional

ONE_BY_ONE_AFTER = 2
"""Failures of cancelling a whole symbol, after which its orders are cancelled one by one."""


class CancelKind(StrEnum):
    """The four ways to cancel."""

    PLAIN = "all plain orders"
    PLAIN_ONE = "one plain order"
    ALGO = "all conditional orders"
    ALGO_ONE = "one conditional order"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancel:
    """One cancelling call.

    Attributes:
        orders: Those that are known to go by it; none where the list could not be read.
    """

    kind: CancelKind
    symbol: str
    orders: tuple[Order, ...] = ()

    @property
    def book(self) -> OrderBook:
        """The list that it empties."""
        return OrderBook.PLAIN if self.kind in {CancelKind.PLAIN, CancelKind.PLAIN_ONE} else OrderBook.ALGO

    @property
    def desk(self) -> Desk:
        """What its failures are counted under."""
        return (self.symbol, self.book)


Desk = tuple[str, OrderBook]


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """Cancelling a symbol's orders of one list has failed, or was done without knowing them.

    Attributes:
        not_before: Monotonic seconds before which it is not done again.
    """

    failures: int = 0
    not_before: float = float("-inf")


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """What a run remembers between two readings.

    Attributes:
        legs: How far closing each leg has got.
        cancels: Failures of cancelling.
        seen: Every symbol that ever had anything: where a list cannot be read, their orders are cancelled unseen.
    """

    legs: Mapping[PositionKey, Standing] = field(default_factory=dict)
    cancels: Mapping[Desk, Retry] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()

    def leg(self, key: PositionKey) -> Standing:
        """How far closing a leg has got."""
        return self.legs.get(key, FRESH)

    def retry(self, desk: Desk) -> Retry:
        """How cancelling has gone."""
        return self.cancels.get(desk, NO_RETRY)


NO_RETRY = Retry()


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """All that is done now with one symbol: its cancels side by side, then its closing orders one after another."""

    symbol: str
    cancels: tuple[Cancel, ...]
    pieces: tuple[Piece, ...]
    plain_orders: bool
    """Whether plain orders of the symbol were read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to do now.

    Attributes:
        acts: The most important first.
        in_turn: Closing orders of one symbol at a time, in that order; cancels all at once in any case.
    """

    acts: tuple[Act, ...]
    in_turn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Everything that a plan is made from.

    Attributes:
        instruments: As far as the exchange's rules are known.
        now: Monotonic seconds.
        busy: Symbols that an earlier act still works on: nothing is planned for them.
    """

    reading: Reading
    memory: Memory
    instruments: Mapping[str, Instrument]
    now: float
    busy: frozenset[str] = frozenset()


def plan(scene: Scene) -> Plan:
    """What to do next; nothing where everything waits or is done."""
    symbols = (scene.reading.symbols | scene.memory.seen) - scene.busy
    in_turn = any(scene.memory.leg(report.position.key).in_turn for report in scene.reading.positions or ())
    rank = _relief if in_turn else _size
    ordered = sorted(symbols, key=lambda symbol: (*rank(scene, symbol), symbol))
    acts = (_act(scene, symbol) for symbol in ordered)
    return Plan(acts=tuple(act for act in acts if act.cancels or act.pieces), in_turn=in_turn)


def wakes_at(scene: Scene) -> float | None:
    """Monotonic seconds at which the next thing that waits may be done; ``None`` where nothing waits."""
    legs = (scene.memory.leg(report.position.key).not_before for report in scene.reading.positions or ())
    cancels = (
        scene.memory.retry((order.symbol, order.book)).not_before
        for order in scene.reading.orders
        if order.symbol not in scene.busy
    )
    return min((at for at in (*legs, *cancels) if at > scene.now), default=None)


def _size(scene: Scene, symbol: str) -> tuple[Decimal, ...]:
    return (-sum((notional(report) for report in scene.reading.held(symbol) or ()), ZERO),)


def _relief(scene: Scene, symbol: str) -> tuple[Decimal, ...]:
    """What frees most margin first; what was refused for margin itself comes after the others."""
    legs = scene.reading.held(symbol) or ()
    short = any(scene.memory.leg(report.position.key).short for report in legs)
    freed = abs(sum((_signed(report) for report in legs), ZERO))
    return (Decimal(short), -freed)


def _signed(report: PositionReport) -> Decimal:
    """The margin that a closed position gives back, negative for a short: the legs of a pair share theirs."""
    held = report.position
    isolated = held.margin_mode is MarginMode.ISOLATED
    margin = held.isolated_wallet + report.unrealized_pnl if isolated else report.position_margin
    return margin if held.side is Side.LONG else -margin


def _act(scene: Scene, symbol: str) -> Act:
    legs = scene.reading.held(symbol)
    cancels = (*_plain(scene, symbol, legs or ()), *_algo(scene, symbol, legs))
    plain = scene.reading.plain
    return Act(
        symbol=symbol,
        cancels=cancels,
        pieces=pieces_of(
            legs or (), scene.memory.legs, scene.instruments.get(symbol), now=scene.now, resting=_resting(scene)
        ),
        plain_orders=any(order.symbol == symbol for order in plain or ()),
    )


def _resting(scene: Scene) -> frozenset[str] | None:
    """Client ids of the plain orders that work now; ``None`` where nobody knows."""
    reading = scene.reading
    if reading.plain is None or not reading.orders_fresh:
        return None
    return frozenset(order.client_id for order in reading.plain)


def _plain(scene: Scene, symbol: str, legs: tuple[PositionReport, ...]) -> tuple[Cancel, ...]:
    """Cancels of the symbol's plain orders, all but our own that rests and is not yet to be chased."""
    retry = scene.memory.retry((symbol, OrderBook.PLAIN))
    if retry.not_before > scene.now:
        return ()
    spared = frozenset(_spared(scene, legs))
    if scene.reading.plain is None:
        return () if spared else (Cancel(kind=CancelKind.PLAIN, symbol=symbol),)
    found = tuple(order for order in scene.reading.plain if order.symbol == symbol)
    going = tuple(order for order in found if order.client_id not in spared)
    if not going:
        return ()
    if len(going) < len(found) or retry.failures >= ONE_BY_ONE_AFTER:
        return _singly(CancelKind.PLAIN_ONE, symbol, going)
    return (Cancel(kind=CancelKind.PLAIN, symbol=symbol, orders=going),)


def _spared(scene: Scene, legs: tuple[PositionReport, ...]) -> list[str]:
    standings = (scene.memory.leg(report.position.key) for report in legs)
    return [each.resting for each in standings if each.resting and each.not_before > scene.now]


def _algo(scene: Scene, symbol: str, legs: tuple[PositionReport, ...] | None) -> tuple[Cancel, ...]:
    """Cancels of the symbol's conditional orders: those that could open, or all once nothing is left to protect."""
    retry = scene.memory.retry((symbol, OrderBook.ALGO))
    if retry.not_before > scene.now:
        return ()
    every = legs == () or any(scene.memory.leg(report.position.key).strips for report in legs or ())
    if scene.reading.algo is None:
        return (Cancel(kind=CancelKind.ALGO, symbol=symbol),) if every else ()
    found = tuple(order for order in scene.reading.algo if order.symbol == symbol)
    if every and retry.failures < ONE_BY_ONE_AFTER:
        return (Cancel(kind=CancelKind.ALGO, symbol=symbol, orders=found),) if found else ()
    going = found if every else tuple(order for order in found if not order.closes_side)
    return _singly(CancelKind.ALGO_ONE, symbol, going)


def _singly(kind: CancelKind, symbol: str, orders: tuple[Order, ...]) -> tuple[Cancel, ...]:
    return tuple(Cancel(kind=kind, symbol=symbol, orders=(order,)) for order in orders)
