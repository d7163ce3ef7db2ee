"""Unexplained money that passes for performance: from which sample on, and until when a flow may still take it back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from plimsoll.risk.booking import forgiven, settled
from plimsoll.risk.watching import Watched, is_counting

CLEAR_SECONDS = 10.0
"""How long nothing may be unexplained before what was counts as explained: trades make it flicker."""

LAST_ANSWER_SECONDS = 600.0
"""An answer of the history so long after giving up is the last word: rows come late by minutes."""


class Forgiving:
    """Watches what is unexplained while samples are trusted all the same. Monotonic times, but for ``seen_at``.

    Attributes:
        seen_at: Exchange time (seconds) from which the wallet held something unexplained, by asset.
    """

    def __init__(self, watched: Watched | None, now: float) -> None:
        self.seen_at: dict[str, float] = {}
        self._odd = False
        self._clear_since: float | None = None
        self._answered_at = float("-inf")
        was_counting = watched is not None and is_counting(watched.standing)
        self._given_up_at = now if was_counting else float("-inf")

    def note(self, rest: Mapping[str, Decimal], time: float) -> None:
        """What is unexplained at an exchange time."""
        for asset in rest:
            self.seen_at.setdefault(asset, time)

    def answered(self, asked_at: float) -> None:
        """The history was asked at this time, and told what it knows since its last routine answer."""
        self._answered_at = asked_at

    def admit(
        self, watched: Watched, rest: Mapping[str, Decimal], now: float, given_up_at: float | None
    ) -> Watched | None:
        """The account as it must be before the sample of now; ``None`` where this look gives none.

        What is unexplained at a single look is most likely half of a trade: that look is left out. At the second one
        it counts as performance.
        """
        if given_up_at is not None:
            self._given_up_at = max(self._given_up_at, given_up_at)
        if rest:
            self._clear_since = None
            if not self._odd:
                self._odd = True
                return None
            return watched if is_counting(watched.standing) else forgiven(watched)
        self._odd = False
        if not is_counting(watched.standing):
            self.seen_at.clear()
            return watched
        return self._after_rest(watched, now)

    def _after_rest(self, watched: Watched, now: float) -> Watched:
        """Nothing is unexplained any more: after a while, and a last answer where it was given up, that is final."""
        if self._clear_since is None:
            self._clear_since = now
        waited = self._given_up_at == float("-inf") or self._answered_at - self._given_up_at >= LAST_ANSWER_SECONDS
        if now - self._clear_since < CLEAR_SECONDS or not waited:
            return watched
        self._given_up_at, self._clear_since = float("-inf"), None
        self.seen_at.clear()
        return settled(watched)
