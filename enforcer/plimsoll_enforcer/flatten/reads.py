"""Reading the account: positions and both lists of orders side by side, none waiting long for another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from plimsoll.errors import ExchangeError, Malformed
from plimsoll.model.account import PositionKey, PositionReport
from plimsoll_enforcer.flatten.budget import FULL_WEIGHT, POSITIONS_WEIGHT
from plimsoll_enforcer.flatten.log import REOPENED
from plimsoll_enforcer.flatten.pieces import ZERO
from plimsoll_enforcer.flatten.reading import Reading
from plimsoll_enforcer.flatten.state import SHORTEST_WAIT, RunState
from plimsoll_enforcer.flatten.waiting import ended, settled

T = TypeVar("T")

POSITIONS_PATIENCE = 2.0
"""Seconds that a reading waits for positions; doubled each time they did not come, since the way may be long."""

ORDERS_PATIENCE = 0.3
ORDERS_FACTOR = 3.0
"""Orders may take so many times as long as positions, and so many seconds more; doubled as above."""

MOST_DOUBLINGS = {"positions": 2, "orders": 5}


class Reader:
    """One run's way of reading the account."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._last = Reading(orders_fresh=False)
        self._partly = False
        self._late = {"positions": 0, "orders": 0}

    @property
    def last(self) -> Reading:
        """The last reading."""
        return self._last

    async def read(self, *, whole: bool = False) -> Reading:
        """Read what the weight budget allows: everything, or positions alone.

        Args:
            whole: Wait until everything can be read.
        """
        state = self._state
        await state.quiet()
        while not self._affordable(whole=whole):
            weight = FULL_WEIGHT if whole else POSITIONS_WEIGHT
            await state.clock.sleep(max(SHORTEST_WAIT, state.purse.seconds_until(weight, state.now())))
        orders = whole or self._wants_orders()
        state.purse.spend(FULL_WEIGHT if orders else POSITIONS_WEIGHT)
        self._last = await (self._everything() if orders else self._positions_alone())
        if orders and self._last == Reading():
            # The exchange is down, and what it does not answer it does not count.
            state.purse.spend(-FULL_WEIGHT)
        self._note()
        return self._last

    @property
    def whole_is_affordable(self) -> bool:
        """Whether the weight budget has room for everything now."""
        return self._affordable(whole=True)

    async def glance(self) -> bool:
        """Look at positions alone, if the weight budget has room for it; whether anything is held."""
        state = self._state
        if not self._affordable(whole=False):
            return False
        await state.quiet()
        state.purse.spend(POSITIONS_WEIGHT)
        return bool((await self._positions_alone()).positions)

    def _affordable(self, *, whole: bool) -> bool:
        return self._state.purse.affords(FULL_WEIGHT if whole else POSITIONS_WEIGHT, self._state.now())

    def _wants_orders(self) -> bool:
        """Whether orders are read too: while positions are open only if the read-back at the end stays affordable."""
        spare = 0 if self._last.positions == () else FULL_WEIGHT
        return self._state.purse.affords(FULL_WEIGHT + spare, self._state.now())

    async def _everything(self) -> Reading:
        state, trader = self._state, self._state.trader
        began = state.now()
        self._state.gone.clear()
        positions = asyncio.ensure_future(self._one("positions", self._positions))
        plain = asyncio.ensure_future(self._one("plain orders", trader.plain_orders))
        algo = asyncio.ensure_future(self._one("conditional orders", trader.algo_orders))
        try:
            came = await settled(state.clock, [positions], self._patience("positions", POSITIONS_PATIENCE))
            more = (state.now() - began) * ORDERS_FACTOR + ORDERS_PATIENCE
            all_came = await settled(state.clock, [plain, algo], self._patience("orders", more))
            self._learn("positions", in_time=came or positions.done())
            self._learn("orders", in_time=all_came)
            return Reading(positions=_value(positions), plain=_value(plain), algo=_value(algo), partly=self._partly)
        finally:
            await ended([positions, plain, algo])

    async def _positions_alone(self) -> Reading:
        state = self._state
        positions = asyncio.ensure_future(self._one("positions", self._positions))
        try:
            came = await settled(state.clock, [positions], self._patience("positions", POSITIONS_PATIENCE))
            self._learn("positions", in_time=came)
            carried = self._last.without(frozenset(state.gone))
            return replace(carried, positions=_value(positions), partly=self._partly)
        finally:
            await ended([positions])

    async def _positions(self) -> tuple[PositionReport, ...]:
        """Positions; an act that is under way sends no more than they hold from this moment on.

        Where a row is broken those that are sound are taken: they can be closed.
        """
        self._partly, left, known = False, dict(self._state.held), self._last.exposure is not None
        try:
            found = await self._state.trader.positions()
        except Malformed as error:
            self._state.log.step("read-failed", f"some positions: {error}")
            found = await self._state.trader.sound_positions()
            self._partly = True
        self._state.held = {each.position.key: each.position.amount for each in found}
        if known and not self._partly:
            self._tell_grown(left)
        return found

    def _tell_grown(self, left: Mapping[PositionKey, Decimal]) -> None:
        """Say where more is held than we had left as the reading began: our orders only reduce, so it was somebody."""
        for key, amount in self._state.held.items():
            before = left.get(key, ZERO)
            if abs(amount) > abs(before) or amount * before < 0:
                self._state.log.step(
                    REOPENED, f"{key[0]}: {before:f} was left, {amount:f} is held: somebody trades here"
                )

    async def _one(self, what: str, read: Callable[[], Coroutine[Any, Any, T]]) -> T | None:
        """One source; ``None`` where it fails."""
        try:
            return await read()
        except ExchangeError as error:
            self._state.heard(error)
            self._state.log.step("read-failed", f"{what}: {error}", {"code": error.code})
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one source, the others are still to be used
            self._state.log.step("read-failed", f"{what}: {type(error).__name__}")
        return None

    def _patience(self, what: str, seconds: float) -> float:
        return seconds * float(2 ** self._late[what])

    def _learn(self, what: str, *, in_time: bool) -> None:
        if in_time:
            self._late[what] = 0
            return
        self._late[what] = min(self._late[what] + 1, MOST_DOUBLINGS[what])
        self._state.log.step("read-failed", f"{what}: no answer yet; going on without")

    def _note(self) -> None:
        last, state = self._last, self._state
        state.seen |= last.symbols
        if last.positions is not None:
            state.tally.saw(last.positions)
        state.log.step("read", _words(last), _detail(last))


def _value(task: asyncio.Future[T | None]) -> T | None:
    return task.result() if task.done() else None


def _words(reading: Reading) -> str:
    if reading.partly:
        return "some positions could not be read"
    held = ", ".join(f"{each.position.symbol} {each.position.amount:f}" for each in reading.positions or ())
    return "positions could not be read" if reading.positions is None else held or "no position"


def _held(positions: tuple[PositionReport, ...]) -> str:
    """Each leg as symbol, side and signed amount: for whoever follows the run."""
    held = (report.position for report in positions)
    return ", ".join(f"{each.symbol} {each.position_side.value} {each.amount:f}" for each in held)


def _detail(reading: Reading) -> dict[str, str | int | bool | None]:
    """Counts; ``None`` where it could not be read."""
    return {
        "positions": None if reading.positions is None else len(reading.positions),
        "plain_orders": None if reading.plain is None else len(reading.plain),
        "conditional_orders": None if reading.algo is None else len(reading.algo),
        "orders_fresh": reading.orders_fresh,
        "held": None if reading.positions is None or reading.partly else _held(reading.positions),
    }
