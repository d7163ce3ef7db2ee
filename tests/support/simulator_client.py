"""A small client of the simulator for its own tests: it signs like any client and shares no code with the server."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from yarl import URL

from plimsoll.clock import Clock
from plimsoll_simulator.server import Simulator, running_simulator
from plimsoll_simulator.streams.connection import ConnectionRules


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: HTTP status, decoded body (or its text), headers."""

    status: int
    body: object
    headers: Mapping[str, str]


class SimulatorClient:
    """Calls one running simulator as one of its accounts."""

    def __init__(self, simulator: Simulator, session: ClientSession, account: str = "live") -> None:
        """Call as ``account``."""
        self.simulator = simulator
        self._session = session
        self.account = account

    def key(self, *, trading: bool = False) -> dict[str, str]:
        """The header that names the account, by its reading or its trading key."""
        return {"X-MBX-APIKEY": f"simulator-trade-key-{self.account}" if trading else f"simulator-key-{self.account}"}

    def sign(self, payload: str, *, trading: bool = False) -> str:
        """The signature of a payload."""
        secret = f"simulator-trade-secret-{self.account}" if trading else f"simulator-secret-{self.account}"
        return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()

    async def call(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = "") -> Reply:
        """Send a request as it stands."""
        async with self._session.request(
            method, URL(f"{self.simulator.url}{path}", encoded=True), headers=dict(headers or {}), data=body or None
        ) as answer:
            text = await answer.text()
            content = json.loads(text) if text and answer.content_type == "application/json" else text
            return Reply(status=answer.status, body=content, headers=answer.headers)

    async def get(self, path: str, **params: object) -> Reply:
        """A signed read; it is sent at the exchange's own time."""
        query = urlencode({**params, "timestamp": self.simulator.world.time_ms()})
        return await self.call("GET", f"{path}?{query}&signature={self.sign(query)}", self.key())

    async def control(self, path: str, method: str = "POST", **fields: object) -> Reply:
        """A control call."""
        return await self.call(method, f"/sim/{path}", {"Content-Type": "application/json"}, json.dumps(fields))

    async def listen_key(self, method: str = "POST") -> Reply:
        """A listen key call."""
        return await self.call(method, "/fapi/v1/listenKey", self.key())

    async def open_key(self) -> str:
        """The account's listen key."""
        reply = await self.listen_key()
        assert isinstance(reply.body, dict)
        return str(reply.body["listenKey"])

    def stream(self, path: str) -> AbstractAsyncContextManager[ClientWebSocketResponse]:
        """A stream, as an asynchronous context."""
        return self._session.ws_connect(f"{self.simulator.stream_url}{path}", autoping=False)


@asynccontextmanager
async def simulator_client(
    scenario: str = "november-stops",
    account: str = "live",
    *,
    interval: float = 0.02,
    clock: Clock | None = None,
    rules: ConnectionRules | None = None,
) -> AsyncIterator[SimulatorClient]:
    """A simulator of its own with a client; prices are pushed often, so that no test waits for a second."""
    async with (
        running_simulator(scenario=scenario, interval=interval, clock=clock, rules=rules) as simulator,
        ClientSession() as session,
    ):
        yield SimulatorClient(simulator, session, account)


async def next_message(socket: ClientWebSocketResponse, within: float = 60.0) -> dict:
    """The next JSON message of a stream."""
    frame = await socket.receive(timeout=within)
    assert frame.type is WSMsgType.TEXT, frame
    return json.loads(frame.data)


async def next_event(socket: ClientWebSocketResponse, kind: str) -> dict:
    """The next message of an event type, wrapped or not; others are passed over."""
    while True:
        message = await next_message(socket)
        content = message.get("data", message)
        if isinstance(content, dict) and content.get("e") == kind:
            return content


async def is_silent(socket: ClientWebSocketResponse, seconds: float = 0.15) -> bool:
    """Whether nothing arrives for a while."""
    try:
        await socket.receive(timeout=seconds)
    except TimeoutError:
        return True
    return False
