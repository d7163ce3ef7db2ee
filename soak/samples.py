"""One sample of the exporter: its process as the kernel tells it, and what its own page counts."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from pathlib import Path

from programs import Running
from soak.world import Opened
from stack_harness import Stack

CORRECTIONS = "binance_reconcile_corrections_total"
RECONNECTS = "binance_stream_reconnects_total"
MIB = 1024.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What was at one moment.

    Attributes:
        at: Seconds since the beginning.
        memory: Resident, in MiB.
        descriptors: Open ones.
        threads: Of the operating system.
        tasks: Of asyncio.
        corrections: What a reconcile found to be otherwise than streams had told, all accounts and fields.
        reconnects: Streams that were lost and opened again.
        opened: Streams opened, renewals included.
    """

    at: float
    memory: float
    descriptors: float
    threads: float
    tasks: float
    corrections: float
    reconnects: float
    opened: float


class Sampler:
    """Takes samples of one exporter; ``tasks`` is the file into which it counts."""

    def __init__(self, process: Running, page: Stack, tasks: Path, opened: Opened) -> None:
        self._process, self._page, self._tasks, self._opened = process, page, tasks, opened
        self._began = time.monotonic()

    async def sample(self) -> Sample:
        """One sample."""
        self._process.process.send_signal(signal.SIGUSR1)
        metrics = await self._page.metrics()
        place = Path("/proc") / str(self._process.pid)
        status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
        return Sample(
            at=time.monotonic() - self._began,
            memory=int(status["VmRSS"].split()[0]) / MIB,
            descriptors=len(list((place / "fd").iterdir())),
            threads=int(status["Threads"]),
            tasks=float(self._tasks.read_text() or 0) if self._tasks.exists() else 0.0,
            corrections=sum(value for (name, _), value in metrics.items() if name == CORRECTIONS),
            reconnects=sum(value for (name, _), value in metrics.items() if name == RECONNECTS),
            opened=self._opened.streams,
        )
