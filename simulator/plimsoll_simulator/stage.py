"""Lock-step between a story and its actors: the story's time stands still while an actor acts.

Actors are programs of their own that trade over HTTP. They come to the stage for their cues, and say when they have
dealt with what they follow; so whatever the speed, the same things happen in the same second and in the same order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping

Cue = Mapping[str, str]

PATIENCE = 30.0
"""Real seconds that a story waits for an actor; then it goes on without that one."""

_log = logging.getLogger("plimsoll.simulator")


class Stage:
    """Who acts in the story, what they are told to do, what they have done, and how far the story may go.

    Without a cast no cue is given and nothing is waited for. ``second`` is the last second of the story that has been
    played; the story halts after ``until`` while that is set.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.second = 0
        self.until: int | None = None
        self._patience = patience
        self._cast: set[str] = set()
        self._waiting: set[str] = set()
        self._cues: dict[str, Cue] = {}
        self._done: dict[str, set[int]] = {}
        self._over = False
        self._change = asyncio.Event()

    @property
    def halted(self) -> bool:
        """Whether the story may not go on now."""
        return self.until is not None and self.second >= self.until

    def expect(self, actors: Iterable[str]) -> None:
        """Name those who will come; from now on the story waits for them, also where it is served again."""
        self._cast, self._over = set(actors), False
        self._waiting.clear()

    def dismiss(self, actor: str) -> None:
        """Wait no longer for an actor."""
        self._cast.discard(actor)
        self._changed()

    def close(self) -> None:
        """End the play: everybody who waits for a cue is told that there are no more."""
        self._over = True
        self._changed()

    async def cue(self, actor: str, cue: Cue) -> None:
        """Tell an actor what to do once everybody is there, and wait until it is done."""
        if actor not in self._cast:
            return
        await self._wait(lambda: self._cast <= self._waiting, lambda: self._cast - self._waiting)
        if actor in self._cast:
            self._cues[actor] = cue
            self._waiting.discard(actor)
            self._changed()
            await self._wait(lambda: actor in self._waiting or actor not in self._cast, lambda: {actor})

    async def dealt_with(self, actor: str, numbers: Collection[int]) -> None:
        """Wait until an actor has said that it is done with all of the numbers."""
        wanted = set(numbers)
        await self._wait(
            lambda: actor not in self._cast or wanted <= self._done.get(actor, set()),
            lambda: {actor},
        )

    async def next_cue(self, actor: str) -> Cue | None:
        """What an actor is to do next, once there is something; ``None`` when the play is over."""
        self._waiting.add(actor)
        self._changed()
        while actor not in self._cues and not self._over:
            await self._change.wait()
        return self._cues.pop(actor, None)

    def report(self, actor: str, number: int) -> None:
        """An actor says that it is done with a number."""
        self._done.setdefault(actor, set()).add(number)
        self._changed()

    async def _wait(self, holds: Callable[[], bool], late: Callable[[], Collection[str]]) -> None:
        """Wait until something holds; those who are ``late`` beyond patience leave the cast."""
        try:
            async with asyncio.timeout(self._patience):
                while not holds() and not self._over:
                    await self._change.wait()
        except TimeoutError:
            for actor in sorted(late()):
                _log.warning(
                    "the actor %s has not answered for %.0f s; the story goes on without", actor, self._patience
                )
                self.dismiss(actor)

    def _changed(self) -> None:
        changed, self._change = self._change, asyncio.Event()
        changed.set()
