"""Closing an account whole: read, plan, act, read back, until nothing is left and a second look agrees.

Decisions are in ``plan``, ``closes`` and ``ladder``; here is the loop, what runs beside it, and the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll.exchange.port import MarketReader
from plimsoll_enforcer.flatten.acts import carry_out
from plimsoll_enforcer.flatten.beside import RulesShelf, keep_clock, keep_rules
from plimsoll_enforcer.flatten.budget import Purse
from plimsoll_enforcer.flatten.closes import unsendable
from plimsoll_enforcer.flatten.dry import rehearsal
from plimsoll_enforcer.flatten.ladder import FRESH
from plimsoll_enforcer.flatten.log import RunLog
from plimsoll_enforcer.flatten.lookup import ask
from plimsoll_enforcer.flatten.orders import settle_unknown, took
from plimsoll_enforcer.flatten.plan import Plan, Scene, plan, wakes_at
from plimsoll_enforcer.flatten.reads import Reader
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.state import SHORTEST_WAIT, RunState
from plimsoll_enforcer.flatten.waiting import ended, settled
from plimsoll_enforcer.trading.port import Placed, Trader

Task = asyncio.Task[Any]

LATE_AFTER = 30.0
"""Seconds after which somebody must know that the account is not flat."""

CONFIRM_AFTER = 2.0
"""Seconds between the first clean read-back and the one that confirms it."""

SLICE = 1.0
"""Seconds that a round waits for what it began; a symbol that takes longer goes on by itself."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two rounds that changed nothing; doubled from one to the next."""

FIRST_LATE_PAUSE, LONGEST_LATE_PAUSE = 1.0, 10.0
"""The same once it is late."""

LESS_THAN_A_STEP = "less than one step of the exchange, which no order can close"

MOST_DOUBLINGS = 10
PRICED_AT_ONCE = 5


class Flattener:
    """Closes one account; see ``flatten.api.Flatten``.

    Args:
        trader: The account.
        market: Gives the exchange's rules, and measures its clock.
        clock: Time.
    """

    def __init__(self, trader: Trader, market: MarketReader, clock: Clock) -> None:
        self._trader = trader
        self._market = market
        self._clock = clock
        self._shelf = RulesShelf(market, clock)

    async def prepare(self) -> None:
        """Read the exchange's rules, so that a run need not: to be called at the start, and then every hour.

        Raises:
            ExchangeError: No usable answer; what was known stays.
        """
        await self._shelf.read()

    async def flatten(self, log: RunLog, *, late: Callable[[FlattenResult], None] = lambda _: None) -> FlattenResult:
        """Cancel and close until the account is flat and confirmed; goes on for ever, with back-off, until cancelled.

        Args:
            log: Record of this run; what it left unanswered is looked up first.
            late: Called once with the state of things when 30 s have passed and the account is not flat.
        """
        return await _Run(self._state(log), self._market, self._shelf, late).to_the_end()

    async def rehearse(self, log: RunLog) -> FlattenResult:
        """Dry run: every read and none of the writes; each action goes to ``log.step`` as ``would-...``."""
        return await rehearsal(self._state(log), self._shelf)

    def _state(self, log: RunLog) -> RunState:
        now = self._clock.monotonic()
        return RunState(trader=self._trader, clock=self._clock, log=log, began=now, purse=Purse(now))


class _Run:
    """One flatten while it runs."""

    def __init__(
        self, state: RunState, market: MarketReader, shelf: RulesShelf, late: Callable[[FlattenResult], None]
    ) -> None:
        self._state = state
        self._market = market
        self._shelf = shelf
        self._late = late
        self._is_late = False
        self._flat_after: float | None = None
        self._reader = Reader(state)
        self._acts: dict[str, set[Task]] = {}
        self._beside: set[Task] = set()
        self._idle = 0

    async def to_the_end(self) -> FlattenResult:
        """All of it; whatever ends it, nothing of it goes on afterwards."""
        state = self._state
        state.log.step("begin", "closing everything")
        try:
            self._start_beside(self._watch_time())
            self._start_beside(keep_rules(state, self._shelf))
            self._start_beside(keep_clock(state, self._market))
            self._resume()
            while not await self._round():
                pass
            return self._result(confirmed=True)
        finally:
            await ended({*self._beside, *(task for tasks in self._acts.values() for task in tasks)})

    def _start_beside(self, work: Coroutine[Any, Any, None]) -> None:
        self._beside.add(asyncio.ensure_future(work))

    def _resume(self) -> None:
        """Look up what an earlier life left unanswered; its symbols wait for that, the others do not."""
        for left in self._state.log.unanswered():
            self._state.log.step("resume", f"looking up {left.order.client_id}")
            self._act(left.order.symbol, settle_unknown(self._state, left.order))

    def _act(self, symbol: str, work: Coroutine[Any, Any, object]) -> Task:
        task: Task = asyncio.ensure_future(work)
        self._acts.setdefault(symbol, set()).add(task)
        return task

    def _busy(self) -> frozenset[str]:
        """Symbols that something still works on."""
        for symbol, tasks in list(self._acts.items()):
            for task in [task for task in tasks if task.done()]:
                tasks.discard(task)
                self._report(symbol, task)
            if not tasks:
                del self._acts[symbol]
        return frozenset(self._acts)

    def _report(self, symbol: str, task: Task) -> None:
        """An error of our own is told and ends nothing: the next round begins from a fresh reading."""
        error = task.exception()
        if error is not None:
            self._state.log.step("failed", f"{symbol}: {type(error).__name__}")

    async def _round(self) -> bool:
        """Read, plan, act; gives whether the account is flat and confirmed."""
        state, busy, before = self._state, self._busy(), self._reader.last
        reading = await self._reader.read()
        if reading.clean and not busy:
            return await self._confirmed()
        scene = Scene(reading=reading, memory=state.memory(), instruments=state.instruments, now=state.now(), busy=busy)
        self._explain(scene)
        begun = self._begin(plan(scene))
        await settled(state.clock, begun, SLICE)
        self._busy()
        changed = state.progress or reading.shape != before.shape
        state.progress = False
        self._idle = 0 if changed else self._idle + 1
        await self._pause(scene)
        return False

    def _begin(self, planned: Plan) -> list[Task]:
        before: Task | None = None
        begun: list[Task] = []
        for act in planned.acts:
            task = self._act(act.symbol, carry_out(self._state, act, after=before))
            begun.append(task)
            if planned.in_turn and act.pieces:
                before = task
        return begun

    def _explain(self, scene: Scene) -> None:
        """Say of a leg that no order can close why that is so."""
        for report in scene.reading.positions or ():
            key = report.position.key
            if unsendable(report, scene.instruments.get(key[0])):
                self._state.legs[key] = replace(self._state.legs.get(key, FRESH), why=LESS_THAN_A_STEP)

    async def _pause(self, scene: Scene) -> None:
        """Wait before the next round: not at all after progress, and else until something may have changed."""
        if self._idle == 0:
            return
        first, longest = (FIRST_LATE_PAUSE, LONGEST_LATE_PAUSE) if self._is_late else (FIRST_PAUSE, LONGEST_PAUSE)
        wait = min(first * 2 ** min(self._idle - 1, MOST_DOUBLINGS), longest)
        state = self._state
        wakes = wakes_at(
            Scene(reading=scene.reading, memory=state.memory(), instruments=scene.instruments, now=state.now())
        )
        if wakes is not None and not self._is_late:
            wait = min(wait, wakes - state.now())
        running = [task for tasks in self._acts.values() for task in tasks]
        timer: Task = asyncio.ensure_future(state.clock.sleep(max(wait, SHORTEST_WAIT)))
        try:
            await asyncio.wait({timer, *running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()

    async def _confirmed(self) -> bool:
        """After the first clean read-back: look again a little later, and meanwhile at the prices of what was done."""
        state = self._state
        self._flat_after = state.now() - state.began
        state.log.step("flat", f"nothing is left after {self._flat_after:.3f} s; looking again")
        prices: Task = asyncio.ensure_future(self._price())
        try:
            looks_from = state.now() + CONFIRM_AFTER
            while state.now() < looks_from or not self._reader.whole_is_affordable:
                await state.clock.sleep(CONFIRM_AFTER / 2)
                whole = state.now() >= looks_from and self._reader.whole_is_affordable
                if not whole and await self._reader.glance():
                    return self._not_flat()
            while True:
                reading = await self._reader.read(whole=True)
                if reading.clean:
                    break
                if reading.positions or reading.orders:
                    return self._not_flat()
                await self._pause_reading()
            await settled(state.clock, [prices], CONFIRM_AFTER)
        finally:
            await ended([prices])
        state.log.step("confirmed", "still nothing is left")
        return True

    def _not_flat(self) -> bool:
        """Something came after the first clean read-back: the loop begins anew."""
        self._state.log.step("not-flat", "something is there again")
        self._flat_after = None
        self._idle = 0
        return False

    async def _pause_reading(self) -> None:
        self._idle += 1
        await self._state.clock.sleep(min(FIRST_PAUSE * 2 ** min(self._idle, MOST_DOUBLINGS), LONGEST_PAUSE))

    async def _price(self) -> None:
        """Ask for what orders came to whose answers said no price, and for those that nobody could tell about."""
        state = self._state
        for order in list(state.lost):
            found = await ask(state, order)
            if isinstance(found, Placed):
                state.lost.remove(order)
                took(state, order, found)
        left = list(state.tally.unpriced())
        while left:
            batch, left = left[:PRICED_AT_ONCE], left[PRICED_AT_ONCE:]
            await asyncio.gather(*(self._price_one(symbol, client_id) for symbol, client_id in batch))

    async def _price_one(self, symbol: str, client_id: str) -> None:
        state = self._state
        await state.quiet()
        try:
            placed = await state.asked(state.trader.find(symbol, client_id))
        except ExchangeError as error:
            state.heard(error)
            return
        if placed is not None:
            state.tally.priced(client_id, placed)

    async def _watch_time(self) -> None:
        """Say once that it takes too long."""
        state = self._state
        await state.clock.sleep(LATE_AFTER)
        self._is_late = True
        while self._flat_after is not None:
            await state.clock.sleep(CONFIRM_AFTER)
        state.log.step("late", f"not flat after {LATE_AFTER:.0f} s; going on")
        self._late(self._result(confirmed=False))

    def _result(self, *, confirmed: bool) -> FlattenResult:
        state = self._state
        return state.tally.result(self._reader.last, state.legs, flat_after=self._flat_after, confirmed=confirmed)
