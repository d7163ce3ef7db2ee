"""``Pending``: what could not be written yet. Nothing in memory is lost while a disk is full; it is written later.

Knows nothing of what is kept: a ``Kept`` value says how two of its kind become one, so that what waits stays small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, Self, TypeVar

from plimsoll.clock import Clock
from plimsoll.errors import StateError

RETRY_EVERY = 1.0
"""Seconds between two tries while writing fails."""


class Kept(Protocol):
    """A change as a value."""

    def merged(self, later: Self) -> Self:
        """One change that does what this one and then ``later`` would."""


T = TypeVar("T", bound=Kept)


class Pending(Generic[T]):
    """Writes changes in order, and keeps those that fail until they can be written, all in one transaction.

    Args:
        write: Writes one change as one transaction, all or nothing.
        clock: Time.

    Attributes:
        failing_since: Unix time of the first failure of those that go on; ``None`` while all is written.
        error: Why it fails; ``None`` while all is written.
    """

    def __init__(self, write: Callable[[T], None], *, clock: Clock) -> None:
        self._write, self._clock = write, clock
        self._waiting: T | None = None
        self._retry_at = 0.0
        self.failing_since: float | None = None
        self.error: StateError | None = None

    def put(self, change: T) -> bool:
        """Write a change now, after all that waits; whether it is written. It is kept where it is not.

        While writing fails, it is tried at most once in ``RETRY_EVERY`` seconds. An error that is no ``StateError``
        is a mistake in the change: it is raised, and the change that brought it is not kept.
        """
        both = change if self._waiting is None else self._waiting.merged(change)
        if self.failing_since is not None and self._clock.monotonic() < self._retry_at:
            self._waiting = both
            return False
        return self._attempt(both)

    def retry(self, *, now: bool = False) -> bool:
        """Write what waits, if the time for another try has come or ``now`` is given; whether nothing waits."""
        if self._waiting is None:
            return True
        if not now and self._clock.monotonic() < self._retry_at:
            return False
        return self._attempt(self._waiting)

    def _attempt(self, change: T) -> bool:
        try:
            self._write(change)
        except StateError as error:
            self._waiting, self.error = change, error
            self._retry_at = self._clock.monotonic() + RETRY_EVERY
            if self.failing_since is None:
                self.failing_since = self._clock.now()
            return False
        self._waiting = self.failing_since = self.error = None
        return True
