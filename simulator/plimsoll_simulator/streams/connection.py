"""The life of one stream connection: handshake, frames both ways, pings, the day's end, and being cut off."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import WSMessage, WSMsgType, web

from plimsoll_simulator.streams.hub import Hub, Subscriber
from plimsoll_simulator.streams.requests import answer

_POLICY_VIOLATION = 1008
_GOING_AWAY = 1001


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionRules:
    """The exchange's rules for a connection, times in seconds; tests make them shorter."""

    ping_every: float = 180.0
    pong_within: float = 600.0
    life: float = 86400.0
    frames_per_second: int = 10


class Connection:
    """One open WebSocket and its subscriber."""

    def __init__(self, socket: web.WebSocketResponse, subscriber: Subscriber, rules: ConnectionRules) -> None:
        """Take over a socket whose handshake is done."""
        self._socket = socket
        self._subscriber = subscriber
        self._rules = rules
        self._frames: deque[float] = deque(maxlen=rules.frames_per_second + 1)
        self._ponged = asyncio.get_running_loop().time()

    async def run(self) -> bool:
        """Serve until the connection ends; tells whether it is to be broken off without a close frame."""
        ends = {asyncio.create_task(each) for each in (self._read(), self._write(), self._ping(), self._expire())}
        cut = asyncio.create_task(self._subscriber.cut.wait())
        await asyncio.wait({*ends, cut}, return_when=asyncio.FIRST_COMPLETED)
        broken = cut.done()
        for task in (*ends, cut):
            task.cancel()
        await asyncio.gather(*ends, cut, return_exceptions=True)
        return broken

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(ConnectionError):
            while True:
                due, text = await self._subscriber.queue.get()
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                await self._socket.send_str(text)

    async def _read(self) -> None:
        while True:
            frame = await self._socket.receive()
            if frame.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}:
                return
            if self._too_fast():
                await self._socket.close(code=_POLICY_VIOLATION, message=b"Too many requests")
                return
            await self._handle(frame)

    def _too_fast(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._frames.append(now)
        return len(self._frames) > self._rules.frames_per_second and now - self._frames[0] < 1

    async def _handle(self, frame: WSMessage) -> None:
        if frame.type is WSMsgType.PING:
            await self._socket.pong(frame.data)
        elif frame.type is WSMsgType.PONG:
            # An unsolicited pong is empty; it does not answer a ping.
            self._ponged = asyncio.get_running_loop().time() if frame.data else self._ponged
        elif frame.type is WSMsgType.TEXT:
            self._subscriber.offer(answer(self._subscriber, frame.data))

    async def _ping(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(self._rules.ping_every)
                if loop.time() - self._ponged > self._rules.pong_within:
                    return
                await self._socket.ping(str(int(loop.time() * 1000)).encode())

    async def _expire(self) -> None:
        await asyncio.sleep(self._rules.life)
        await self._socket.close(code=_GOING_AWAY, message=b"24 hours")


async def serve_stream(
    request: web.Request, subscriber: Subscriber, hub: Hub, rules: ConnectionRules
) -> web.StreamResponse:
    """Shake hands and serve a connection to its end."""
    socket = web.WebSocketResponse(autoping=False, compress=False, timeout=1.0)
    await socket.prepare(request)
    hub.join(subscriber)
    try:
        broken = await Connection(socket, subscriber, rules).run()
    finally:
        hub.leave(subscriber)
    if broken and request.transport is not None:
        request.transport.abort()
    else:
        await socket.close()
    return socket
