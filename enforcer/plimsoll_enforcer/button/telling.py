"""Which steps of a run are shown: all that changes anything, and of what only repeats itself one line now and then.

Everything is in the record's file; here it is about a person who reads while it happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plimsoll.clock import Clock

QUIET = 10.0
"""Seconds in which a line that was shown is not shown again."""

ALWAYS = frozenset({"pressed", "begin", "answered", "flat", "not-flat", "confirmed"})
"""Kinds that are never held back: each tells of something that happened once."""

STATE = "read"
"""Kind that tells how things stand: shown whenever that is not what was shown last."""


@dataclass(kw_only=True, slots=True)
class _Shown:
    at: float
    held: int = 0


class Telling:
    """Shows the steps of one run.

    Args:
        clock: Time.
        tell: Shows one line.
    """

    def __init__(self, clock: Clock, tell: Callable[[str], None]) -> None:
        self._clock, self._tell = clock, tell
        self._began = clock.monotonic()
        self._shown: dict[tuple[str, str], _Shown] = {}
        self._state = ""

    def step(self, kind: str, text: str) -> None:
        """Show a step, or count it where the same was shown a moment ago."""
        now = self._clock.monotonic()
        last = self._shown.get((kind, text))
        changed = kind in ALWAYS or (kind == STATE and text != self._state)
        if last is not None and not changed and now - last.at < QUIET:
            last.held += 1
            return
        if kind == STATE:
            self._state = text
        again = f" ({last.held} more times meanwhile)" if last is not None and last.held and not changed else ""
        self._shown[kind, text] = _Shown(at=now)
        self._tell(f"{now - self._began:6.1f} s  {kind:14} {text}{again}")
