"""The waiting line of the weight budget: two lanes, and in each the accounts take turns.

Only order lives here, no time and no weight arithmetic. One account with a hundred waiting requests delays another by
one request, not by a hundred; routine work gets every fourth turn even while urgent work never ends.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass

URGENT_TURNS = 3
"""Urgent grants in a row that overtake a waiting routine request; then that goes first."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Waiter:
    """One request that waits for its weight.

    Attributes:
        granted: Done when it may go; cancelled when nobody waits any more.
    """

    weight: int
    account: str
    urgent: bool
    granted: asyncio.Future[None]


class Lane:
    """Waiting requests of one priority, a queue an account."""

    def __init__(self) -> None:
        self._accounts: OrderedDict[str, deque[Waiter]] = OrderedDict()

    def __iter__(self) -> Iterator[Waiter]:
        return (waiter for queue in self._accounts.values() for waiter in queue)

    def add(self, waiter: Waiter) -> None:
        """Put a request at the end of its account's queue."""
        self._accounts.setdefault(waiter.account, deque()).append(waiter)

    def head(self) -> Waiter | None:
        """Whose turn it is."""
        first = next(iter(self._accounts.values()), None)
        return None if first is None else first[0]

    def take(self) -> None:
        """Remove the head; its account goes to the end of the line."""
        account, queue = next(iter(self._accounts.items()))
        queue.popleft()
        self._accounts.move_to_end(account)
        if not queue:
            del self._accounts[account]

    def remove(self, waiter: Waiter) -> None:
        """Remove a request whose caller gave up, where it still waits."""
        queue = self._accounts.get(waiter.account, deque())
        if waiter in queue:
            queue.remove(waiter)
        if not queue:
            self._accounts.pop(waiter.account, None)


class FairQueue:
    """Both lanes."""

    def __init__(self) -> None:
        self._lanes = {True: Lane(), False: Lane()}
        self._urgent_in_a_row = 0

    def __iter__(self) -> Iterator[Waiter]:
        return (waiter for lane in self._lanes.values() for waiter in lane)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def add(self, waiter: Waiter) -> None:
        """Let a request wait."""
        self._lanes[waiter.urgent].add(waiter)

    def remove(self, waiter: Waiter) -> None:
        """Remove a request whose caller gave up, where it still waits."""
        self._lanes[waiter.urgent].remove(waiter)

    def candidates(self) -> list[Waiter]:
        """The head of each lane, in the order in which they may be granted."""
        routine_first = self._urgent_in_a_row >= URGENT_TURNS
        heads = [self._lanes[urgent].head() for urgent in (not routine_first, routine_first)]
        return [head for head in heads if head is not None]

    def take(self, waiter: Waiter) -> None:
        """Remove a candidate that was granted."""
        self._lanes[waiter.urgent].take()
        overtaken = waiter.urgent and self._lanes[False].head() is not None
        self._urgent_in_a_row = self._urgent_in_a_row + 1 if overtaken else 0
