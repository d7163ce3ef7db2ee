"""Following the bots' logs: read in a thread, counted together with how far they are read.

Where bots may report as well, a line waits a few seconds: the report of the same event knows more, and comes first.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from plimsoll.clock import Clock
from plimsoll.config.model import RejectionLog
from plimsoll.database.values import FilePosition
from plimsoll.errors import StateError
from plimsoll.risk.rejections import Intent, reason_of
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.log_file import LogFile, Read
from plimsoll_exporter.rejections.log_lines import Found
from plimsoll_exporter.rejections.told import Source, Told

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
HOLD_SECONDS = 5.0
"""How long a line waits for the report of the same event, where bots may report."""

AHEAD = 64
"""Readings of one log that may wait to be counted."""

NEAR_SECONDS = 60.0
"""A line that has just been written and tells a time further off has a clock or a zone of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Waiting:
    """Lines that were read and are not counted yet."""

    due: float
    lines: tuple[Told, ...]
    position: FilePosition


class LogFollower:
    """Follows one log.

    Args:
        entry: Which, and whose.
        ledger: Counts.
        clock: Time.
        hold: Seconds that a line waits before it counts.
    """

    def __init__(self, entry: RejectionLog, ledger: Ledger, *, clock: Clock, hold: float) -> None:
        self._entry, self._ledger, self._clock, self._hold = entry, ledger, clock, hold
        self._file: LogFile | None = None
        self._waiting: deque[_Waiting] = deque()
        self._fresh = False
        self._trouble = ""

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await self.step()
            await self._clock.sleep(POLL_SECONDS)

    async def step(self) -> None:
        """Read what is new, and count what has waited long enough."""
        try:
            file = self._file or await self._opened()
            while len(self._waiting) < AHEAD:
                read = await asyncio.to_thread(file.read)
                if read is not None:
                    self._keep(read)
                if read is None or not read.more:
                    self._fresh = True
                    break
                self._fresh = False
            self._count()
        except (OSError, StateError) as error:
            self._tell(error)
        else:
            self._trouble = ""

    async def _opened(self) -> LogFile:
        known = self._ledger.file_positions().get(str(self._entry.path))
        self._file = await asyncio.to_thread(LogFile, self._entry.path, known)
        if known is None:
            self._ledger.log((), self._file.position)
        return self._file

    def _keep(self, read: Read) -> None:
        now = self._clock.now()
        told = tuple(self._told(found, place, read.position, now) for place, found in enumerate(read.found))
        due = self._clock.monotonic() + (self._hold if told else 0.0)
        self._waiting.append(_Waiting(due=due, lines=told, position=read.position))

    def _count(self) -> None:
        while self._waiting and self._waiting[0].due <= self._clock.monotonic():
            self._ledger.log(self._waiting[0].lines, self._waiting[0].position)
            self._waiting.popleft()

    def _told(self, found: Found, place: int, position: FilePosition, now: float) -> Told:
        time = now if found.time is None or (self._fresh and abs(found.time - now) > NEAR_SECONDS) else found.time
        return Told(
            account=self._entry.account,
            source=Source.LOG,
            key=f"{position.path}|{position.inode}|{position.fingerprint}|{position.offset}|{place}|{time}",
            time=time,
            reason=reason_of(found.code, found.text),
            intent=Intent.UNKNOWN,
            code=found.code,
            message=found.text,
        )

    def _tell(self, error: OSError | StateError) -> None:
        why = str(error)
        if why != self._trouble:
            log.warning("%s: the log cannot be followed: %s", self._entry.account, why)
            self._trouble = why


def followers(logs: Iterable[RejectionLog], ledger: Ledger, *, clock: Clock, reported: bool) -> list[LogFollower]:
    """One follower a log; ``reported`` says whether bots may report as well."""
    hold = HOLD_SECONDS if reported else 0.0
    return [LogFollower(entry, ledger, clock=clock, hold=hold) for entry in logs]
