"""How often and how long: the times of the streams, the pace of new connections and the pauses between attempts.

Everything here is arithmetic on the clock that is passed in; no socket is known.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from plimsoll.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamTimings:
    """The times of a stream, all in seconds; the defaults are those of production.

    Attributes:
        heartbeat: Silence after which we ping; without a pong within half of it the connection is dead (30 s in all).
        open_timeout: For the whole handshake.
        answer_timeout: For the answer to a control message such as ``SUBSCRIBE``.
        close_timeout: For the server's part of closing.
        control_interval: Least distance of two control messages; the exchange allows 10 a second, we use 5.
        renewal: Age at which a connection is replaced; the exchange ends it at 24 h.
        renewal_spread: Part before ``renewal`` over which renewals are scattered.
        overlap: How long the old connection is still read beside the new one.
        keep_alive: Between two extensions of the listen key.
        listen_key_life: A key that was not extended for so long is taken to be dead; the exchange says 60 min.
        market_silence: Market data quiet for so long means a dead connection; the canary speaks every second.
        settled: A connection that lived so long was a good one: the pauses start anew.
        backoff_start: First pause after a loss.
        backoff_limit: Longest pause after a loss.
        refused_limit: Longest pause while the listen key is refused.
    """

    heartbeat: float = 20.0
    open_timeout: float = 10.0
    answer_timeout: float = 5.0
    close_timeout: float = 0.5
    control_interval: float = 0.2
    renewal: float = 23 * 3600.0
    renewal_spread: float = 3600.0
    overlap: float = 5.0
    keep_alive: float = 25 * 60.0
    listen_key_life: float = 55 * 60.0
    market_silence: float = 5.0
    settled: float = 30.0
    backoff_start: float = 0.2
    backoff_limit: float = 30.0
    refused_limit: float = 60.0


class Pacer:
    """Lets ``burst`` turns through at once and then one an ``interval``; safe for many tasks of one event loop."""

    def __init__(self, clock: Clock, *, burst: int, interval: float) -> None:
        self._clock = clock
        self._head_start = (burst - 1) * interval
        self._interval = interval
        self._next = clock.monotonic() - self._head_start

    async def turn(self) -> None:
        """Wait for one's turn; turns are given in the order of asking."""
        now = self._clock.monotonic()
        mine = max(self._next, now - self._head_start)
        self._next = mine + self._interval
        if mine > now:
            await self._clock.sleep(mine - now)


class ConnectPacer(Pacer):
    """The pace of new connections of the whole process: one object, shared by all streams.

    The exchange documents no limit for futures streams; 20 at once and then one a second stays below what it allows
    elsewhere (300 in 5 minutes).
    """

    def __init__(self, clock: Clock, *, burst: int = 20, interval: float = 1.0) -> None:
        super().__init__(clock, burst=burst, interval=interval)


class Backoff:
    """Pauses that double from ``start`` to a limit, each shortened by chance so that many streams do not march in step.

    Args:
        start: First pause in seconds.
        chance: Gives a number from 0 to 1; a pause lies between half and all of its nominal length.
    """

    def __init__(self, start: float, *, chance: Callable[[], float] = random.random) -> None:
        self._start = start
        self._chance = chance
        self._attempts = 0

    @property
    def attempts(self) -> int:
        """Pauses given since the last reset."""
        return self._attempts

    def reset(self) -> None:
        """Start anew: the last attempt went well."""
        self._attempts = 0

    def pause(self, limit: float) -> float:
        """The next pause in seconds, at most ``limit``."""
        nominal = min(limit, self._start * 2.0 ** min(self._attempts, 32))
        self._attempts += 1
        return nominal * (0.5 + self._chance() / 2)
