"""The lock that lets one program at a time own a state file. The system frees it however its holder ends.

It guards against a second owner only: others may still read the file and write what it allows them to.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from plimsoll.database.errors import os_errors
from plimsoll.errors import StateInUse

STEP = 0.05
"""Seconds between two tries to get the lock."""


class Lock:
    """A held lock; freed by ``release`` and by the end of the process.

    Args:
        path: The file to lock; made (mode 0600) where it is not there, never removed.
        patience: Seconds to go on trying; the command that asks for a rebase holds the lock for a few milliseconds.

    Raises:
        StateInUse: Another process holds it all that time.
        StateUnavailable: The file cannot be made or opened.
    """

    def __init__(self, path: Path, *, patience: float = 0.0) -> None:
        with os_errors(path):
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._acquire(path, tries=1 + int(patience / STEP))
        except BaseException:
            self.release()
            raise

    def _acquire(self, path: Path, *, tries: int) -> None:
        while not self._try():
            tries -= 1
            if tries <= 0:
                raise StateInUse(f"{path.parent} is in use by another program{self._holder()}")
            time.sleep(STEP)
        # Only told to people: a disk too full for it must not keep the program from running.
        try:
            os.truncate(self._handle, 0)
            os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            return

    def _try(self) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> str:
        pid = os.pread(self._handle, 20, 0).decode("ascii", "replace").strip()
        return f" (process {pid})" if pid.isdecimal() else ""

    def release(self) -> None:
        """Free it; a second call does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
