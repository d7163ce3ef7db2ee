"""When accounts are judged next: those near a limit soon after prices or their events came, the others in their turn.

A look waits a moment for what comes beside the news, and two looks leave some time between them, whatever comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from plimsoll.clock import Clock
from plimsoll_exporter.keeper.waiting import wait_until

PUSH_SECONDS = 0.02
"""How long the first price of a push waits for the others: those of all symbols come together."""

EVENT_SECONDS = 0.1
"""How long an account's event waits for those that belong to it: the wallet may change before it is told why."""

APART_SECONDS = 0.1
"""Time between the end of a look and the next one."""

NEVER = float("inf")


class News:
    """What came since the last look, of accounts that are watched closely.

    Args:
        accounts: Every name.
        clock: For waits.
    """

    def __init__(self, accounts: Iterable[str], *, clock: Clock) -> None:
        self._all, self._clock = tuple(accounts), clock
        self._came = asyncio.Event()
        self._due = NEVER
        self._closely: set[str] = set()
        self._moved: set[str] = set()

    def watch(self, name: str, *, closely: bool) -> None:
        """Whether news of an account are to be judged at once; none is watched closely at first."""
        if closely:
            self._closely.add(name)
        else:
            self._closely.discard(name)

    def prices(self) -> None:
        """A price or a rate changed: it may concern every account."""
        if self._closely:
            self._moved |= self._closely
            self._hurry(PUSH_SECONDS)

    def account(self, name: str) -> None:
        """The stream told something of an account."""
        if name in self._closely:
            self._moved.add(name)
            self._hurry(EVENT_SECONDS)

    async def wait(self, at_the_latest: float) -> Collection[str]:
        """Wait for news, but not beyond that monotonic time; gives the accounts to judge, all of them at that time."""
        rested = self._clock.monotonic() + APART_SECONDS
        while (due := min(at_the_latest, max(self._due, rested))) > self._clock.monotonic():
            await wait_until(self._came, due, self._clock)
        moved = self._moved if due < at_the_latest else self._all
        self._moved, self._due = set(), NEVER
        return moved

    def _hurry(self, seconds: float) -> None:
        """Look so soon; the first of what comes together decides."""
        due = self._clock.monotonic() + seconds
        if due < self._due:
            self._due = due
            self._came.set()
