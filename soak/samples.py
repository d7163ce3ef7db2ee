"""One sample of the exporter: its process as the kernel tells it, and what its own page counts."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from patience import until
from programs import Running
from soak.world import Opened
from stack_harness import Stack

CORRECTIONS = "binance_reconcile_corrections_total"
RECONNECTS = "binance_stream_reconnects_total"
KIB_PER_MIB = 1024.0
TICK_SECONDS = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What was at one moment.

    Attributes:
        at: Seconds since the beginning.
        memory: Resident, in MiB.
        descriptors: Open ones, by what they are, such as ``socket``.
        threads: Of the operating system, by the name it has for them.
        tasks: Of asyncio, by the coroutine they run.
        corrections: What a reconcile found to be otherwise than streams had told, all accounts and fields.
        reconnects: Streams that were lost and opened again.
        opened: Streams opened, renewals included.
        stood_still: Seconds, the longest so far, in which this machine let nothing happen here.
    """

    at: float
    memory: float
    descriptors: Mapping[str, int]
    threads: Mapping[str, int]
    tasks: Mapping[str, int]
    corrections: float
    reconnects: float
    opened: int
    stood_still: float


class Sampler:
    """Takes samples of one exporter; ``tasks`` is the file into which it counts."""

    def __init__(self, process: Running, page: Stack, tasks: Path, opened: Opened) -> None:
        self._process, self._page, self._tasks, self._opened = process, page, tasks, opened
        self._began = time.monotonic()
        self._stood_still = 0.0

    async def watch_the_machine(self) -> NoReturn:
        """Notice how late this loop, where the exchange runs too, wakes up."""
        while True:
            due = time.monotonic() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self._stood_still = max(self._stood_still, time.monotonic() - due)

    async def sample(self) -> Sample:
        """One sample.

        Raises:
            AssertionError: The exporter does not count.
        """
        tasks = await self._counted()
        metrics = await self._page.metrics()
        place = Path("/proc") / str(self._process.pid)
        return Sample(
            at=time.monotonic() - self._began,
            memory=_resident(place),
            descriptors=dict(Counter(filter(None, map(_descriptor, (place / "fd").iterdir())))),
            threads=dict(Counter(filter(None, map(_thread, (place / "task").iterdir())))),
            tasks=tasks,
            corrections=sum(value for (name, _), value in metrics.items() if name == CORRECTIONS),
            reconnects=sum(value for (name, _), value in metrics.items() if name == RECONNECTS),
            opened=self._opened.streams,
            stood_still=self._stood_still,
        )

    async def _counted(self) -> Mapping[str, int]:
        """Tasks as they are now."""
        self._tasks.unlink(missing_ok=True)
        self._process.process.send_signal(signal.SIGUSR1)
        await until(self._tasks.exists, lambda: "the exporter does not count its tasks")
        counts: dict[str, int] = json.loads(self._tasks.read_text(encoding="utf-8"))
        return counts


def _resident(place: Path) -> float:
    """MiB of memory."""
    status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]) / KIB_PER_MIB


def _descriptor(place: Path) -> str:
    """``socket``, ``anon_inode`` or a file's name; empty for one that was closed meanwhile."""
    try:
        target = str(place.readlink())
    except FileNotFoundError:
        return ""
    return Path(target).name if target.startswith("/") else target.partition(":")[0]


def _thread(place: Path) -> str:
    """Its name; empty for one that has ended meanwhile."""
    try:
        return (place / "comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
