"""A flatten on the wire: the flattener over the real trader, against an account of the real simulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fast_clock import FastClock
from memory_log import MemoryLog
from patience import PATIENCE, until
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.run import Flattener
from plimsoll_simulator.account import Account
from trader_market import TraderMarket, trader_market

SPEED = 4.0
"""How much faster the flattener's own waits are; the wire is as fast as it is."""

ORDER = "POST /fapi/v1/order"


@dataclass(kw_only=True)
class FlattenStage:
    """One account to close.

    Attributes:
        account: The truth about it.
        log: The record of its run.
    """

    market: TraderMarket
    account: Account
    log: MemoryLog = field(default_factory=MemoryLog)

    def flattener(self) -> Flattener:
        """One that lives fast."""
        return Flattener(self.market.trader, self.market.gateway.market, FastClock(SPEED))

    async def flatten(self) -> FlattenResult:
        """A whole run."""
        async with asyncio.timeout(PATIENCE):
            return await self.flattener().flatten(self.log)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds.

        Raises:
            AssertionError: It did not within ``PATIENCE``.
        """
        await until(holds, lambda: self.log.steps[-20:])

    async def sim(self, path: str, **fields: object) -> dict:
        """One command to the simulator, about this account."""
        return await self.market.sim(path, account=self.account.name, **fields)

    async def fail(self, code: int, times: int = 1) -> None:
        """The next orders are refused with a code."""
        await self.market.sim("fail", endpoint=ORDER, code=code, times=times)

    def flat(self) -> bool:
        """Whether nothing is left, by the exchange's own books."""
        return not self.held() and not self.account.open_orders() and not self.account.open_algo_orders()

    def held(self) -> set[str]:
        """Symbols with a position."""
        return {position.symbol for position in self.account.positions.values() if position.amount}

    def codes(self) -> list[int | None]:
        """With which codes orders were refused, in order."""
        return [code for _, _, code in self.log.answers.values() if code is not None]


@asynccontextmanager
async def flatten_stage(*, account: str = "live") -> AsyncIterator[FlattenStage]:
    """The account of November with its positions and stops, or the empty one of October."""
    async with trader_market(account=account) as market:
        yield FlattenStage(market=market, account=market.client.simulator.world.accounts[account])
