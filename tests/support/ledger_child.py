"""Exporters to be killed: each life is a fork of this process, so that fifty of them cost no fifty imports.

``python ledger_child.py SIMULATOR_URL FOLDER SPEED``: for every line on its input it starts one more life, which writes
to ``FOLDER/log`` and, once it listens, its port to ``FOLDER/port-PID``; prints its process id. The lives are the
caller's to kill.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path

from fast_clock import FastClock
from plimsoll.config.load import load_with_secrets
from plimsoll.logs import configure_logging
from plimsoll_exporter.program import Program
from stack_harness import ROOT, overrides


async def live(url: str, folder: Path, speed: float) -> None:
    """Run one exporter, until killed."""
    settings = {**os.environ, **overrides(url), "PLIMSOLL_EXPORTER__DATA_DIR": str(folder / "data")}
    config, credentials = load_with_secrets(ROOT / "plimsoll.yml", environ=settings)
    program = Program(config, credentials, clock=FastClock(speed))
    await program.run(lambda: _tell_port(folder, program.web.port))


def _tell_port(folder: Path, port: int) -> None:
    """Write the port in one step: a reader finds it whole or not at all."""
    whole = folder / f"port-{os.getpid()}"
    part = whole.with_suffix(".part")
    part.write_text(str(port))
    part.rename(whole)


def main(url: str, folder: Path, speed: float) -> None:
    """Start a life for every line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            configure_logging("info", "text")
            asyncio.run(live(url, folder, speed))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
