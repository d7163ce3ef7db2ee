"""The short form of ``make soak``, and its rules on made-up samples: what grows is found, what only jumps is not."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from soak.judging import faults
from soak.run import soak
from soak.samples import Sample

BUSY = pytest.mark.skipif(
    "PLIMSOLL_STORM" not in os.environ,
    reason="not exact yet on a busy machine: docs/soak.md; run by make chaos-short",
)
GROSS_MIB = 30.0
"""Forty seconds are all warm-up: only what leaks with every event or renewal grows so much."""


def samples(count: int = 120) -> list[Sample]:
    """An exporter that stays as it is, with a peak at every renewal."""
    usual = Sample(at=0.0, memory=90.0, descriptors=60, threads=3, tasks=300, corrections=0, reconnects=0, opened=21)
    return [
        replace(usual, at=float(number), memory=90.0 + 5 * (number % 10 == 0), descriptors=60 + 20 * (number % 10 == 0))
        for number in range(count)
    ]


def test_what_stays_as_it_is_passes():
    """Peaks at renewals and memory that grows while everything is new are no growth."""
    found = [replace(one, memory=min(one.memory, 60 + one.at)) for one in samples()]
    assert faults(found) == []


def test_whatever_grows_is_found():
    """A slow leak of memory, of descriptors, threads or tasks, and a single correction, each by its name."""
    steady = samples()
    leaks = {
        "memory": [replace(one, memory=one.memory + one.at / 8) for one in steady],
        "descriptors": [replace(one, descriptors=one.descriptors + one.at // 2) for one in steady],
        "threads": [replace(one, threads=one.threads + one.at // 12) for one in steady],
        "tasks": [replace(one, tasks=one.tasks + one.at // 2) for one in steady],
        "correction": [*steady[:-1], replace(steady[-1], corrections=1)],
    }
    for name, found in leaks.items():
        (wrong,) = faults(found)
        assert name in wrong


@BUSY
async def test_renewals_leave_nothing_behind(tmp_path: Path):
    """Twenty calm accounts, every stream renewed several times: no descriptor, thread or task is left behind."""
    found = await soak(tmp_path, 40.0, renewal=12.0)
    assert faults(found, least_mib=GROSS_MIB) == []
    assert found[-1].tasks > 0
    assert found[-1].opened >= 2 * found[0].opened
    assert found[-1].reconnects == 0
