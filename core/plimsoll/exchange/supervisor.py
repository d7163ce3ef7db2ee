"""Keeps one stream open for ever: opens, reads, notices every loss, opens again, and renews before the 24 h are over.

What a stream is about (URL, subscriptions, meaning of the messages) is told by its ``Errand``; what connections are is
told by ``socket``. Messages go from the wire to the errand in one synchronous step.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from plimsoll.clock import Clock
from plimsoll.exchange.messages import Message, Recent, event_name
from plimsoll.exchange.pacing import Backoff, StreamTimings
from plimsoll.exchange.socket import RequestRefused, Socket, SocketLost

_log = logging.getLogger(__name__)


@dataclass(kw_only=True, eq=False)
class Line:
    """One open connection while it is in use.

    Attributes:
        streams: What was subscribed by message and confirmed; kept by the errand.
        in_service: Its loss is the stream's loss; not yet while it is being prepared, no more while it is replaced.
        heard: Set by the first message, or by the end where none came.
        renew: Set when a fresh connection should take its place.
        ended: How it ended while it was not in service.
    """

    socket: Socket
    streams: set[str] = field(default_factory=set)
    in_service: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    renew: asyncio.Event = field(default_factory=asyncio.Event)
    ended: SocketLost | None = None


class Errand(Protocol):
    """What a supervisor needs to know of the stream it keeps."""

    async def connect(self, *, renewal: bool) -> Socket:
        """Give an open socket.

        Raises:
            SocketLost: Not now.
        """

    async def prepare(self, line: Line) -> None:
        """Subscribe and wait until that is confirmed; the line is being read meanwhile.

        Raises:
            SocketLost: The server does not confirm.
        """

    def opened(self) -> None:
        """The stream is open; called once after each loss, before or with the first message."""

    def lost(self, reason: str, *, form_failed: bool) -> None:
        """The stream is lost, or could not be opened."""

    def deliver(self, message: Message) -> None:
        """Take one message.

        Raises:
            SocketLost: It says that the stream is at its end.
        """

    async def tend(self, supervisor: Supervisor) -> NoReturn:
        """Do what an open stream needs until it is cancelled.

        Raises:
            SocketLost: The stream cannot be believed any more.
        """


class Supervisor:
    """Runs one stream; ``name`` is for the log.

    Attributes:
        line: The connection in service; ``None`` while the stream is not open.
    """

    def __init__(self, errand: Errand, *, name: str, clock: Clock, timings: StreamTimings) -> None:
        self.line: Line | None = None
        self._lines: list[Line] = []
        self._errand = errand
        self._name = name
        self._clock = clock
        self._timings = timings
        self._backoff = Backoff(timings.backoff_start)
        self._doubt: asyncio.Future[None] | None = None
        self._recent = Recent()
        self._since = clock.monotonic()

    @property
    def connected(self) -> bool:
        """Whether the stream is open and subscribed."""
        return self.line is not None

    async def run(self) -> NoReturn:
        """Keep the stream open until cancelled; nothing else ends it."""
        while True:
            try:
                loss = await self._life()
                self._leave_service()
                _log.warning("stream %s lost: %s", self._name, loss)
                self._tell_loss(loss)
            finally:
                self._leave_service()
                await self._close_lines()
            await self._clock.sleep(self._pause(loss))

    def distrust(self, reason: str) -> bool:
        """Reopen an open stream because of ``reason``; gives whether there was one to reopen."""
        if self._doubt is None or self._doubt.done() or not self.connected:
            return False
        self._doubt.set_exception(SocketLost(reason, prompt=True))
        return True

    async def _life(self) -> SocketLost:
        """Open and serve until the stream is lost; gives the reason."""
        self._recent = Recent()
        self._doubt = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_watch(self._doubt))
                line = await self._open(group, renewal=False)
                group.create_task(self._errand.tend(self))
                while True:
                    await self._renewal_due(group, line)
                    line = await self._renewed(group, line)
        except ExceptionGroup as group:
            _insist_on_cancellation()
            return _cause(group)
        except asyncio.CancelledError:
            _insist_on_cancellation()
            return SocketLost("cancelled by nobody")  # a timeout that met its own success can leave one behind
        raise AssertionError("a life ends by a loss or by cancellation only")

    def _leave_service(self) -> None:
        """The stream is open no more; a life that was long enough starts the pauses anew."""
        if self.line is not None and self._clock.monotonic() - self._since >= self._timings.settled:
            self._backoff.reset()
        self.line = None

    async def _close_lines(self) -> None:
        lines, self._lines = self._lines, []
        await asyncio.gather(*(line.socket.close() for line in lines))

    def _tell_loss(self, loss: SocketLost) -> None:
        try:
            self._errand.lost(str(loss), form_failed=loss.form_failed)
        except Exception:  # noqa: BLE001 - the stream must go on, whatever the sink does
            _log.exception("stream %s: fault of ours while reporting a loss", self._name)

    def _pause(self, loss: SocketLost) -> float:
        """Seconds to wait before the next attempt; none after a good connection that asks for a new one."""
        first = self._backoff.attempts == 0
        pause = self._backoff.pause(loss.pause_limit or self._timings.backoff_limit)
        return 0.0 if loss.prompt and first else max(pause, loss.pause_at_least)

    async def _open(self, group: asyncio.TaskGroup, *, renewal: bool) -> Line:
        """Open a connection, have it read and prepared, and put it in service.

        Raises:
            SocketLost: It did not come to that; nothing of it is left.
        """
        line = Line(socket=await self._errand.connect(renewal=renewal))
        self._lines.append(line)  # is closed at the end of this life, if not before
        reader = group.create_task(self._read(line))
        try:
            await self._prepare(line)
        except SocketLost:
            reader.cancel()
            await self._discard(line)
            raise
        self._serve(line)
        return line

    async def _discard(self, line: Line) -> None:
        self._lines.remove(line)
        await line.socket.close()

    async def _prepare(self, line: Line) -> None:
        try:
            await self._errand.prepare(line)
        except RequestRefused as error:
            raise SocketLost(f"subscription {error}", form_failed=True) from None
        except TimeoutError:
            raise SocketLost("no answer to the subscription", form_failed=True) from None
        if line.ended is not None:
            raise line.ended

    def _serve(self, line: Line) -> None:
        """Put a line in service; the first of a life opens the stream."""
        line.in_service = True
        first, self.line = self.line is None, line
        if first:
            self._since = self._clock.monotonic()
            _log.info("stream %s open", self._name)
            self._errand.opened()

    async def _read(self, line: Line) -> None:
        """Hand every message on as it comes, until the line is lost."""
        while (message := await self._receive(line)) is not None:
            self._take(line, message)

    async def _receive(self, line: Line) -> Message | None:
        """The next message; ``None`` at the end of a line that is not in service, which is nobody's loss."""
        try:
            return await line.socket.receive()
        except SocketLost as loss:
            if line.in_service:
                raise
            line.ended = loss
            line.heard.set()  # nobody waits for a word of the dead
            return None

    def _take(self, line: Line, message: Message) -> None:
        line.heard.set()
        if event_name(message) == "serverShutdown":
            line.renew.set()
            return
        if self.line is None:  # an event before the answer to SUBSCRIBE: the subscription works
            self._serve(line)
        if self._recent.is_new(message):
            self._errand.deliver(message)

    async def _renewal_due(self, group: asyncio.TaskGroup, line: Line) -> None:
        """Wait until the line is old or its server is about to stop, but give every connection some life."""
        timer = group.create_task(self._renew_when_old(line))
        await line.renew.wait()
        timer.cancel()
        await self._clock.sleep(self._timings.settled - line.socket.age)

    async def _renew_when_old(self, line: Line) -> None:
        scatter = random.random() * self._timings.renewal_spread  # noqa: S311 - no secret, only scatter
        await self._clock.sleep(self._timings.renewal - scatter - line.socket.age)
        line.renew.set()

    async def _renewed(self, group: asyncio.TaskGroup, old: Line) -> Line:
        """Replace the line without a gap; as long as that fails, the old one stays in service."""
        backoff = Backoff(self._timings.backoff_start)
        while True:
            try:
                fresh = await self._open(group, renewal=True)
                break
            except SocketLost as loss:
                if loss.prompt:
                    raise
                _log.warning("stream %s: renewal failed, the old connection stays: %s", self._name, loss)
                await self._clock.sleep(max(backoff.pause(self._timings.refused_limit), loss.pause_at_least))
        old.in_service = False
        await self._clock.sleep(self._timings.overlap)
        await self._discard(old)
        _log.info("stream %s renewed", self._name)
        return fresh


async def _watch(doubt: asyncio.Future[None]) -> None:
    """Raise the doubt as soon as there is one."""
    await doubt


def _cause(group: BaseExceptionGroup) -> SocketLost:
    """What ended a life: a loss, or a fault of ours, which is logged with its place and treated as one."""
    faults = [error for error in _leaves(group) if not isinstance(error, SocketLost)]
    for fault in faults:
        _log.error("fault of ours in a stream, which is opened again", exc_info=fault)
    if faults:
        return SocketLost(f"fault of ours: {type(faults[0]).__name__}")
    return next(error for error in _leaves(group) if isinstance(error, SocketLost))


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for part in error.exceptions for leaf in _leaves(part)]
    return [error]


def _insist_on_cancellation() -> None:
    """Cancel anew where a cancellation from outside met a loss: the task group reports the loss alone then."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
