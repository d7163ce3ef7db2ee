"""``python -m chaos``: play a run and tell what it found; the exit code is 1 after a violation. See docs/chaos.md."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path

from tools.programs.cache import tool

from chaos.course import Plan, play
from chaos.report import told, write
from chaos.verdicts import Verdicts

TOOLS = Path(__file__).resolve().parents[1] / ".cache" / "tools"
MARKER = "chaos"


def main() -> int:
    """Run; gives the exit code."""
    arguments = _arguments()
    seed = secrets.randbelow(10**6) if arguments.seed is None else arguments.seed
    print(f"chaos: seed {seed}, {arguments.seconds:.0f} s; again: make chaos SEED={seed}", flush=True)
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="plimsoll-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    tools = tool(TOOLS, "alertmanager"), tool(TOOLS, "prometheus")
    with (folder / "story.txt").open("w", encoding="utf-8", buffering=1) as story:
        verdicts = Verdicts(heard=lambda line: print(line, file=story))
        asyncio.run(ended_cleanly(play(Plan(seed=seed, seconds=arguments.seconds), folder, tools, verdicts)))
    text = told(verdicts, seed=seed, seconds=arguments.seconds)
    print(f"{text}\nThe story and every program's log: {folder}")
    if arguments.write is not None:
        write(arguments.write, text, marker=MARKER)
    return 1 if verdicts.violations else 0


async def ended_cleanly(run: Coroutine[None, None, None]) -> None:
    """Run; SIGTERM ends it as Ctrl-C does, so that no program is left behind."""
    task = asyncio.ensure_future(run)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await task


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description="Break everything, and look what is shown.")
    parser.add_argument("--seed", type=int, help="of every choice; by chance if not given, and told")
    parser.add_argument("--seconds", type=float, default=900.0, help="when the last storm has begun (default: 900)")
    parser.add_argument("--folder", type=Path, help="for configuration, data and logs; made and kept")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="replace the section of this document")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
