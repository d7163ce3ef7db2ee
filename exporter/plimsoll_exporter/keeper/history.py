"""Asking the income history as a routine: rarely, each account at another time, and never twice for the same.

Flows that no event told and no wallet showed (what came and went while nobody watched) and income other than trades are
learned here. It costs a weight of 30 a quarter of an hour and account.
"""

from __future__ import annotations

from zlib import crc32

from plimsoll_exporter.keeper.explaining import Explaining
from plimsoll_exporter.keeper.ledger import Ledger
from plimsoll_exporter.keeper.shared import Shared
from plimsoll_exporter.keeper.waiting import persist

EVERY_SECONDS = 900.0
FIRST_SECONDS = 120.0
"""Longest wait for the first question after the account is live; a start is busy enough."""

POLL_SECONDS = 1.0
RETRY_SECONDS = 60.0


class HistoryRoutine:
    """Asks for one account.

    Args:
        account: Its name, which decides when in the first minutes it is asked.
        shared: The account.
        explaining: Asks, and explains with the answer.
        ledger: Knows from when on to ask.

    Attributes:
        asked: Questions so far.
    """

    def __init__(self, account: str, shared: Shared, *, explaining: Explaining, ledger: Ledger) -> None:
        self._live, self._clock = shared.live, shared.clock
        self._explaining, self._ledger = explaining, ledger
        self.asked = 0
        self._share = crc32(account.encode()) / 2**32

    async def run(self) -> None:
        """Ask again and again, until cancelled."""
        while not (self._ledger.begun and self._live.synced):
            await self._clock.sleep(POLL_SECONDS)
        await self._clock.sleep(FIRST_SECONDS * self._share)
        await persist(self._step, self._clock, at_least=RETRY_SECONDS)

    async def _step(self) -> None:
        windows = self._live.unexplained.windows.values()
        start_ms = min([self._ledger.history_start_ms, *(window.start_ms for window in windows)])
        self.asked += 1
        answered = await self._explaining.ask(start_ms)
        await self._clock.sleep(EVERY_SECONDS if answered else RETRY_SECONDS)
