"""Unexplained money that passes for performance: from which sample on, and until when a flow may still take it back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from plimsoll.risk.booking import forgiven, settled
from plimsoll.risk.watching import Watched, is_counting
from plimsoll.state.explain import Unexplained

CLEAR_SECONDS = 10.0
"""How long nothing may be unexplained before what was counts as explained: trades make it flicker."""

LAST_ANSWER_SECONDS = 600.0
"""An answer of the history so long after giving up is the last word: rows come late by minutes."""


KEPT_TIMES = 1000
"""How many times are kept of an asset; trades make many."""


class Forgiving:
    """Watches what is unexplained while samples are trusted all the same. Times are monotonic, but for ``seen``."""

    def __init__(self, watched: Watched | None, now: float) -> None:
        self._seen: dict[str, list[float]] = {}  # exchange times at which something more was unexplained
        self._fresh: Mapping[str, Decimal] = {}
        self._odd = False
        self._clear_since: float | None = None
        self._answered_at = float("-inf")
        was_counting = watched is not None and is_counting(watched.standing)
        self._given_up_at = now if was_counting else float("-inf")
        self._earlier = [watched.standing.sampled_at] if watched is not None and was_counting else []

    def note(self, known: Unexplained, time: float) -> None:
        """What is unexplained at an exchange time."""
        fresh = known.fresh
        for asset, amount in fresh.items():
            if amount != self._fresh.get(asset):
                self._seen[asset] = [*self._seen.get(asset, []), time][-KEPT_TIMES:]
        self._fresh = fresh

    def seen(self, asset: str, time: float) -> float:
        """From when on the wallet as we knew it held what moved at this exchange time; that time where nobody saw it.

        What moved before the last sample of an earlier life that trusted unexplained money was in that sample.
        """
        times = (*self._earlier, *self._seen.get(asset, ()))
        return next((at for at in times if at >= time), time)

    def answered(self, asked_at: float) -> None:
        """The history was asked at this time, and told what it knows since its last routine answer."""
        self._answered_at = asked_at

    def admit(self, watched: Watched, known: Unexplained, now: float, given_up_at: float | None) -> Watched | None:
        """The account as it must be before the sample of now; ``None`` where this look gives none.

        What is unexplained at a single look is most likely half of a trade: that look is left out. At the second one
        it counts as performance.
        """
        if given_up_at is not None:
            self._given_up_at = max(self._given_up_at, given_up_at)
        if not known.whole:
            self._clear_since = None
            if not self._odd:
                self._odd = True
                return None
            return watched if is_counting(watched.standing) else forgiven(watched)
        self._odd = False
        if not is_counting(watched.standing):
            self._forget()
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
        self._forget()
        return settled(watched)

    def _forget(self) -> None:
        self._seen, self._earlier = {}, []
