"""One connection to a stream, and the only module that knows aiohttp's web sockets.

A ``Socket`` gives JSON messages as they come and raises ``SocketLost`` once, with a reason fit for people; there is
no queue of ours between the wire and the reader. URLs and messages are never logged: both may hold the listen key.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence

import aiohttp

from plimsoll.clock import Clock
from plimsoll.errors import Malformed, PlimsollError
from plimsoll.exchange.pacing import Pacer, StreamTimings
from plimsoll.exchange.payload.scalars import parse

MAX_MESSAGE = 4 * 2**20
"""Bytes; the largest real message (all mark prices at once) is far below a megabyte."""

MAX_KINDS = 100
"""Kinds of oddities that are logged at all: a server that makes up names must not fill log and memory."""

_UNRELATED_REFUSALS = (401, 403, 407, 418, 429)
"""Refusals of the handshake that speak of the address or the load, not of the URL."""

_log = logging.getLogger(__name__)


class SocketLost(PlimsollError):
    """The connection is gone, could not be opened or can no longer be believed.

    Attributes:
        form_failed: The server refuses this way of opening the stream; another may do.
        prompt: Reopening at once is right: the connection itself was good.
        pause_limit: Longest pause before the next attempt, where it differs from the usual.
        pause_at_least: Seconds that must pass before the next attempt.
    """

    def __init__(
        self,
        reason: str,
        *,
        form_failed: bool = False,
        prompt: bool = False,
        pause_limit: float | None = None,
        pause_at_least: float = 0.0,
    ) -> None:
        super().__init__(reason)
        self.form_failed = form_failed
        self.prompt = prompt
        self.pause_limit = pause_limit
        self.pause_at_least = pause_at_least


class RequestRefused(PlimsollError):
    """The server answered a control message with an error."""


class Remarks:
    """Says every kind of oddity once, however often it comes; ``stream`` names the connection in the log."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._said: set[str] = set()

    def once(self, kind: str, detail: str = "") -> None:
        """Log this kind of oddity, with a detail of the first case, unless it was logged before."""
        if kind in self._said or len(self._said) >= MAX_KINDS:
            return
        self._said.add(kind)
        shown = f" ({detail})" if detail else ""
        _log.warning("stream %s: %s%s; further ones of this kind are not logged", self._stream, kind, shown)


class Socket:
    """One open connection; made by ``open_socket``."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, *, clock: Clock, timings: StreamTimings, remarks: Remarks
    ) -> None:
        self._socket = socket
        self._clock = clock
        self._timings = timings
        self._remarks = remarks
        self._pacer = Pacer(clock, burst=1, interval=timings.control_interval)
        self._answers: dict[int, asyncio.Future[None]] = {}
        self._last_id = 0
        self._opened = clock.monotonic()

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._clock.monotonic() - self._opened

    async def receive(self) -> dict[str, object] | list[object]:
        """The next message that is neither an answer to ours nor rubbish.

        Raises:
            SocketLost: The connection ended; open requests fail with it.
        """
        while True:
            frame = await self._socket.receive()
            if frame.type is aiohttp.WSMsgType.BINARY:
                self._remarks.once("binary frame")
                continue
            if frame.type is not aiohttp.WSMsgType.TEXT:
                raise self._ended(frame)
            message = self._parse(frame.data)
            if isinstance(message, list) or (isinstance(message, dict) and not self._is_control(message)):
                return message

    async def request(self, method: str, params: Sequence[str]) -> None:
        """Send a control message, at the pace the exchange allows, and wait for its answer.

        Raises:
            RequestRefused: The answer is an error.
            TimeoutError: No answer came in time.
            SocketLost: The connection ended meanwhile.
        """
        await self._pacer.turn()
        self._last_id = number = self._last_id + 1
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        body = {"method": method, "params": list(params), "id": number}
        try:
            async with asyncio.timeout(self._timings.answer_timeout):
                await self._send(json.dumps(body, ensure_ascii=False))
                await answer
        finally:
            del self._answers[number]

    async def close(self) -> None:
        """Close politely, at most for the configured time; never raises."""
        await self._socket.close()

    async def _send(self, text: str) -> None:
        try:
            await self._socket.send_str(text)
        except (aiohttp.ClientError, OSError) as error:
            raise SocketLost(f"cannot send: {type(error).__name__}") from None

    def _parse(self, text: str) -> object:
        """The JSON of a text frame; ``None`` for one that is none."""
        try:
            message = parse(text, "stream")
        except Malformed:
            self._remarks.once("text that is not JSON")
            return None
        if not isinstance(message, (dict, list)):
            self._remarks.once("JSON that is no object")
        return message

    def _ended(self, frame: aiohttp.WSMessage) -> SocketLost:
        """The connection's end, which open requests are told too."""
        lost = SocketLost(_ending(self._socket, frame))
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(lost)
        return lost

    def _is_control(self, message: Mapping[str, object]) -> bool:
        """Whether this is an answer to a request of ours, or an error frame; the request is told."""
        if "result" not in message and "error" not in message:
            return False
        number = message.get("id")
        answer = self._answers.get(number) if isinstance(number, int) else None
        if answer is None or answer.done():
            self._remarks.once("error frame" if "error" in message else "answer to no question")
        elif "error" in message:
            answer.set_exception(RequestRefused(f"refused: {_error_text(message['error'])}"))
        else:
            answer.set_result(None)
        return True


async def open_socket(
    session: aiohttp.ClientSession, url: str, *, clock: Clock, timings: StreamTimings, remarks: Remarks
) -> Socket:
    """Connect and shake hands; that proves nothing yet about data to come.

    Raises:
        SocketLost: No connection, or the handshake was refused or did not end in time.
    """
    try:
        async with asyncio.timeout(timings.open_timeout):
            socket = await session.ws_connect(
                url,
                heartbeat=timings.heartbeat,
                autoping=True,
                max_msg_size=MAX_MESSAGE,
                timeout=aiohttp.ClientWSTimeout(ws_close=timings.close_timeout),
            )
    except TimeoutError:
        raise SocketLost("no connection in time") from None
    except aiohttp.WSServerHandshakeError as error:
        bad_form = 400 <= error.status < 500 and error.status not in _UNRELATED_REFUSALS  # noqa: PLR2004 - HTTP's own
        raise SocketLost(f"handshake refused with status {error.status}", form_failed=bad_form) from None
    except (aiohttp.ClientError, OSError) as error:
        raise SocketLost(f"cannot connect: {type(error).__name__}") from None
    return Socket(socket, clock=clock, timings=timings, remarks=remarks)


def _ending(socket: aiohttp.ClientWebSocketResponse, frame: aiohttp.WSMessage) -> str:
    """Why the connection ended, in words."""
    error = socket.exception() or (frame.data if isinstance(frame.data, BaseException) else None)
    if isinstance(error, aiohttp.ServerTimeoutError):
        return "no pong: the connection is dead"
    if isinstance(error, aiohttp.WebSocketError):
        big = error.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        return f"message larger than {MAX_MESSAGE // 2**20} MiB" if big else "frame against the protocol"
    if error is not None:
        return f"connection broken: {type(error).__name__}"
    return f"closed by the server with code {socket.close_code}"


def _error_text(error: object) -> str:
    """Code and message of an error answer, shortened; never the params, which may hold the listen key."""
    code = error.get("code") if isinstance(error, dict) else None
    return f"error code {code}" if isinstance(code, int) else "error without a code"
