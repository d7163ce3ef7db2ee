"""When the stream last told each row of an account, by our own clock: a row that no reading proves is known as of then.

A reading that lags behind the stream says nothing of the rows that it lags behind. Those were true when they were told;
what was lost since then is still to be found. No I/O.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

KEPT_SECONDS = 120.0
"""How long it is remembered: longer than a row may excuse a reading (``LAG_MS``), however far clocks jump meanwhile."""

NEVER = float("-inf")


class Telling:
    """Monotonic times by row."""

    def __init__(self) -> None:
        self._told_at: dict[Hashable, float] = {}

    def note(self, key: Hashable, at: float) -> None:
        """The stream told a row."""
        self._told_at.pop(key, None)
        self._told_at[key] = at
        while self._told_at[first := next(iter(self._told_at))] < at - KEPT_SECONDS:
            del self._told_at[first]

    def proven(self, began: float, unproven: Iterable[Hashable]) -> float:
        """Since when nothing can have been lost, after a reading that ``began`` then and proves all but some rows."""
        return min([began, *(self._told_at.get(key, NEVER) for key in unproven)])
