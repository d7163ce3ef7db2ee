"""What the benchmarks have in common: child processes, their CPU and memory, percentiles."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def running(command: Sequence[str], alive_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that answers at ``alive_url``, ended by its own process id."""
    child = subprocess.Popen(list(command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 # our own
    try:
        for _ in range(600):
            try:
                if requests.get(alive_url, timeout=2).ok:
                    break
            except requests.RequestException:
                time.sleep(0.2)
            else:
                time.sleep(0.2)
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            child.wait(10)


def cpu_seconds(pid: int) -> float:
    """CPU that a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
