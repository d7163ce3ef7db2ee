"""The enforcer's journal, damaged: opened as at a start, after which the enforcer must be able to work."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from fuzz.folders import folder
from fuzz.patches import cells_of, damage
from fuzz.target import Target, demand
from plimsoll.clock import SystemClock
from plimsoll_enforcer.desk import Alert
from plimsoll_enforcer.journal.file import FILE_NAME
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.journal.values import Breach, Lockout

ACCOUNT = "eon"
ALERT = Alert(
    status="firing",
    labels={"rule": "tmad"},
    annotations={"samples": "2"},
    arrived_at=5.0,
    starts_at=4.0,
    fingerprint="",
)


@cache
def _template() -> tuple[Path, list[tuple[str, str]]]:
    """A sound journal with something in its tables, and their cells; made once a process."""
    place = Path(tempfile.mkdtemp(prefix="plimsoll-fuzz-"))
    journal = Journal.open(place, clock=SystemClock())
    journal.watch(Breach(account=ACCOUNT, began_at=5.0, claims={"tmad": ALERT}))
    journal.lock(Lockout(account=ACCOUNT, since=1.0, until=2e9, reason="r", rules=("tmad",), leverages={"BTCUSDT": 20}))
    journal.begin_run(ACCOUNT, mode="armed", trigger="drawdown")
    journal.count(ACCOUNT, "runs", "done")
    journal.mark("probe")
    journal.close()
    path = place / FILE_NAME
    return path, cells_of(path)


def run(data: bytes) -> None:
    """Open a damaged journal and use it.

    Raises:
        Broken: A lockout that stands in the file was lost without the journal saying that it does not know.
    """
    source, cells = _template()
    with folder() as place:
        path = place / FILE_NAME
        shutil.copyfile(source, path)
        damage(path, data, cells)
        stands = _stands(path)
        journal = Journal.open(place, clock=SystemClock())
        try:
            if stands:
                demand(bool(journal.lockout(ACCOUNT)) or bool(journal.doubt), "a lockout was lost without a word")
            journal.count(ACCOUNT, "runs", "done")
            journal.runs()
            journal.unfinished()
        finally:
            journal.close()


def _stands(path: Path) -> bool:
    """Whether the file still has the lockout, whatever is written in its other columns."""
    query = "SELECT account FROM lockout WHERE account = ? AND released_at_s IS NULL"
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(query, (ACCOUNT,)).fetchone() is not None
    except (sqlite3.Error, UnicodeDecodeError):
        return False


TARGET = Target(
    name="journal-file",
    about="damaged journal.sqlite, bytes and cells: opens all the same; a lost lockout is told",
    run=run,
    longest=256,
)
