"""A Binance on loopback for tests: checks keys, signatures and timestamps as the documentation says, plays faults.

Answers are the files of ``tests/payloads``. ``play`` puts faults before the next answers of a path, first in first out.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import unquote

from aiohttp import web

from manual_clock import ManualClock
from plimsoll.config.model import Environment, ExchangeConfig
from plimsoll.credentials import simulator_credentials
from plimsoll.exchange.client import Timeouts
from plimsoll.exchange.endpoints import ENDPOINTS
from plimsoll.exchange.port import SilentObserver
from plimsoll.exchange.rest import DEFAULT_TIMEOUTS, AccountReads, Exchange
from rest_checks import Verify, hmac_check
from rest_plays import Play, error

PAYLOADS = Path(__file__).parents[1] / "payloads"

SIGNED = {
    "/fapi/v3/account": "rest_account_single",
    "/fapi/v3/positionRisk": "rest_positions_one_way",
    "/fapi/v1/accountConfig": "rest_account_config",
    "/fapi/v1/symbolConfig": "rest_symbol_config",
    "/fapi/v1/leverageBracket": "rest_leverage_bracket",
    "/fapi/v1/openOrders": "rest_open_orders",
    "/fapi/v1/openAlgoOrders": "rest_open_algo_orders",
    "/fapi/v1/algoOrder": "rest_algo_order",
    "/fapi/v1/income": "rest_income",
    "/sapi/v1/account/apiRestrictions": "sapi_key_permissions",
}
WRITES = ("/fapi/v1/order", "/fapi/v1/allOpenOrders", "/fapi/v1/algoOpenOrders", "/fapi/v1/leverage")
"""Signed calls whose answers a test brings along in ``answers``; their parameters are in the body, or in the query."""
PUBLIC = {
    "/fapi/v1/exchangeInfo": "rest_exchange_info",
    "/fapi/v1/premiumIndex": "rest_premium_index",
    "/fapi/v1/assetIndex": "rest_asset_index",
}
LISTEN_KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"

QUICK = Timeouts(total=0.4, connect=0.2)
"""For tests of what happens when the time runs out."""


class QuickClock(ManualClock):
    """A clock whose sleepers do not wait: it moves on by what they ask for, and remembers it."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept.append(seconds)
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it arrived."""

    verb: str
    path: str
    query: str
    key: str | None
    agent: str
    body: str


@dataclass(kw_only=True)
class FakeRest:
    """The server.

    Attributes:
        keys: Known API keys and how their signatures are checked; take one out to revoke it.
        skew: Seconds by which its clock is ahead of the test's.
        headers: Sent with every good answer.
        seen: Every request that arrived.
        answers: Used instead of the files, by path.
        arrived: Set with the first request.
        check_time: Whether timestamps are checked.
        count: Whether it counts weights and tells them in the header.
        weights: What was counted, by minute of its clock.
    """

    clock: ManualClock
    keys: dict[str, Verify] = field(default_factory=dict)
    skew: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, object] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    check_time: bool = True
    count: bool = False
    weights: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    plays: dict[str, deque[Play]] = field(default_factory=lambda: defaultdict(deque))
    url: str = ""
    _runner: web.AppRunner | None = None

    def play(self, path: str, *plays: Play) -> None:
        """Play these, in turn, instead of the next answers of a path."""
        self.plays[path].extend(plays)

    def paths(self) -> list[str]:
        """What was asked, in order."""
        return [seen.path for seen in self.seen]

    def config(self, *, wallet: bool = True) -> ExchangeConfig:
        """A configuration that leads here."""
        return ExchangeConfig(
            environment=Environment.SIMULATOR,
            rest_url=self.url,
            wallet_url=self.url if wallet else None,
            market_stream_url="ws://127.0.0.1:9",
            private_stream_url="ws://127.0.0.1:9",
        )

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def now_ms(self) -> int:
        """The server's time."""
        return int((self.clock.now() + self.skew) * 1000)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.seen.append(
            Seen(
                verb=request.method,
                path=request.path,
                query=request.rel_url.raw_query_string,
                key=request.headers.get("X-MBX-APIKEY"),
                agent=request.headers.get("User-Agent", ""),
                body=body,
            )
        )
        self.arrived.set()
        if self.count:
            self._count(request)
        if self.plays[request.path]:
            return await self.plays[request.path].popleft()(request)
        return self._refusal(self.seen[-1]) or self._answer(request.path)

    def _count(self, request: web.Request) -> None:
        minute = self.now_ms() // 60_000
        endpoint = next(item for item in ENDPOINTS if (item.verb, item.path) == (request.method, request.path))
        self.weights[minute] += endpoint.cost(dict(request.query))
        self.headers["X-MBX-USED-WEIGHT-1M"] = str(self.weights[minute])

    def _refusal(self, seen: Seen) -> web.Response | None:
        signed = seen.path in SIGNED or seen.path in WRITES
        if (signed or seen.path.endswith("/listenKey")) and seen.key not in self.keys:
            return error(401, -2015, "Invalid API-key, IP, or permissions for action.")
        if not signed:
            return None
        payload, _, signature = (seen.body or seen.query).rpartition("&signature=")
        if not self.keys[seen.key or ""](payload.encode(), unquote(signature)):
            return error(400, -1022, "Signature for this request is not valid.")
        sent = dict(part.split("=") for part in payload.split("&"))
        if self.check_time and not -1000 < self.now_ms() - int(sent["timestamp"]) <= int(sent["recvWindow"]):
            return error(400, -1021, "Timestamp for this request is outside of the recvWindow.")
        return None

    def _answer(self, path: str) -> web.Response:
        if path in self.answers:
            return web.json_response(self.answers[path], headers=self.headers)
        if path == "/fapi/v1/time":
            return web.json_response({"serverTime": self.now_ms()}, headers=self.headers)
        if path == "/fapi/v1/listenKey":
            return web.json_response({"listenKey": LISTEN_KEY}, headers=self.headers)
        text = (PAYLOADS / f"{(SIGNED | PUBLIC)[path]}.json").read_text()
        return web.Response(text=text, content_type="application/json", headers=self.headers)


class Recorder(SilentObserver):
    """An observer that remembers what it was told."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None]] = []
        self.weights: list[tuple[int, int]] = []
        self.offsets: list[float] = []

    def request(self, endpoint: str, seconds: float, failure: str | None) -> None:
        """Remember the endpoint and how it went."""
        assert seconds >= 0
        self.requests.append((endpoint, failure))

    def weight(self, used: int, limit: int) -> None:
        """Remember the count and the limit."""
        self.weights.append((used, limit))

    def clock_offset(self, seconds: float) -> None:
        """Remember the offset."""
        self.offsets.append(seconds)


@dataclass(kw_only=True)
class Desk:
    """A server, an exchange adapter that talks to it, and what the adapter's observer was told."""

    server: FakeRest
    exchange: Exchange
    recorder: Recorder
    clock: QuickClock

    def account(self, name: str = "main") -> AccountReads:
        """Reads of an account with an HMAC key that the server knows from now on."""
        credentials = simulator_credentials(name)
        assert credentials.secret is not None
        self.server.keys[credentials.key.reveal()] = hmac_check(credentials.secret.reveal())
        return self.exchange.account(name, credentials)


@asynccontextmanager
async def open_desk(*, wallet: bool = True, timeouts: Timeouts = DEFAULT_TIMEOUTS) -> AsyncIterator[Desk]:
    """A server and an adapter, both closed at the end; repeats do not wait."""
    clock, recorder = QuickClock(), Recorder()
    async with FakeRest(clock=clock) as server:
        exchange = Exchange(server.config(wallet=wallet), clock=clock, observer=recorder, timeouts=timeouts)
        try:
            yield Desk(server=server, exchange=exchange, recorder=recorder, clock=clock)
        finally:
            await exchange.close()
