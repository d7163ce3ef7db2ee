"""The enforcer's way to the exchange for tests: over the real simulator, on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.clock import SystemClock
from plimsoll.config.exchanges import exchange_config
from plimsoll.config.model import Environment
from plimsoll.credentials import Credentials, simulator_trade_credentials
from plimsoll.model.account import ZERO, PositionReport
from plimsoll.model.terms import PositionSide
from plimsoll_enforcer.trading.gateway import Gateway
from plimsoll_enforcer.trading.rest import RestTrader
from simulator_client import SimulatorClient, simulator_client


@dataclass(kw_only=True)
class TraderMarket:
    """A simulated exchange and the trader of one of its accounts."""

    client: SimulatorClient
    gateway: Gateway
    trader: RestTrader

    async def sim(self, path: str, **fields: object) -> dict:
        """One command to the simulator."""
        reply = await self.client.control(path, **fields)
        assert reply.status == 200, reply.body
        assert isinstance(reply.body, dict)
        return reply.body

    async def report(self, symbol: str, side: PositionSide = PositionSide.BOTH) -> PositionReport | None:
        """One position; ``None`` where it is closed."""
        found = {report.position.key: report for report in await self.trader.positions()}
        return found.get((symbol, side))

    async def amount(self, symbol: str, side: PositionSide = PositionSide.BOTH) -> Decimal:
        """What a position holds, signed; 0 where it is closed."""
        report = await self.report(symbol, side)
        return ZERO if report is None else report.position.amount


@asynccontextmanager
async def trader_market(
    *, scenario: str = "november-stops", account: str = "live", credentials: Credentials | None = None
) -> AsyncIterator[TraderMarket]:
    """A simulator of its own and a trader; the incident's account holds four positions, three shorts and a long."""
    async with simulator_client(scenario, account) as client:
        keys = {account: credentials or simulator_trade_credentials(account)}
        exchange = exchange_config(environment=Environment.SIMULATOR, rest_url=client.simulator.url)
        gateway = Gateway(exchange, keys, clock=SystemClock())
        try:
            yield TraderMarket(client=client, gateway=gateway, trader=gateway.traders[account])
        finally:
            await gateway.close()
