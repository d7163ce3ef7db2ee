"""The listen key of an account: fetched before each connection, extended while one is open.

It is never deleted: another monitor with the same API key would fall silent.
"""

from __future__ import annotations

import logging
from typing import NoReturn

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError, KeyRefused, Throttled
from plimsoll.exchange.pacing import Backoff, StreamTimings
from plimsoll.exchange.port import AccountReader
from plimsoll.exchange.socket import SocketLost
from plimsoll.logs import register_secret
from plimsoll.secret import Secret

LISTEN_KEY_GONE = -1125
"""The exchange's error code for a listen key that does not exist."""

_log = logging.getLogger(__name__)


class ListenKey:
    """One account's key; ``account`` is for the log."""

    def __init__(self, *, account: str, reader: AccountReader, clock: Clock, timings: StreamTimings) -> None:
        self._account = account
        self._reader = reader
        self._clock = clock
        self._timings = timings
        self._key = ""

    async def fetch(self, *, renewal: bool) -> str:
        """The key to connect with; also extends it.

        Raises:
            SocketLost: No key, or, on renewal, another one than that of the running connection.
        """
        try:
            key = await self._reader.open_listen_key()
        except ExchangeError as error:
            raise self._lost(error) from None
        if renewal and key != self._key:
            raise SocketLost("the listen key was replaced", prompt=True)
        if key != self._key:
            register_secret(Secret(key))
        self._key = key
        return key

    async def keep_alive(self) -> NoReturn:
        """Extend the key again and again.

        Raises:
            SocketLost: The key is gone or refused, or could not be extended before it ran out.
        """
        while True:
            await self._clock.sleep(self._timings.keep_alive)
            await self._extend(self._clock.monotonic() + self._timings.listen_key_life - self._timings.keep_alive)

    async def _extend(self, deadline: float) -> None:
        backoff = Backoff(self._timings.backoff_start)
        while True:
            try:
                await self._reader.extend_listen_key()
            except ExchangeError as error:
                if error.code == LISTEN_KEY_GONE:
                    raise SocketLost("the listen key is gone", prompt=True) from None
                if isinstance(error, KeyRefused) or self._clock.monotonic() >= deadline:
                    raise self._lost(error) from None
                _log.warning("stream %s: listen key not extended, trying again: %s", self._account, error)
                await self._clock.sleep(max(backoff.pause(self._timings.refused_limit), _hold(error)))
            else:
                return

    def _lost(self, error: ExchangeError) -> SocketLost:
        return SocketLost(f"listen key: {error}", pause_limit=self._timings.refused_limit, pause_at_least=_hold(error))


def _hold(error: ExchangeError) -> float:
    """Seconds for which the exchange asked us to stay away."""
    return (error.retry_after or 0.0) if isinstance(error, Throttled) else 0.0
