"""A weight budget on a manual clock, with a record of who was let go, for the budget's tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fake_rest_server import Recorder
from manual_clock import ManualClock, settle
from plimsoll.errors import Throttled, Unavailable
from plimsoll.exchange.budget import SHARES, Shares, WeightBudget
from plimsoll.exchange.clock import ExchangeClock

MID_MINUTE = 1_795_164_030.0
URGENT_WEIGHT = 1440
ROUTINE_WEIGHT = 1200


class Bench:
    """A budget, its clock, and the order in which requests were let go."""

    def __init__(self, *, now: float = MID_MINUTE, shares: Shares = SHARES) -> None:
        self.clock = ManualClock(now=now)
        self.exchange_clock = ExchangeClock(self.clock)
        self.recorder = Recorder()
        self.budget = WeightBudget(
            clock=self.clock, exchange_clock=self.exchange_clock, observer=self.recorder, shares=shares
        )
        self.granted: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(
        self, weight: int, account: str = "a", *, urgent: bool = True, reported: int | None = None
    ) -> asyncio.Task[None]:
        """Ask for a request that is answered at once, and let everything run."""
        task = asyncio.create_task(self._request(weight, account, urgent=urgent, reported=reported))
        self.tasks.append(task)
        await settle()
        return task

    async def hold(
        self, weight: int, account: str = "a", *, urgent: bool = True
    ) -> tuple[asyncio.Task[None], asyncio.Event]:
        """Ask for a request that stays on its way until the event is set."""
        answered = asyncio.Event()
        task = asyncio.create_task(self._request(weight, account, urgent=urgent, answered=answered))
        await settle()
        return task, answered

    async def _request(
        self,
        weight: int,
        account: str,
        *,
        urgent: bool,
        reported: int | None = None,
        answered: asyncio.Event | None = None,
    ) -> None:
        async with self.budget.spend(weight, account=account, urgent=urgent) as ticket:
            self.granted.append(account)
            if answered is not None:
                await answered.wait()
            if reported is not None:
                ticket.report(reported)


@asynccontextmanager
async def open_bench(shares: Shares = SHARES) -> AsyncIterator[Bench]:
    """A bench in the middle of a minute, closed at the end."""
    bench = Bench(shares=shares)
    yield bench
    bench.budget.close()
    for task in bench.tasks:
        with suppress(Unavailable, Throttled, asyncio.CancelledError):
            await task
    await settle()


async def fill(bench: Bench) -> None:
    """Use the whole minute."""
    await bench.ask(URGENT_WEIGHT, "filler")
    bench.granted.clear()
