"""Reports that wait on disk: one small file each, so that a killed bot loses none and its next start sends them.

A file is written aside and renamed, so there are no half ones. Several programs may share a folder: whoever finds a
report of a program that has ended sends it, and one that is sent twice is counted once by its id.
"""

from __future__ import annotations

import json
import os
import time
from collections import deque
from pathlib import Path

from plimsoll.reporting.body import Body

LIMIT = 20_000
"""Reports that are kept; more are not, and their number is logged. An hour of five refusals a second."""

PRIVATE = 0o700


class Spool:
    """The reports of one program in one folder; used by one thread.

    Args:
        folder: Made when the first report comes.
        limit: Reports kept.

    Attributes:
        lost: Reports that could not be kept, since the start.
        failing: Why the folder cannot be written; reports then wait in memory. ``None`` while it can.
    """

    def __init__(self, folder: Path, *, limit: int = LIMIT) -> None:
        self._folder, self._limit = folder, limit
        self._waiting: deque[tuple[str, Body | None]] = deque()
        self._known: set[str] = set()
        self._born = time.time_ns()
        self.lost = 0
        self.failing: str | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, report: Body) -> bool:
        """Keep a report; false where there is no room."""
        if len(self._waiting) >= self._limit:
            self.lost += 1
            return False
        name = f"{time.time_ns():020d}-{os.getpid()}-{report['report_id']}.json"
        kept = self._write(name, report)
        self._waiting.append((name, None if kept else report))
        self._known.add(name)
        return True

    def first(self) -> Body | None:
        """The report that waits longest; ``None`` where none does. One that cannot be read is left out."""
        while self._waiting:
            name, report = self._waiting[0]
            found = report or self._read(name)
            if found is not None:
                return found
            self._forget()
        return None

    def delivered(self) -> None:
        """Forget the first report."""
        name, _ = self._waiting[0]
        self._forget()
        _remove(self._folder / name)

    def set_aside(self) -> None:
        """Take the first report out of the line for good, and leave its file for a person to read."""
        name, _ = self._waiting[0]
        self._forget()
        try:
            (self._folder / name).rename(self._folder / f"{name}.refused")
        except OSError:
            return

    def adopt(self) -> int:
        """Put reports of programs that have ended in line, oldest first; gives how many."""
        try:
            names = sorted(name for name in os.listdir(self._folder) if name.endswith(".json"))  # noqa: PTH208 - names alone, thousands of them
        except OSError:
            return 0
        left = [name for name in names if name not in self._known and self._is_left(name)]
        room = max(0, self._limit - len(self._waiting))
        self._waiting.extend((name, None) for name in left[:room])
        self._known.update(left[:room])
        return len(left[:room])

    def _is_left(self, name: str) -> bool:
        """Whether the writer of a file has ended; in a container the next one has the same number."""
        born, pid, *_ = [*name.split("-"), "", ""]
        if not born.isdecimal() or not pid.isdecimal():
            return False
        return int(born) < self._born if int(pid) == os.getpid() else not _alive(int(pid))

    def _write(self, name: str, report: Body) -> bool:
        try:
            self._folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            aside = self._folder / f"{name}.tmp"
            aside.write_text(json.dumps(report), encoding="utf-8")
            aside.rename(self._folder / name)
        except OSError as error:
            self.failing = error.strerror or type(error).__name__
            return False
        self.failing = None
        return True

    def _read(self, name: str) -> Body | None:
        try:
            found = json.loads((self._folder / name).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _forget(self) -> None:
        name, _ = self._waiting.popleft()
        self._known.discard(name)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
