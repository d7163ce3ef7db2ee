"""After the red button: close anything new for as long as the person stays at it, or as long as they said.

Without an enforcer there is no lockout; this is the next best. It reads the account often and closes what it finds.
"""

from __future__ import annotations

import asyncio

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll_enforcer.button.press import Terminal, to_the_end
from plimsoll_enforcer.button.tables import result_text
from plimsoll_enforcer.flatten.api import Flatten
from plimsoll_enforcer.flatten.log import RunLog
from plimsoll_enforcer.trading.finder import TIMEOUT, Finder
from plimsoll_enforcer.trading.port import Trader

LOOK_SECONDS = 1.5
"""Between two looks at positions and plain orders, weight 5 each; so anything new is closed within about 2 s."""

CHURNS = 3
"""Closes after which it is said that something keeps trading."""


class Guard:
    """Watches an account that was closed.

    Attributes:
        recloses: How often something new was found.
        busy: It is being closed now.
        blind: The last look failed, so nobody knows whether the account is still flat.
        relieved: Set by whoever takes over: the guard ends with its next look.

    Args:
        account: Its name.
        trader: Reads it.
        flatten: Closes it again.
        record: Of the run.
        terminal: Where it is told.
        clock: Time.
    """

    def __init__(
        self, account: str, trader: Trader, flatten: Flatten, record: RunLog, terminal: Terminal, *, clock: Clock
    ) -> None:
        self._account, self._finder, self._flatten = account, Finder(trader, clock), flatten
        self._record, self._terminal, self._clock = record, terminal, clock
        self.recloses = 0
        self.busy = False
        self.blind = False
        self.relieved = False

    async def run(self, seconds: float | None) -> None:
        """Guard for so many seconds, or until relieved or cancelled."""
        until = float("inf") if seconds is None else self._clock.monotonic() + seconds
        while not self.relieved and self._clock.monotonic() < until:
            if await self._anything_new():
                await self._close()
            await self._clock.sleep(min(LOOK_SECONDS, max(0.0, until - self._clock.monotonic())))

    async def _close(self) -> None:
        self.busy = True
        self.recloses += 1
        self._terminal.say(f"Something new in account {self._account}: closing it.")
        result = await to_the_end(self._flatten, self._record, self._clock)
        self.busy = False
        self._terminal.say(result_text(self._account, result))
        if self.recloses >= CHURNS:
            self._terminal.say(f"Closed {self.recloses} times: something keeps trading. Stop it, or revoke its key.")

    async def _anything_new(self) -> bool:
        """Whether there is any position or order; a look that fails finds nothing, and is told once."""
        try:
            async with asyncio.timeout(TIMEOUT):
                found = bool(await self._finder.symbols())
        except ExchangeError as error:
            self._lost(str(error))
            return False
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one look, the guard goes on
            self._lost(type(error).__name__)
            return False
        if self.blind:
            self._terminal.say("The account can be read again.")
        self.blind = False
        return found

    def _lost(self, why: str) -> None:
        if not self.blind:
            self._terminal.say(f"The account cannot be read now ({why}); trying on.")
        self.blind = True
