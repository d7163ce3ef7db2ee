"""A loopback stream server that misbehaves on demand, and the fakes that the stream tests share.

It accepts and stays silent, cuts, refuses, hangs before the handshake, never pongs, and answers SUBSCRIBE as told.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from aiohttp import web

from fair_loop import LoopClock
from plimsoll.clock import Clock
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.pacing import ConnectPacer, StreamTimings

FAST = StreamTimings(
    heartbeat=60.0,
    open_timeout=0.3,
    answer_timeout=0.2,
    close_timeout=0.1,
    control_interval=0.005,
    renewal=3600.0,
    renewal_spread=0.0,
    overlap=0.1,
    keep_alive=3600.0,
    listen_key_life=7200.0,
    market_silence=30.0,
    settled=0.0,
    backoff_start=0.01,
    backoff_limit=0.03,
    refused_limit=0.03,
)
"""The times of a stream, short enough for a test."""


def ok(message: dict) -> list[object]:
    """Answer as the exchange does."""
    return [{"result": None, "id": message["id"]}]


def refusal(message: dict) -> list[object]:
    """Answer with an error."""
    return [{"error": {"code": 2, "msg": "Invalid request"}, "id": message["id"]}]


def nothing(message: dict) -> list[object]:  # noqa: ARG001 - the signature of an answer
    """Give no answer."""
    return []


@dataclass
class Peer:
    """One accepted connection, seen from the server."""

    path: str
    socket: web.WebSocketResponse
    request: web.Request
    received: list[dict] = field(default_factory=list)

    async def send(self, *messages: object) -> None:
        """Send messages, strings as they are and the rest as JSON."""
        for message in messages:
            await self.socket.send_str(message if isinstance(message, str) else json.dumps(message))

    def cut(self) -> None:
        """Break the TCP connection without a word."""
        self.request.transport.abort()

    @property
    def streams(self) -> list[str]:
        """Everything that was subscribed, in order."""
        return [name for message in self.received if message["method"] == "SUBSCRIBE" for name in message["params"]]


@dataclass
class FakeStreamServer:
    """The server; a test sets the attributes to make it misbehave.

    Attributes:
        refuse: Status to refuse a handshake with, by path and query; ``None`` accepts.
        hang: Do not answer the handshake.
        pong: Whether pings are answered.
        answer: What to send back to a control message.
        greeting: Called with every new peer.
    """

    refuse: Callable[[str], int | None] = lambda path: None  # noqa: ARG005 - the signature of a choice
    hang: bool = False
    pong: bool = True
    answer: Callable[[dict], list[object]] = ok
    greeting: Callable[[Peer], Awaitable[None]] | None = None
    peers: list[Peer] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"ws://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for peer in self.peers:
            if peer.request.transport is not None:
                peer.cut()
        await self._runner.cleanup()

    @property
    def last(self) -> Peer:
        """The newest peer."""
        return self.peers[-1]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.attempts.append(request.path_qs)
        if self.hang:
            await asyncio.sleep(3600)
        status = self.refuse(request.path_qs)
        if status is not None:
            return web.Response(status=status)
        socket = web.WebSocketResponse(autoping=self.pong)
        await socket.prepare(request)
        peer = Peer(path=request.path_qs, socket=socket, request=request)
        self.peers.append(peer)
        if self.greeting is not None:
            await self.greeting(peer)
        await self._listen(peer)
        return socket

    async def _listen(self, peer: Peer) -> None:
        async for frame in peer.socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                message = json.loads(frame.data)
                peer.received.append(message)
                await peer.send(*self.answer(message))


class FakeListenKeys:
    """The part of an account reader that a stream uses; errors are raised in the order given."""

    def __init__(self) -> None:
        self.key = "key-1"
        self.opened = 0
        self.extended = 0
        self.open_errors: list[Exception] = []
        self.extend_errors: list[Exception] = []

    async def open_listen_key(self) -> str:
        """Give the key, or raise the next error."""
        self.opened += 1
        if self.open_errors:
            raise self.open_errors.pop(0)
        return self.key

    async def extend_listen_key(self) -> None:
        """Extend the key, or raise the next error."""
        self.extended += 1
        if self.extend_errors:
            raise self.extend_errors.pop(0)


@dataclass
class RecordingSink:
    """Takes what a stream delivers, account or market, in the order of arrival."""

    told: list[tuple[str, object]] = field(default_factory=list)
    raise_on: set[str] = field(default_factory=set)

    def _tell(self, what: str, content: object) -> None:
        self.told.append((what, content))
        if what in self.raise_on:
            self.raise_on.discard(what)
            raise KeyError("a fault in the sink")

    def stream_opened(self, form: str) -> None:
        """Record."""
        self._tell("opened", form)

    def stream_lost(self, reason: str) -> None:
        """Record."""
        self._tell("lost", reason)

    def stream_event(self, event: object) -> None:
        """Record."""
        self._tell("event", event)

    def market_event(self, event: object) -> None:
        """Record."""
        self._tell("event", event)

    def market_lost(self, reason: str) -> None:
        """Record."""
        self._tell("lost", reason)

    def all(self, what: str) -> list:
        """Everything of one kind."""
        return [content for kind, content in self.told if kind == what]


@dataclass
class RecordingObserver:
    """Takes what a stream tells of itself."""

    events: list[tuple[str, str, float]] = field(default_factory=list)
    reconnects: list[str] = field(default_factory=list)

    def stream_event(self, account: str, event: str, delay: float) -> None:
        """Record."""
        self.events.append((account, event, delay))

    def stream_reconnect(self, stream: str) -> None:
        """Record."""
        self.reconnects.append(stream)


class RunningStream:
    """Runs a stream in a task for the length of a ``with`` block, and sees that cancelling it leaves no task."""

    def __init__(self, stream: object) -> None:
        self._stream = stream
        self._task: asyncio.Task | None = None
        self._before: set[asyncio.Task] = set()

    async def __aenter__(self) -> Self:
        self._before = asyncio.all_tasks()
        self._task = asyncio.create_task(self._stream.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        assert self._task.cancelled(), "run() ends by cancellation only"
        ours = [task for task in asyncio.all_tasks() - self._before if "plimsoll" in repr(task.get_coro())]
        assert ours == [], "no task of ours is left"


async def eventually(condition: Callable[[], object], *, within: float = 60.0) -> None:
    """Wait until a condition holds; fail after a time that not even a very busy machine needs."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - the conditions are of many kinds, none of them an event
            await asyncio.sleep(0.002)


def stream_parts(session: aiohttp.ClientSession, observer: RecordingObserver, clock: Clock | None = None) -> dict:
    """The arguments that both streams share, on the loop's clock unless another is given."""
    clock = clock or LoopClock()
    return {
        "session": session,
        "clock": clock,
        "exchange_clock": ExchangeClock(clock),
        "observer": observer,
        "pacer": ConnectPacer(clock, burst=1000),
    }
