"""``kill -9`` at random moments: whatever was acknowledged is there, once and whole.

``PLIMSOLL_KILLS=500`` makes more of them than the 50 of an ordinary run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

from plimsoll.database.database import Database
from plimsoll.database.values import FLOWS
from state_values import open_state

CHILD = Path(__file__).resolve().parents[1] / "support" / "state_child.py"
KILLS = int(os.environ.get("PLIMSOLL_KILLS", "50"))
LONGEST = 0.15
"""Seconds that a child lives at most after its first word; every third is killed without waiting for one."""


FIRST_STARTS = 10
"""Kills of a child that has to make the database first, before it has said a word."""


def killed_child(folder: Path, begin: int, chance: random.Random, *, silent: float = 1 / 3) -> int | None:
    """Let a child change the state, kill it at some moment, and give the last number that it acknowledged."""
    command = [sys.executable, str(CHILD), str(folder), str(begin)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own program
        assert child.stdout is not None
        said = "" if chance.random() < silent else child.stdout.readline()
        time.sleep(chance.uniform(0.0, LONGEST))
        child.send_signal(signal.SIGKILL)
        said += child.stdout.read()
    assert child.returncode == -signal.SIGKILL
    whole = [line for line in said.splitlines(keepends=True) if line.endswith("\n")]
    return int(whole[-1]) if whole else None


def last_whole_change(state: Database) -> int:
    """The number of the last change, after making sure that every change up to it is there whole, once, in order."""
    flows = state.flows("eon")
    last = len(flows)
    assert [one.transaction for one in flows] == [f"t{number}" for number in range(1, last + 1)]
    assert [int(one.key) for one in state.seen("eon", "k")] == list(range(1, last + 1))
    if last:
        standing = state.standing("eon")
        assert standing is not None
        assert (standing.units, set(standing.rules)) == (last, {"total", "daily"})
        assert state.cursor("eon", FLOWS) == last
        assert [(one.value, one.last_at) for one in state.counters()] == [(Decimal(last), float(last))]
    return last


def test_a_killed_process_loses_no_change_and_doubles_none(tmp_path: Path):
    """After each of many kills the database opens, holds every acknowledged change and at most one more, all whole."""
    chance = random.Random(4)  # noqa: S311 - moments, not secrets
    last, acknowledged = 0, 0
    for _ in range(KILLS):
        told = killed_child(tmp_path, last + 1, chance)
        with open_state(tmp_path) as state:
            found = last_whole_change(state)
        least = last if told is None else told
        assert least <= found, "an acknowledged change is gone"
        assert told is None or found <= told + 1, "a change that was never begun is there"
        last, acknowledged = found, acknowledged + (told is not None)
    assert acknowledged > KILLS // 3, "most children came to their work"


def test_a_process_killed_while_it_makes_the_database_is_no_obstacle(tmp_path: Path):
    """Wherever the first start is killed, the next one opens a whole database, new or with what was acknowledged."""
    chance = random.Random(5)  # noqa: S311 - moments, not secrets
    for number in range(FIRST_STARTS):
        folder = tmp_path / str(number)
        told = killed_child(folder, 1, chance, silent=1.0)
        with open_state(folder) as state:
            assert last_whole_change(state) >= (told or 0)
