"""The installed commands as processes of their own, as users start them; each is ended by its process id."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from fair_clock import kept_waiting
from patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ENDS_WITHIN = 5.0
"""Seconds in which every program promises to end; those do not count in which the machine does not let it run."""

FIRST_PORT, LAST_PORT = 16000, 32000
"""Below those that Linux gives to outgoing connections and to whoever listens on port 0, from 32768 on."""


@dataclass(frozen=True)
class Running:
    """A process and the file that holds all it says."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def said(self) -> str:
        """Everything it has said so far, on stdout and stderr."""
        return self.output.read_text(errors="replace")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and give the exit code.

        Raises:
            subprocess.TimeoutExpired: It did not end in time.
        """
        began, waited = time.monotonic(), kept_waiting(self.pid)
        self.process.send_signal(number)
        while (code := self.process.poll()) is None:
            if time.monotonic() - began - (kept_waiting(self.pid) - waited) > ENDS_WITHIN:
                raise subprocess.TimeoutExpired(self.process.args, ENDS_WITHIN)
            time.sleep(0.02)
        return code

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds.

        Raises:
            AssertionError: It did not within ``PATIENCE``, or the process ended before.
        """
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None, f"it ended before {what}: {self.said()}"
            assert time.monotonic() < deadline, f"never: {what}: {self.said()}"
            time.sleep(0.05)

    def until_answers(self, url: str, status: int = 200) -> None:
        """Wait until an address answers with a status."""
        self.until(lambda: answered(url) == status, f"{url} answers {status}")


def answered(url: str) -> int | None:
    """The status that an address answers with; ``None`` while nobody answers."""
    try:
        return requests.get(url, timeout=5).status_code
    except requests.RequestException:
        return None


def environment(**more: str) -> dict[str, str]:
    """This process's environment without settings of Plimsoll's, and with the ones given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLIMSOLL_")}
    return {**kept, **more}


@contextmanager
def running(command: list[str | Path], output: Path, *, environ: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run a command until the block ends; ``command[0]`` is looked up beside this Python."""
    with output.open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            [BIN / command[0], *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=dict(environ) if environ is not None else environment(),
            start_new_session=True,
        )
    try:
        yield Running(process, output)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Terminate, so that it can end what it started itself; kill where that does not help."""
    process.terminate()
    try:
        process.wait(2 * ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run(*command: str | Path, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; gives exit code, stdout and stderr."""
    return subprocess.run(  # noqa: S603 - our own programs
        [BIN / command[0], *command[1:]],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=ROOT,
        env=dict(environ) if environ is not None else environment(),
    )


def free_port(*offsets: int) -> int:
    """A port that is free now, with those at the offsets from it free as well.

    It is not one that the system hands out by itself: whatever connects meanwhile, the port stays free until a
    program listens there.
    """
    while True:
        base = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        if all(map(is_free, (base, *(base + offset for offset in offsets)))):
            return base


def is_free(port: int) -> bool:
    """Whether a program could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
