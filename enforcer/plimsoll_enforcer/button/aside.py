"""Work that may hang (a paused terminal, a disk that does not answer), done in its order beside everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]


class Aside:
    """A thread that does what it is given; it ends with the program, whatever it hangs in."""

    def __init__(self) -> None:
        self._works: SimpleQueue[Work] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def do(self, work: Work) -> None:
        """Have something done after all that was given before; it must not raise."""
        self._works.put(work)

    def settle(self, seconds: float) -> bool:
        """Wait until all that was given is done, but only so long; gives whether it is."""
        done = threading.Event()
        self._works.put(done.set)
        return done.wait(seconds)

    def _run(self) -> None:
        while True:
            self._works.get()()
