"""Since when something holds, by key: a clock that stands still while nobody can say, and is cleared when it ended.

Pure: every look gives a new value. Times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True, kw_only=True, slots=True)
class Since(Generic[Key]):
    """What holds, and since when.

    Attributes:
        began: By key; while unknown it moves with the time, so that its age stands still.
        unknown: Keys of ``began`` of which nobody can say whether they hold.
        looked_at: Time of the last look; ``None`` before the first.
    """

    began: Mapping[Key, float] = field(default_factory=dict)
    unknown: frozenset[Key] = frozenset()
    looked_at: float | None = None

    @property
    def known(self) -> Mapping[Key, float]:
        """Those of which we know now that they hold."""
        return {key: began for key, began in self.began.items() if key not in self.unknown}

    def look(self, holding: Iterable[Key], unknown: Iterable[Key], now: float) -> Since[Key]:
        """The value after a look; what is in neither set does not hold.

        Args:
            holding: What holds now.
            unknown: What cannot be known now: it waits if it held, and does not begin otherwise.
            now: Not before the last look; a clock that went back counts as standing still.
        """
        passed = 0.0 if self.looked_at is None else max(0.0, now - self.looked_at)
        waiting = frozenset(unknown) & self.began.keys()
        began = {key: self.began.get(key, now) for key in holding}
        began |= {key: self.began[key] + passed for key in waiting}
        return Since(began=began, unknown=waiting, looked_at=now)

    def wait(self, now: float) -> Since[Key]:
        """The value after a look at which nothing could be known."""
        return self.look((), self.began, now)
