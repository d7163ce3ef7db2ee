"""The simulated exchange without sockets: the product's own way of calling, and in the place of HTTP a function call.

Everything but aiohttp and the signature is real: budget, repeats, translation of answers and errors on one side; weight
and order limits, faults, the matching engine on the other. It lives in whatever time its loop has.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from plimsoll.clock import Clock
from plimsoll.config.model import Environment, ExchangeConfig
from plimsoll.errors import ExchangeError, OutcomeUnknown
from plimsoll.exchange.caller import Caller, Key, Line
from plimsoll.exchange.client import Timeouts
from plimsoll.exchange.endpoints import Endpoint, Parameters
from plimsoll.exchange.failures import Answer, of_answer
from plimsoll.exchange.payload.scalars import parse
from plimsoll.exchange.port import SilentObserver
from plimsoll.exchange.rest import MarketReads
from plimsoll_enforcer.trading.gateway import SHARES
from plimsoll_enforcer.trading.rate import OrderRate
from plimsoll_enforcer.trading.rest import RestTrader
from plimsoll_simulator.account import Account
from plimsoll_simulator.control.fields import Fields
from plimsoll_simulator.control.routes import ACTIONS
from plimsoll_simulator.digits import exact
from plimsoll_simulator.exchange import Exchange
from plimsoll_simulator.faults import RestFault
from plimsoll_simulator.rest.call import Call
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.streams.hub import encode
from plimsoll_simulator.trading.following import follow_time

ADDRESS = "192.0.2.1"
NOWHERE = ExchangeConfig(
    environment=Environment.SIMULATOR,
    rest_url="http://127.0.0.1:9",
    wallet_url="http://127.0.0.1:9",
    market_stream_url="ws://127.0.0.1:9",
    private_stream_url="ws://127.0.0.1:9",
)
NOT_SENT = frozenset({"version"})
"""Parameters that python-binance makes a path of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer: status, body, headers; a status of 0 is a connection that broke."""

    status: int
    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class WireClient:
    """What ``exchange.client.BinanceClient`` is to a caller."""

    exchange: Exchange
    account: Account
    clock: Clock

    async def ask(
        self,
        endpoint: Endpoint,
        parameters: Parameters,
        *,
        on_weight: Callable[[int], None],
        on_headers: Callable[[Mapping[str, str]], None] = lambda _: None,
    ) -> object:
        """Make one call.

        Raises:
            ExchangeError: No usable answer.
        """
        # What is on its way arrives, whether or not the one who sent it still lives.
        reply = await asyncio.shield(asyncio.ensure_future(self._exchange(endpoint, parameters)))
        used = reply.headers.get("X-MBX-USED-WEIGHT-1M", "")
        if used:
            on_weight(int(used))
        on_headers(reply.headers)
        if reply.status == 0:
            raise OutcomeUnknown(f"{endpoint}: the connection broke")
        if reply.status != 200:
            raise self._failure(endpoint, reply)
        return parse(reply.body.encode(), str(endpoint))

    def _failure(self, endpoint: Endpoint, reply: Reply) -> ExchangeError:
        answer = Answer(
            status=reply.status,
            body=reply.body,
            retry_after=reply.headers.get("Retry-After"),
            now_ms=self.exchange.world.time_ms(),
        )
        return of_answer(str(endpoint), answer)

    async def _exchange(self, endpoint: Endpoint, parameters: Parameters) -> Reply:
        faults = self.exchange.rest_faults
        await self.clock.sleep(faults.latency / 2)
        fault = faults.take(endpoint.verb, endpoint.path, self.account.name)
        with exact():
            reply = self._served(endpoint, parameters, fault)
        await self.clock.sleep(faults.latency / 2 + (fault.delay if fault else 0.0))
        return reply

    def _served(self, endpoint: Endpoint, parameters: Parameters, fault: RestFault | None) -> Reply:
        headers: dict[str, str] = {}
        try:
            headers["X-MBX-USED-WEIGHT-1M"] = str(
                self.exchange.limits.charge(ADDRESS, "fapi", endpoint.cost(parameters))
            )
            broken = fault is not None and (fault.reset or fault.status is not None)
            if fault is None or fault.executed or not broken:
                answer = self._carried_out(endpoint, parameters, headers)
            if fault is not None and broken:
                return Reply(status=0 if fault.reset else fault.status or 0, body=fault.body, headers=headers)
            return Reply(status=200, body=encode(answer), headers=headers)
        except Refused as refused:
            return Reply(status=refused.status, body=json.dumps(refused.body()), headers={**headers, **refused.headers})

    def _carried_out(self, endpoint: Endpoint, parameters: Parameters, headers: dict[str, str]) -> object:
        world = self.exchange.world
        row = self.exchange.endpoints[endpoint.verb, endpoint.path]
        follow_time(world)
        if any(row.orders):
            headers.update(self.exchange.order_limits.charge(self.account.name, row.orders))
        sent = {**endpoint.fixed, **parameters}
        params = {name: str(value) for name, value in sent.items() if name not in NOT_SENT}
        permissions = self.account.trade_permissions
        call = Call(world=world, params=params, caller=self.account, permissions=permissions, trading=True)
        return row.handler(call)


@dataclass(frozen=True, kw_only=True, slots=True)
class WireKey:
    """What ``exchange.caller.Key`` is to a caller."""

    wire: WireClient

    def client(self) -> WireClient:
        """The client."""
        return self.wire


@dataclass(frozen=True, kw_only=True, slots=True)
class Wire:
    """An account's trader and the market, over the wire that is none."""

    trader: RestTrader
    market: MarketReads


def connect(exchange: Exchange, account: Account, clock: Clock) -> Wire:
    """The enforcer's way to an account, as ``trading.gateway`` makes it."""
    exchange.limits.clock = clock
    line = Line(NOWHERE, clock=clock, observer=SilentObserver(), timeouts=Timeouts(), shares=SHARES)
    key = cast("Key", WireKey(wire=WireClient(exchange=exchange, account=account, clock=clock)))
    caller = Caller(line=line, key=key, account=account.name)
    rate = OrderRate(clock=clock, exchange_clock=line.exchange_clock)
    market = MarketReads(caller=Caller(line=line, key=key, account=""))
    return Wire(trader=RestTrader(caller=caller, rate=rate), market=market)


def sim(exchange: Exchange, path: str, **fields: object) -> object:
    """One command of the control API."""
    with exact():
        return ACTIONS["POST", f"/sim/{path}"](exchange, Fields.parse(exchange.world, json.dumps(fields)))
