"""The exporter's state database, damaged: read whole by its owner."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from fuzz.folders import folder
from fuzz.patches import cells_of, damage
from fuzz.target import Target
from fuzz.values import sound
from plimsoll.clock import SystemClock
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.errors import StateError

ROWS = (
    "INSERT INTO standing VALUES ('eon', '5000', '1.1', 1795164002.25)",
    (
        "INSERT INTO rule_standing VALUES ('eon', 'tmad', 'high-water|ratio', '1.2', 1.0, '1', '2026-11-21', 1, 1,"
        " 2.0, '1')"
    ),
    "INSERT INTO wallet VALUES ('eon', 'USDT', '10.5', 1795164000000)",
    "INSERT INTO flow VALUES (1, 'eon', 'USDT', '10', '10', 5, 'TRANSFER', 'income', 't1', 1.0)",
    "INSERT INTO cursor VALUES ('eon', 'flows', 5)",
    "INSERT INTO counter VALUES ('eon', 'rejections', '{\"code\":\"-2019\"}', '3', 1.0)",
    "INSERT INTO seen VALUES ('eon', 'rejection', 'r1', 5)",
    "INSERT INTO rebase VALUES (1, 'eon', 'tmad', 'why', 1.0, 'ann', 2.0, '1', '2', '3', '4', '')",
    "INSERT INTO rebase VALUES (2, 'eon', 'tmad', 'why', 1.0, 'ann', NULL, NULL, NULL, NULL, NULL, '')",
    "INSERT INTO audit VALUES (1, 1.0, 'eon', 'tmad', 'rebase', 'why', 'a', 'b', 'ann')",
    "INSERT INTO file_position VALUES ('/var/log/bot.log', 7, 100, '10:abc')",
    "INSERT INTO position VALUES ('eon', 'BTCUSDT', 'long', 5, 2, '[1,2]', '0.5', 6)",
    "INSERT INTO alert VALUES ('eon', 'DrawdownLimitBreached', '{\"rule\":\"tmad\"}', 1.0, 2.0)",
    (
        "INSERT INTO ended_order (account, time_s, learned_s, source, outcome, intent, reason, code, message, symbol,"
        " direction, type, quantity, client_id) VALUES ('eon', 1.0, 1.0, 'log', 'rejected', 'opening', 'margin',"
        " -2019, 'm', 'BTCUSDT', 'BUY', 'MARKET', '1', 'c')"
    ),
)


@cache
def _template() -> tuple[Path, list[tuple[str, str]]]:
    """A sound file with a row in every table, and its cells; made once a process."""
    path = Path(tempfile.mkdtemp(prefix="plimsoll-fuzz-")) / FILE_NAME
    with Database.open(path, clock=SystemClock()) as state:
        for row in ROWS:
            state._connection.execute(row)  # noqa: SLF001 - any row at all, and not through our own checks
    return path, cells_of(path)


def run(data: bytes) -> None:
    """Open a damaged file and read all of it.

    Raises:
        Broken: What is read is not sound.
    """
    source, cells = _template()
    with folder() as place:
        path = place / FILE_NAME
        shutil.copyfile(source, path)
        damage(path, data, cells)
        try:
            with Database.open(path, clock=SystemClock(), lock_patience=0.0) as state:
                _read(state)
        except StateError:
            return


def _read(state: Database) -> None:
    account = "eon"
    for found in (
        state.standing(account),
        state.wallets(account),
        state.flows(account),
        state.cursor(account, "flows"),
        state.counters(),
        state.seen(account, "rejection"),
        state.ended_orders(account),
        state.file_positions(),
        state.positions(account),
        state.alerts(),
        state.rebase_request(1),
        state.open_rebase_requests(),
        state.audit_trail(),
    ):
        sound(found, seconds=True)


TARGET = Target(
    name="state-file",
    about="damaged state.sqlite, bytes and cells: only StateError, nothing unsound is read",
    run=run,
    longest=256,
)
