"""``Viewer``: keeps what is known of one account while somebody looks, read at most every two seconds for all of them.

A look never waits for the exchange for long: it is given what is known, with its age, and the reading goes on behind.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll_enforcer.viewing.reading import FLAT_WEIGHT, HOLDING_WEIGHT, Reading
from plimsoll_enforcer.viewing.room import Take
from plimsoll_enforcer.viewing.values import Seen

EVERY = 2.0
"""Seconds between two readings of one account, at least."""

ORDERS_EVERY = 10.0
"""The same for its orders, unless positions came or went: who was just closed has no orders either."""

LOOKED = 10.0
"""Seconds for which somebody who looked is taken to look on."""

PATIENCE = 0.8
"""Seconds that a look waits for a reading under way."""

TIMEOUT = 4.0
"""Seconds that one reading may take."""

log = logging.getLogger(__name__)


class Viewer:
    """What is known of one account.

    Args:
        account: Its name.
        reading: Reads it.
        take: Takes weight, or says why there is none.
        pace: Seconds that keep the readings of everybody who is looked at within their weight.
        clock: Time.
    """

    def __init__(self, account: str, reading: Reading, *, take: Take, pace: Callable[[], float], clock: Clock) -> None:
        self._account, self._reading, self._clock = account, reading, clock
        self._take, self._pace = take, pace
        self._seen = Seen()
        self._looked_at = self._read_at = self._orders_at = float("-inf")
        self._orders_of: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None

    @property
    def weight(self) -> int:
        """What one reading costs while somebody looks; 0 while nobody does."""
        if self._clock.monotonic() - self._looked_at > LOOKED:
            return 0
        holding = self._seen.holding
        return HOLDING_WEIGHT if holding is None or holding.symbols else FLAT_WEIGHT

    async def look(self) -> Seen:
        """What is known now; begins a reading where one is due, and waits a moment for it."""
        now = self._clock.monotonic()
        self._looked_at = now
        if self._task is None and now - self._read_at >= max(EVERY, self._pace()):
            self._read_at = now
            self._task = asyncio.ensure_future(self._read())
        if self._task is not None:
            await self._wait(self._task)
        return self._seen

    async def close(self) -> None:
        """End the reading under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _wait(self, task: asyncio.Task[None]) -> None:
        timer = asyncio.ensure_future(self._clock.sleep(PATIENCE))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._read_holding()
                await self._read_orders()
        except TimeoutError:
            self._failed("the exchange has not answered in time")
        except ExchangeError as error:
            self._failed(f"the exchange cannot be read: {error}")
        except Exception:
            log.exception("account %s: what is shown of it could not be read", self._account)
            self._failed("a fault of ours; the log has it")
        finally:
            self._task = None

    async def _read_holding(self) -> None:
        flat = self._seen.holding is not None and not self._seen.holding.symbols
        why = self._take(self._reading.holding_weight(flat=flat))
        if why:
            self._seen = replace(self._seen, why=why)
            return
        at = self._clock.now()
        holding = await self._reading.holding()
        self._seen = replace(self._seen, holding=holding, holding_at=at, why="")

    async def _read_orders(self) -> None:
        holding, now = self._seen.holding, self._clock.monotonic()
        if holding is None or self._seen.why:
            return
        if holding.symbols == self._orders_of and now - self._orders_at < ORDERS_EVERY:
            return
        why = self._take(self._reading.orders_weight(holding.symbols))
        if why:
            self._seen = replace(self._seen, why_orders=why)
            return
        self._orders_at, self._orders_of, at = now, holding.symbols, self._clock.now()
        self._seen = replace(self._seen, why_orders="no answer yet")
        orders = await self._reading.orders(holding.symbols)
        self._seen = replace(self._seen, orders=orders, orders_at=at, why_orders="")

    def _failed(self, why: str) -> None:
        """A failure of the orders leaves what the holding told."""
        if self._seen.why_orders == "no answer yet":
            self._seen = replace(self._seen, why_orders=why)
        else:
            self._seen = replace(self._seen, why=why)
