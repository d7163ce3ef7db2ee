"""``python -m soak``: run, judge, and write docs/soak.md's section; the exit code is 1 where something grew.

It is 2 where the run was ended before its time: by a signal or, with ``--bound``, by the end of whoever started it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path

from chaos.report import write

from soak.judging import faults, growth, medians, warm
from soak.run import soak
from soak.samples import Sample


def main() -> int:
    """Run; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m soak", description="Hours of calm: nothing may grow.")
    parser.add_argument("--seconds", type=float, default=7200.0, help="how long (default: 7200)")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="replace the section of this document")
    parser.add_argument("--bound", action="store_true", help="end when standard input, a pipe, ends")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            samples = asyncio.run(_unless_ended(soak(Path(folder), arguments.seconds), bound=arguments.bound))
    except asyncio.CancelledError:
        print("ended before its time")
        return 2
    wrong = faults(samples)
    text = told(samples, wrong)
    print(text)
    if arguments.write is not None:
        write(arguments.write, text, marker="soak")
    return 1 if wrong else 0


async def _unless_ended(run: Coroutine[object, object, list[Sample]], *, bound: bool) -> list[Sample]:
    """Run, so that its exporter is ended with it, whatever ends it; what kills it ends the pipe of its starter."""
    loop, running = asyncio.get_running_loop(), asyncio.ensure_future(run)
    loop.add_signal_handler(signal.SIGTERM, running.cancel)
    if bound:
        await loop.connect_read_pipe(lambda: _Bond(running), sys.stdin)
    return await running


class _Bond(asyncio.Protocol):
    """Cancels a run at the end of a pipe through which nothing ever comes."""

    def __init__(self, run: asyncio.Future[list[Sample]]) -> None:
        self._run = run

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's name
        """Whoever held the other end is gone."""
        self._run.cancel()


def told(samples: Sequence[Sample], wrong: Sequence[str]) -> str:
    """The report in Markdown."""
    memory = [one.memory for one in warm(samples)]
    rows = [f"| memory, MiB | {memory[0]:.1f} | {memory[-1]:.1f} | {growth(samples):+.2f} by its slope |"]
    for name in ("descriptors", "threads", "tasks"):
        before, after = medians(samples, name)
        rows.append(f"| {name} | {before:.0f} | {after:.0f} | {after - before:+.0f} |")
    last = samples[-1]
    head = (
        f"Run of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {last.at:.0f} s, {len(samples)} samples; "
        f"{os.cpu_count()} cores, Python {platform.python_version()}.\n"
    )
    counts = (
        f"\nStreams opened {last.opened:.0f}, renewals included; lost and opened again {last.reconnects:.0f}; "
        f"reconcile corrections {last.corrections:.0f}; the machine stood still for {last.stood_still:.1f} s at most."
    )
    return "\n".join(
        [
            head,
            "| | after warm-up | at the end | growth |\n| --- | ---: | ---: | ---: |",
            *rows,
            counts,
            f"\nJudged: {'; '.join(wrong) if wrong else 'nothing grew, nothing was corrected'}.\n",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
