"""After the red button: close anything new for as long as the person stays at it, or as long as they said.

Without an enforcer there is no lockout; this is the next best. It reads the account often and closes what it finds.
"""

from __future__ import annotations

import logging

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll_enforcer.button.press import Terminal
from plimsoll_enforcer.button.tables import result_text
from plimsoll_enforcer.flatten.api import Flatten
from plimsoll_enforcer.flatten.log import RunLog
from plimsoll_enforcer.trading.port import Trader

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.5
"""Between two looks at positions and plain orders, weight 5 each; so anything new is closed within about 2 s."""

ALGO_SECONDS = 30.0
"""Between two looks at the conditional orders, weight 40: none of them holds anything before it triggers."""


class Guard:
    """Watches an account that was closed.

    Attributes:
        recloses: How often something new was found.
        busy: It is being closed now.

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
        self._account, self._trader, self._flatten = account, trader, flatten
        self._record, self._terminal, self._clock = record, terminal, clock
        self._algo_at = float("-inf")
        self._blind = False
        self.recloses = 0
        self.busy = False

    async def run(self, seconds: float | None) -> None:
        """Guard for so many seconds, or until cancelled."""
        until = float("inf") if seconds is None else self._clock.monotonic() + seconds
        while self._clock.monotonic() < until:
            if await self._anything_new():
                self.recloses += 1
                self._terminal.say(f"Something new in account {self._account}: closing it.")
                self.busy = True
                result = await self._flatten.flatten(self._record)
                self.busy = False
                self._terminal.say(result_text(self._account, result))
            await self._clock.sleep(LOOK_SECONDS)

    async def _anything_new(self) -> bool:
        """Whether there is any position or order; a look that fails finds nothing, and is told once."""
        try:
            found = bool((await self._trader.wallet()).symbols)
            if not found and self._clock.monotonic() - self._algo_at >= ALGO_SECONDS:
                found = bool(await self._trader.algo_orders())
                self._algo_at = self._clock.monotonic()
        except ExchangeError as error:
            if not self._blind:
                self._terminal.say(f"The account cannot be read now ({error}); trying on.")
            self._blind = True
            return False
        if self._blind:
            self._terminal.say("The account can be read again.")
        self._blind = False
        return found
