"""The reporter's own thread: puts reports on disk the moment they come, and delivers them as the exporter takes them.

While the exporter is away it tries again after 1 s, 2 s, 4 s, at most 30 s. A backlog is sent at a walking pace, so
that it takes no time from the bot.
"""

from __future__ import annotations

import logging
import threading
import time
from queue import Empty, SimpleQueue

from plimsoll.reporting.body import Body
from plimsoll.reporting.delivery import Deliver, Fate
from plimsoll.reporting.spool import Spool

log = logging.getLogger(__name__)

WAITING = 10_000
"""Reports that may wait for the thread in memory; it takes them within milliseconds."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two tries while the exporter is away."""

ADOPT_EVERY = 60.0
"""Seconds between two looks for what ended programs have left."""

PACE = 0.02
"""Seconds between two reports of a backlog."""


class _Turn:
    """Somebody waits until all before it was tried once."""

    def __init__(self, *, last: bool) -> None:
        self.last, self.done = last, threading.Event()


class Worker:
    """Delivers reports until stopped.

    Args:
        spool: Where reports wait; the thread's own from now on.
        deliver: Delivers one.
    """

    def __init__(self, spool: Spool, deliver: Deliver) -> None:
        self._spool, self._deliver = spool, deliver
        self._queue: SimpleQueue[Body | _Turn] = SimpleQueue()
        self._pause, self._try_at, self._adopt_at = FIRST_PAUSE, 0.0, 0.0
        self._warned, self._told_failing = "", spool.failing
        self._lost = self._told_lost = 0
        self._thread = threading.Thread(target=self._run, name="plimsoll-reports", daemon=True)
        self._thread.start()

    def put(self, report: Body) -> None:
        """Hand over a report; never waits."""
        if self._queue.qsize() >= WAITING:
            self._lost += 1
            return
        self._queue.put(report)

    def flush(self, seconds: float, *, stop: bool = False) -> bool:
        """Wait until all that was handed over is on disk and was tried once; whether nothing waits any more.

        Args:
            seconds: The longest wait.
            stop: End the thread after it.
        """
        turn = _Turn(last=stop)
        self._queue.put(turn)
        finished = turn.done.wait(seconds)
        return finished and not len(self._spool)

    def _run(self) -> None:
        while True:
            try:
                if self._step():
                    return
            except Exception:
                log.exception("reporting refused orders was stopped by a fault of ours; it goes on in a second")
                time.sleep(FIRST_PAUSE)

    def _step(self) -> bool:
        """Take what has come, deliver what is due; whether that was the last."""
        turn = self._take(self._patience())
        self._look_for_left_ones()
        if turn is None:
            self._deliver_what_is_due(hurry=False)
            return False
        self._try_at = 0.0
        self._deliver_what_is_due(hurry=True)
        turn.done.set()
        return turn.last

    def _patience(self) -> float:
        now = time.monotonic()
        due = self._adopt_at if not len(self._spool) else min(self._adopt_at, self._try_at)
        return max(0.0, due - now)

    def _take(self, patience: float) -> _Turn | None:
        """Put what has come on disk; gives the turn of whoever waits, everything before which was taken."""
        try:
            got = self._queue.get(timeout=patience) if patience else self._queue.get_nowait()
            while not isinstance(got, _Turn):
                self._spool.add(got)
                got = self._queue.get_nowait()
        except Empty:
            self._tell_trouble()
            return None
        self._tell_trouble()
        return got

    def _look_for_left_ones(self) -> None:
        now = time.monotonic()
        if now >= self._adopt_at:
            self._adopt_at = now + ADOPT_EVERY
            self._spool.adopt()

    def _deliver_what_is_due(self, *, hurry: bool) -> None:
        """Deliver until nothing waits, it fails, or something new has come that belongs on disk first."""
        while time.monotonic() >= self._try_at and (report := self._spool.first()) is not None:
            answer = self._deliver(report)
            if answer.fate is Fate.LATER:
                self._wait(answer.why)
                return
            if answer.fate is Fate.UNFIT:
                log.error("a report was refused and is set aside: %s", answer.why)
                self._spool.set_aside()
            else:
                self._spool.delivered()
                self._warned, self._pause = "", FIRST_PAUSE
            if not hurry:
                if not self._queue.empty():
                    return
                time.sleep(PACE if len(self._spool) else 0)

    def _wait(self, why: str) -> None:
        self._try_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        if why != self._warned:
            log.warning("refused orders cannot be reported, %d wait: %s", len(self._spool), why)
            self._warned = why

    def _tell_trouble(self) -> None:
        lost = self._lost + self._spool.lost
        if lost > self._told_lost:
            log.error("%d refused orders are not reported: too many wait already", lost)
            self._told_lost = lost
        if self._spool.failing != self._told_failing:
            self._told_failing = self._spool.failing
            if self._told_failing is not None:
                log.warning("refused orders wait in memory only: the spool cannot be written (%s)", self._told_failing)
