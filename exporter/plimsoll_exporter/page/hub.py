"""The newest event of every topic, made once for all who listen, and only while somebody does.

Nothing is queued: whoever is slow finds the newest state when he is ready, and never what was in between. A heartbeat
is given only after the state was looked at, so that a fault of ours silences it, and nobody takes old figures for new.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from itertools import count

from plimsoll.clock import Clock
from plimsoll_exporter.json_values import Json
from plimsoll_exporter.page.events import Event, event

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
"""Between two looks at the state."""

HEARTBEAT_SECONDS = 1.0
"""Between two heartbeats; a page calls itself cut off after three seconds without."""

OLDEST_SECONDS = 2.0
"""Age from which a heartbeat is given to nobody: to one who comes now it would say that old figures are new."""

QUIET_SECONDS = 5.0
"""Real seconds that a listener waits for news."""

HEARTBEAT = "heartbeat"
END = "end"
"""The last event, when the server ends the stream of its own will; its content is ``{"reason": ...}``."""

Topics = Mapping[str, dict[str, Json]]
"""The contents of every topic at one moment; the key ``time`` in them does not count as a change."""


class Hub:
    """Gives out events.

    Args:
        look: Gives, on the event loop, what makes the topics of that moment; that is called in a thread.
        clock: Time.
    """

    def __init__(self, look: Callable[[], Callable[[], Topics]], *, clock: Clock) -> None:
        self._look, self._clock = look, clock
        self._listeners = 0
        self._numbers = count(1)
        self._contents: dict[str, dict[str, Json]] = {}
        self._newest: dict[str, Event] = {}
        self._news = asyncio.Event()
        self._beaten_at = -HEARTBEAT_SECONDS
        self._ticking: asyncio.Task[None] | None = None
        self._failed = False
        self.ended = False

    @property
    def listeners(self) -> int:
        """How many there are."""
        return self._listeners

    def join(self) -> None:
        """One more listens: with the first the looking begins."""
        self._listeners += 1
        if self._ticking is None and not self.ended:
            self._ticking = asyncio.get_running_loop().create_task(self._tick_on())

    def leave(self) -> None:
        """One less listens: with the last the looking ends, and what was known is forgotten."""
        self._listeners -= 1
        if not self._listeners:
            self._stop_ticking()
            self._contents, self._newest = {}, {}
            self._beaten_at = self._clock.monotonic() - HEARTBEAT_SECONDS

    async def after(self, number: int) -> list[Event]:
        """The newest event of each topic that came after a number, oldest first; none when none comes for long."""
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                while not (found := self._after(number)) and not self.ended:
                    await self._news.wait()
        except TimeoutError:
            return []
        return found

    def end(self, reason: str) -> None:
        """Tell everybody that this is the end."""
        self._stop_ticking()
        self._give(END, {"reason": reason})
        self.ended = True
        self._wake()

    def _after(self, number: int) -> list[Event]:
        old = self._clock.monotonic() - self._beaten_at >= OLDEST_SECONDS
        told = (one for name, one in self._newest.items() if not (old and name == HEARTBEAT))
        return sorted((one for one in told if one.number > number), key=lambda one: one.number)

    def _stop_ticking(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None

    async def _tick_on(self) -> None:
        """Look again and again until cancelled."""
        while True:
            try:
                await self._tick()
            except Exception:
                if not self._failed:
                    log.exception("the status page gets no news by a fault of ours")
                self._failed = True
            else:
                self._failed = False
            await self._clock.sleep(TICK_SECONDS)

    async def _tick(self) -> None:
        """Give out what changed, then the heartbeat if it is due."""
        made = await asyncio.to_thread(self._changes, self._look())
        for name, content, found in made:
            self._contents[name], self._newest[name] = content, found
        now = self._clock.monotonic()
        if now - self._beaten_at >= HEARTBEAT_SECONDS:
            self._beaten_at = now
            self._give(HEARTBEAT, {"time": self._clock.now()})
        elif made:
            self._wake()

    def _changes(self, make: Callable[[], Topics]) -> list[tuple[str, dict[str, Json], Event]]:
        """What changed, with its events; runs in a thread, one at a time."""
        topics = make()
        changed = [(name, content) for name, content in topics.items() if _differs(self._contents.get(name), content)]
        return [(name, content, event(next(self._numbers), name, content)) for name, content in changed]

    def _give(self, name: str, content: dict[str, Json]) -> None:
        self._newest[name] = event(next(self._numbers), name, content)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _differs(old: dict[str, Json] | None, new: dict[str, Json]) -> bool:
    return old is None or {**old, "time": None} != {**new, "time": None}
