"""Whether the stream lost what a reconcile found, or is merely late.

Figures never wait for the answer: what two readings say is adopted at once. Only the verdict on the stream waits,
longer than its events were seen to take lately. No I/O.
"""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.clock import Clock
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.model.events import AccountEvent
from plimsoll.state.compare import Difference, untold

PATIENCE_SECONDS = 15.0
"""How long the stream may take to tell what was adopted, while nothing is known of its delay."""

LONGEST_PATIENCE_SECONDS = 45.0
"""However late the stream is: the verdict falls before the next reconcile."""

DELAY_SHARE = 3.0
"""The patience in delays seen lately: adopted is what happened a moment ago, so one alone would do."""

LATELY_SECONDS = 600.0


class Doubts:
    """Adopted differences of one account's stream, until it tells them after all or has had its time.

    Args:
        clock: For the patience.
        exchange_clock: For the delay of events.
    """

    def __init__(self, *, clock: Clock, exchange_clock: ExchangeClock) -> None:
        self._clock, self._exchange_clock = clock, exchange_clock
        self._pending: dict[Difference, float] = {}  # when the time of each is over
        self._delay, self._delayed_at = 0.0, float("-inf")

    @property
    def patience(self) -> float:
        """Seconds that the stream has to tell what was adopted."""
        return min(max(PATIENCE_SECONDS, DELAY_SHARE * self._delay), LONGEST_PATIENCE_SECONDS)

    def adopted(self, differences: Iterable[Difference]) -> None:
        """Readings showed what the stream has not told yet."""
        due = self._clock.monotonic() + self.patience
        self._pending |= dict.fromkeys(differences, due)

    def event(self, event: AccountEvent) -> None:
        """The stream tells something: note how late, and whether it is what was adopted."""
        if event.event_ms > 0:
            self._note_delay(self._exchange_clock.now() - event.event_ms / 1000)
        if self._pending:
            self._pending = {item: self._pending[item] for item in untold(self._pending, event)}

    def over(self) -> None:
        """The connection is no more: what it still had to tell is part of its loss."""
        self._pending = {}

    def lost(self) -> frozenset[Difference]:
        """What the stream had time to tell and did not, with all that was adopted since; each is given once."""
        if self._clock.monotonic() < min(self._pending.values(), default=float("inf")):
            return frozenset()
        found, self._pending = frozenset(self._pending), {}
        return found

    def _note_delay(self, delay: float) -> None:
        now = self._clock.monotonic()
        if delay >= self._delay or now - self._delayed_at > LATELY_SECONDS:
            self._delay, self._delayed_at = delay, now
