"""When accounts are judged next: those near a limit soon after prices or their events came, the others in their turn.

A look waits a moment for what comes beside the news, and two looks leave some time between them, whatever comes. The
turn of an account is counted from its own last look, whatever that was for: a second sample waits for nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence

from plimsoll.clock import Clock
from plimsoll_exporter.keeper.waiting import wait_until

PUSH_SECONDS = 0.02
"""How long the first price of a push waits for the others: those of all symbols come together."""

EVENT_SECONDS = 0.1
"""How long an account's event waits for those that belong to it: the wallet may change before it is told why."""

APART_SECONDS = 0.1
"""Time between the end of a look and the next one."""

TOGETHER = 40
"""Accounts whose turns begin together: those of 200 come in five groups, so that a page meets one or two, not all."""

NEVER = float("inf")


class News:
    """What came since the last look, of accounts that are watched closely, and whose turn it is.

    Args:
        accounts: Every name; the first ``TOGETHER`` are due at once, the others in groups before ``every`` is over.
        every: Seconds after which the turn of an account comes again.
        clock: For waits.
    """

    def __init__(self, accounts: Iterable[str], *, every: float, clock: Clock) -> None:
        self._every, self._clock = every, clock
        self._turns = _turns(tuple(accounts), every, clock.monotonic())
        self._came = asyncio.Event()
        self._due = NEVER
        self._closely: set[str] = set()
        self._moved: set[str] = set()
        self._rested = clock.monotonic()

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

    async def wait(self) -> Collection[str]:
        """Wait for news and turns; gives the accounts to judge."""
        while (due := max(self._rested, min([self._due, *self._turns.values()]))) > self._clock.monotonic():
            await wait_until(self._came, due, self._clock)
        names = {name for name, turn in self._turns.items() if turn <= due}
        if self._due <= due:
            names |= self._moved
            self._moved, self._due = set(), NEVER
        return names

    def looked(self, names: Iterable[str]) -> None:
        """These accounts were judged, and that is over now."""
        now = self._clock.monotonic()
        self._turns.update(dict.fromkeys(names, now + self._every))
        self._rested = now + APART_SECONDS

    def _hurry(self, seconds: float) -> None:
        """Look so soon; the first of what comes together decides."""
        due = self._clock.monotonic() + seconds
        if due < self._due:
            self._due = due
            self._came.set()


def _turns(accounts: Sequence[str], every: float, now: float) -> dict[str, float]:
    """The first turn of each account: evenly spread by groups."""
    groups = -(-len(accounts) // TOGETHER)
    return {name: now + every * (place // TOGETHER) / groups for place, name in enumerate(accounts)}
