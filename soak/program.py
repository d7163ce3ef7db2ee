"""The exporter with frequent renewals: ``python -m soak.program TASKS SECONDS --config ...``.

A stream is replaced at half of SECONDS to SECONDS instead of at 22 to 23 hours, its listen key extended every quarter
of them instead of every 25 minutes. On SIGUSR1 asyncio's tasks, counted by what they run, go into the file TASKS.
Where nobody has asked for ten minutes, whoever watched is dead, and it ends. Nothing else differs.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from types import FrameType

from plimsoll.exchange.mark_stream import MarkStream
from plimsoll.exchange.pacing import StreamTimings
from plimsoll.exchange.user_stream import UserStream
from plimsoll_exporter import main as command
from plimsoll_exporter import program

FORSAKEN_SECONDS = 600


def main() -> int:
    """Run until SIGTERM, as the exporter does."""
    told, renewal = Path(sys.argv[1]), float(sys.argv[2])
    timings = StreamTimings(
        renewal=renewal, renewal_spread=renewal / 2, keep_alive=renewal / 4, settled=renewal / 4, overlap=1.0
    )

    def count(_number: int, _frame: FrameType | None) -> None:
        signal.alarm(FORSAKEN_SECONDS)  # nobody takes the signal, which ends a process
        whole = told.with_suffix(".part")
        whole.write_text(json.dumps(Counter(map(kind, asyncio.all_tasks()))), encoding="utf-8")
        whole.replace(told)

    signal.alarm(FORSAKEN_SECONDS)
    signal.signal(signal.SIGUSR1, count)
    program.UserStream = partial(UserStream, timings=timings)  # type: ignore[attr-defined, assignment] # see above
    program.MarkStream = partial(MarkStream, timings=timings)  # type: ignore[attr-defined, assignment] # see above
    return command.main(sys.argv[3:])


def kind(task: asyncio.Task[object]) -> str:
    """The coroutine that a task runs, such as ``Supervisor._read``."""
    return getattr(task.get_coro(), "__qualname__", "something")


if __name__ == "__main__":
    sys.exit(main())
