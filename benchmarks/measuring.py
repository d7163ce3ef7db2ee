"""What the benchmarks have in common: child processes, their CPU and memory, percentiles and their spread."""

from __future__ import annotations

import math
import os
import secrets
import signal
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests

TICKS = os.sysconf("SC_CLK_TCK")
PORTS = range(16_000, 32_000)
"""Below those that Linux gives away by itself, from 32768 on."""

START_SECONDS = 60.0
"""Time that a child process may take until it answers."""


class NotMeasured(Exception):
    """A figure could not be taken: something never happened that should have been timed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How many accounts a row measures, and how many positions each of them holds."""

    accounts: int
    positions: int

    @classmethod
    def parse(cls, text: str) -> Size:
        """From ``20x10``.

        Raises:
            ValueError: The text is none.
        """
        accounts, _, positions = text.partition("x")
        return cls(accounts=int(accounts), positions=int(positions))

    def __str__(self) -> str:
        return f"{self.accounts} x {self.positions}"

    @property
    def scenario(self) -> str:
        """The simulator's scenario of that size."""
        return f"crowd:{self.accounts}x{self.positions}"

    @property
    def names(self) -> tuple[str, ...]:
        """The accounts of that scenario."""
        return tuple(f"a{number:03}" for number in range(1, self.accounts + 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """Values of one kind, kept apart by the repeat in which they were taken; nothing is left out.

    Raises:
        NotMeasured: A repeat has no value.
    """

    repeats: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if not self.repeats or not all(self.repeats):
            raise NotMeasured("nothing was there to be measured")

    @classmethod
    def of(cls, repeats: Sequence[Sequence[float]]) -> Taken:
        """The values of each repeat."""
        return cls(repeats=tuple(tuple(values) for values in repeats))

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(map(len, self.repeats))

    def share(self, share: float) -> float:
        """The value below which that share of all values lies."""
        return percentile([value for values in self.repeats for value in values], share)

    @property
    def median(self) -> float:
        """Of all values."""
        return self.share(0.5)

    def spread(self, share: float) -> tuple[float, float]:
        """The same of each repeat by itself: the lowest and the highest."""
        found = [percentile(values, share) for values in self.repeats]
        return min(found), max(found)

    def tail(self, digits: int = 1, limit: float = math.inf, *, share: float = 0.99) -> str:
        """``median / p99 (lowest to highest p99 of a repeat)``, or another share; bold where it is above the limit."""
        low, high = self.spread(share)
        found = f"{self.share(share):.{digits}f}"
        shown = f"**{found}**" if self.share(share) > limit else found
        return f"{self.median:.{digits}f} / {shown} ({low:.{digits}f} to {high:.{digits}f})"

    def middle(self, digits: int = 1, limit: float = math.inf) -> str:
        """``median (lowest to highest median of a repeat)``; bold where the median is above the limit."""
        low, high = self.spread(0.5)
        shown = f"{self.median:.{digits}f}"
        shown = f"**{shown}**" if self.median > limit else shown
        return f"{shown} ({low:.{digits}f} to {high:.{digits}f})"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least that share of the values does not exceed; the plain median at a half."""
    ordered = sorted(values)
    if share == 0.5:  # noqa: PLR2004 # the median
        return statistics.median(ordered)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def free_port() -> int:
    """A port of the loopback address that nobody listens on at the moment.

    It is not one that the system gives to outgoing connections, of which there are many meanwhile.
    """
    while True:
        number = secrets.choice(PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", number))
            return number


@contextmanager
def running(command: Sequence[str], alive_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A child process, from when ``alive_url`` answers at all; ended by its own process id.

    Raises:
        NotMeasured: It does not come up.
    """
    child = subprocess.Popen(list(command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 # our own
    try:
        _wait_for(child, alive_url)
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            child.communicate(timeout=20)


def _wait_for(child: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        try:
            requests.get(url, timeout=2)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise NotMeasured(f"{child.args!r} does not come up")


def cpu_seconds(pid: int) -> float:
    """CPU that a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise NotMeasured(f"process {pid} has no resident memory")
