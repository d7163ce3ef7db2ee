"""One run as everybody who follows it is told: made once for all of them, and never so often that it costs much.

A run that cannot get flat has an audit of thousands of steps, which is read whole to tell how far it has got. That is
done by the loop that closes the account, so it must not matter to it how many look, or how long the audit is.
"""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.clock import Clock
from plimsoll_enforcer.desk import Desk, RunDetail
from plimsoll_enforcer.web.progress import Progress, progress_of

EVERY = 0.3
"""Seconds for which what was made is told to whoever asks."""

SHARE = 0.05
"""Part of the loop's time that making one costs at most; where it takes long, it is made less often."""

KEPT = 8
"""Runs that are followed at the same time and kept; others are made for each question."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """A run and how far it has got.

    Attributes:
        until: Monotonic second until which this is told.
    """

    run: RunDetail
    progress: Progress
    until: float


class Following:
    """Tells runs.

    Args:
        desk: Has them.
        clock: Time.
    """

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk, self._clock = desk, clock
        self._kept: dict[str, Followed] = {}

    def run(self, run_id: str) -> Followed | None:
        """One run; ``None`` where there is none."""
        kept, now = self._kept.get(run_id), self._clock.monotonic()
        if kept is not None and now < kept.until:
            return kept
        self._kept.pop(run_id, None)
        found = self._desk.run(run_id)
        if found is None:
            return None
        progress, made = progress_of(found.audit), self._clock.monotonic()
        followed = Followed(run=found, progress=progress, until=made + max(EVERY, (made - now) / SHARE))
        self._keep(run_id, followed)
        return followed

    def _keep(self, run_id: str, followed: Followed) -> None:
        """What was made last; what is over makes room."""
        while len(self._kept) >= KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[run_id] = followed
