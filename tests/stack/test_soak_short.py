"""Five minutes of ``make soak``, and its rules on made-up samples: what grows is found, what only jumps is not.

The five minutes run beside all other tests, from their begin: ``tests/support/soak_beside.py``. The test that judges
them comes after the longest ones (``tests/conftest.py``), when they are over.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from soak.judging import faults
from soak.samples import Sample

from patience import Patience
from soak_beside import folder_of, soaked, soaking

COUNT = 290
"""Samples of five minutes."""

USUAL = Sample(
    at=0.0,
    memory=90.0,
    descriptors={"socket": 31, "state.sqlite": 1},
    threads={"python": 2},
    tasks={"Supervisor._read": 21, "Supervisor._renew_when_old": 21, "SystemClock.sleep": 64},
    corrections=0,
    reconnects=0,
    opened=21,
    stood_still=0.1,
)


def samples() -> list[Sample]:
    """An exporter that stays as it is, with a peak at every renewal."""
    return [_at(number) for number in range(COUNT)]


def _at(second: int) -> Sample:
    """Every ten seconds some streams are renewed: connections overlap, and timers wait for their turn."""
    peak = second % 10 == 0
    return replace(
        USUAL,
        at=float(second),
        memory=90.0 + 5 * peak,
        descriptors={"socket": 31 + 20 * peak, "state.sqlite": 1},
        tasks={**USUAL.tasks, "Supervisor._read": 21 + 3 * peak, "Supervisor._renew_when_old": 21 - 9 * peak},
        opened=21 + second // 2,
    )


def _more(counts: dict[str, int], kind: str, number: float) -> dict[str, int]:
    return {**counts, kind: counts.get(kind, 0) + int(number)}


def test_what_stays_as_it_is_passes():
    """Peaks at renewals and memory that grows while everything is new are no growth."""
    found = [replace(one, memory=min(one.memory, 60 + one.at)) for one in samples()]
    assert faults(found) == []


def test_a_machine_that_gets_busy_or_quiet_is_no_leak():
    """Calls that fall together hold connections and threads; renewals that wait for their turn have no timer."""

    def pressed(one: Sample) -> Sample:
        waiting = int(one.at) % 12
        return replace(
            one,
            descriptors=_more(one.descriptors, "socket", 14),
            threads=_more(one.threads, "python", 4),
            tasks=one.tasks | {"Supervisor._renew_when_old": 20 - waiting, "Supervisor._read": 21 + waiting},
        )

    later = [pressed(one) if one.at > COUNT / 2 else one for one in samples()]
    sooner = [pressed(one) if one.at < COUNT / 2 else one for one in samples()]
    assert faults(later) == faults(sooner) == []


def test_whatever_grows_is_found():
    """In five minutes, a leak at every second or fourth renewal or a slow one of memory, by its kind."""
    steady = samples()
    leaks = {
        "memory": [replace(one, memory=one.memory + one.at / 16) for one in steady],
        "socket": [replace(one, descriptors=_more(one.descriptors, "socket", one.at / 4)) for one in steady],
        "python": [replace(one, threads=_more(one.threads, "python", one.at / 8)) for one in steady],
        "Supervisor._read": [replace(one, tasks=_more(one.tasks, "Supervisor._read", one.at / 8)) for one in steady],
        "Event.wait": [replace(one, tasks=_more(one.tasks, "Event.wait", one.at / 20)) for one in steady],
    }
    for name, found in leaks.items():
        (wrong,) = faults(found)
        assert name in wrong


def test_whatever_a_calm_world_must_not_have_is_found():
    """A single correction, a lost stream, and renewals that did not come; a stream lost on a halted machine is not."""
    *before, last = samples()
    wrong = {
        "1 reconcile corrections": replace(last, corrections=1),
        "1 streams lost": replace(last, reconnects=1),
        "9 renewals": replace(last, opened=30),
    }
    for said, one in wrong.items():
        (fault,) = faults([*before, one])
        assert said in fault
    assert faults([*before, replace(last, reconnects=1, stood_still=6.0)]) == []


def test_a_soak_ends_with_whoever_began_it(tmp_path: Path):
    """Where the pipe from its starter ends, the soak ends its exporter and itself."""
    with soaking(tmp_path) as process:
        children, patience = Path(f"/proc/{process.pid}/task/{process.pid}/children"), Patience()
        while not (exporters := children.read_text().split()):
            assert patience.left
            time.sleep(0.05)
    assert soaked(tmp_path)[0] == 2
    assert not any(Path("/proc", exporter).exists() for exporter in exporters)


def test_five_minutes_of_calm(pytestconfig: pytest.Config):
    """Twenty calm accounts, every stream renewed several times: nothing grew, nothing was lost or corrected."""
    code, said = soaked(folder_of(pytestconfig))
    assert code == 0, said
