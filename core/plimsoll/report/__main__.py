"""``python -m plimsoll.report``: ``plimsoll report`` for a program that has more urgent things to do.

It gives way to everything else on the machine: lowest priority for the processor, the first to go when memory ends.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from plimsoll.cli import main

NICENESS = 15


def _give_way() -> None:
    """Let everything else go first, as far as this system knows how."""
    with suppress(OSError):
        os.nice(NICENESS)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


if __name__ == "__main__":
    _give_way()
    sys.exit(main(["report", *sys.argv[1:]]))
