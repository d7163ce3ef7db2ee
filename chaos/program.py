"""Exporter or enforcer as they are, whose database can be made full: SIGUSR1 fills it, SIGUSR2 makes room again.

``python -m chaos.program exporter --config ...``. A full disk is what SQLite's own limit of pages plays: with it,
every statement that needs a page more is refused. Nothing else differs from the installed commands.
"""

from __future__ import annotations

import signal
import sqlite3
import sys
from types import FrameType

from plimsoll.database import file

FULL, ROOMY = 1, 1_000_000_000
"""Pages; SQLite takes the present size where a limit is below it."""


class Disk:
    """Whether there is room, for every connection that the program has opened."""

    def __init__(self) -> None:
        self._connections: list[sqlite3.Connection] = []
        self._connect = file._connect  # noqa: SLF001 - the only place that knows them all

    def connected(self, *given: object, **named: object) -> sqlite3.Connection:
        """Open a connection as ``plimsoll.database.file`` does, and remember it."""
        connection = self._connect(*given, **named)  # type: ignore[arg-type] # passed on as it came
        self._connections.append(connection)
        return connection

    def limit(self, number: int, _frame: FrameType | None) -> None:
        """Full with SIGUSR1, roomy with SIGUSR2."""
        pages = FULL if number == signal.SIGUSR1 else ROOMY
        for connection in self._connections:
            try:
                connection.execute(f"PRAGMA max_page_count = {pages}")
            except sqlite3.ProgrammingError:  # closed since
                continue


def main() -> int:
    """Run the program that the first argument names."""
    disk = Disk()
    file._connect = disk.connected  # noqa: SLF001 - see above
    signal.signal(signal.SIGUSR1, disk.limit)
    signal.signal(signal.SIGUSR2, disk.limit)
    name, arguments = sys.argv[1], sys.argv[2:]
    if name == "exporter":
        from plimsoll_exporter.main import main as run  # noqa: PLC0415 - only the one that is asked for
    else:
        from plimsoll_enforcer.main import main as run  # noqa: PLC0415 - as above
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
