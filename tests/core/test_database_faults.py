"""Full disk, read-only file and folder, another's lock: real ones, one kind of error, and nothing lost in memory."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from manual_clock import ManualClock
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.database.draft import Draft, counted, writer
from plimsoll.database.pending import Pending
from plimsoll.database.values import FLOWS, Wallet
from plimsoll.errors import StateUnavailable
from state_values import flow, open_state, standing


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """No file of this process may grow beyond ``limit`` bytes: the system itself refuses, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def log_size(state: Database) -> int:
    """Bytes of the write-ahead log."""
    return state.path.with_name(f"{state.path.name}-wal").stat().st_size


def add_flows(state: Database, *numbers: int) -> None:
    """Book confirmed flows in one change."""
    with state.change() as change:
        for number in numbers:
            change.add_flow("eon", flow(transaction=f"t{number}"))


def test_a_full_disk_writes_nothing_and_works_again_with_room(tmp_path: Path):
    """A change that meets a full disk leaves nothing of itself, reading goes on, and with room it can be repeated."""
    with open_state(tmp_path) as state:
        add_flows(state, 0)
        with full_disk(log_size(state) + 5000), pytest.raises(StateUnavailable, match=str(tmp_path)):
            add_flows(state, *range(1, 2000))
        assert len(state.flows("eon")) == 1
        add_flows(state, *range(1, 2000))
        assert len(state.flows("eon")) == 2000


def test_sqlites_own_full_is_the_same_error(tmp_path: Path):
    """A database that may not get another page fails with SQLITE_FULL, and works again when it may."""
    with open_state(tmp_path) as state:
        add_flows(state, 0)
        # the limit belongs to a connection, and the product has no reason to set it
        state._connection.execute("PRAGMA max_page_count = 1")  # noqa: SLF001 - see above
        with pytest.raises(StateUnavailable, match="full"):
            add_flows(state, *range(1, 2000))
        state._connection.execute("PRAGMA max_page_count = 100000")  # noqa: SLF001 - see above
        add_flows(state, 1)
        assert len(state.flows("eon")) == 2


@pytest.mark.parametrize("room", [0, 8192])
def test_a_full_disk_at_the_first_start_leaves_no_half_file(tmp_path: Path, room: int):
    """Where the file cannot be made, none is there; with room the next start makes it."""
    with full_disk(room), pytest.raises(StateUnavailable):
        open_state(tmp_path)
    assert not (tmp_path / FILE_NAME).exists()
    open_state(tmp_path).close()


def test_another_process_that_writes_for_long_is_not_waited_for(tmp_path: Path):
    """While another connection holds the write lock a change fails soon with the same error, and later works."""
    with open_state(tmp_path) as state:
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StateUnavailable, match="locked"):
                add_flows(state, 1)
        add_flows(state, 1)


def test_a_folder_that_is_a_file_is_told(tmp_path: Path):
    """A data_dir that cannot be a folder is one clear error."""
    (tmp_path / "data").write_text("")
    with pytest.raises(StateUnavailable, match=f"{tmp_path}/data: File exists"):
        open_state(tmp_path / "data")


READ_ONLY = """
import os, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from plimsoll.errors import StateUnavailable
from state_values import flow, open_state

folder = Path(sys.argv[1])
os.umask(0o077)
if os.getuid() == 0:  # root may write everywhere
    os.chown(folder, 65534, 65534)
    os.setgid(65534)
    os.setuid(65534)
with open_state(folder) as state, state.change() as change:
    change.add_flow("eon", flow())

def told():
    try:
        with open_state(folder) as state:
            with state.change() as change:
                change.add_flow("eon", flow())
            return f"wrote {len(state.flows('eon'))}"
    except StateUnavailable as error:
        return str(error)

(folder / "state.sqlite").chmod(0o400)
print(told())
(folder / "state.sqlite").chmod(0o600)
folder.chmod(0o500)
print(told())
(folder / "state.sqlite.lock").chmod(0o400)
print(told())
folder.chmod(0o700)
(folder / "state.sqlite.lock").chmod(0o600)
print(told())
"""


def test_a_read_only_file_or_folder_is_told(tmp_path: Path):
    """As a user who may not write: file, folder and lock each give the one kind of error, and all is well after."""
    del tmp_path  # below it another user could not come
    with tempfile.TemporaryDirectory() as folder:
        support = Path(__file__).resolve().parents[1] / "support"
        command = [sys.executable, "-c", READ_ONLY, folder, str(support)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr
    file, closed, lock, again = done.stdout.splitlines()
    assert file == f"{folder}/state.sqlite: Permission denied"
    assert closed.startswith(f"{folder}/state.sqlite: ")
    assert lock == f"{folder}/state.sqlite.lock: Permission denied"
    assert again == "wrote 2"


class Disk:
    """A place to write drafts to that a test can break; everything that arrives is a real transaction."""

    def __init__(self, state: Database) -> None:
        self.full, self.tries, self._write = False, 0, writer(state)

    def write(self, draft: Draft) -> None:
        """Write, or meet the full disk."""
        self.tries += 1
        with full_disk(1) if self.full else full_disk(resource.RLIM_INFINITY):
            self._write(draft)


def test_what_fails_is_kept_in_order_and_written_with_room(tmp_path: Path):
    """Through a full disk the last standing wins, counts add up, steps keep their order; one write brings all."""
    clock = ManualClock()
    with open_state(tmp_path) as state:
        disk = Disk(state)
        pending: Pending[Draft] = Pending(disk.write, clock=clock)
        assert pending.put(counted("eon", "orders", {}))
        assert (pending.failing_since, pending.error, pending.retry()) == (None, None, True)
        disk.full, began = True, clock.now()
        for number in range(5):
            step = partial(add_numbered, number=number)
            draft = Draft(
                steps=(step,),
                standings={"eon": standing(str(number), "total")},
                wallets={"eon": {"USDT": Wallet(balance=Decimal(number), updated_ms=number)}},
                cursors={("eon", FLOWS): number},
            )
            assert not pending.put(draft)
            assert not pending.put(counted("eon", "orders", {}, 2, at=float(number)))
        assert disk.tries == 2, "one good, one failed: within a second it is not tried again"
        assert (pending.failing_since, str(tmp_path) in str(pending.error)) == (began, True)
        clock.advance(1.0)
        assert not pending.retry()
        assert pending.failing_since == began
        disk.full = False
        assert not pending.retry(), "not before its time"
        assert pending.retry(now=True)
        assert (pending.failing_since, pending.error) == (None, None)
        assert [one.transaction for one in state.flows("eon")] == [f"t{number}" for number in range(5)]
        assert state.standing("eon").units == 4
        assert state.wallets("eon")["USDT"].balance == 4
        assert state.cursor("eon", FLOWS) == 4
        assert [(one.value, one.last_at) for one in state.counters()] == [(11, 4.0)]


def add_numbered(change: object, *, number: int) -> None:
    """A step that books a flow."""
    change.add_flow("eon", flow(transaction=f"t{number}"))


def test_a_mistake_in_a_change_is_raised_and_not_kept(tmp_path: Path):
    """An error that is not the disk's goes to who made it, and does not hold up what waits."""
    clock = ManualClock()

    def broken(change: object) -> None:
        raise KeyError(change)

    with open_state(tmp_path) as state:
        disk = Disk(state)
        pending: Pending[Draft] = Pending(disk.write, clock=clock)
        disk.full = True
        pending.put(counted("eon", "orders", {}))
        disk.full = False
        clock.advance(1.0)
        with pytest.raises(KeyError):
            pending.put(Draft(steps=(broken,)))
        assert pending.retry(now=True)
        assert state.counters()[0].value == 1
