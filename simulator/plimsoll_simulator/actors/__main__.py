"""``python -m plimsoll_simulator.actors NAME --exchange URL``: one actor as a program, until its play is over."""

from __future__ import annotations

import argparse
import asyncio
import signal
from contextlib import suppress

from plimsoll.arguments import LEVELS
from plimsoll.logs import configure_logging
from plimsoll_simulator.actors.run import ACTORS
from plimsoll_simulator.actors.telling import Telling, add_arguments, parsed, target


def main() -> None:
    """Act until the simulator says that it is over, is gone, or a signal comes."""
    parser = argparse.ArgumentParser(prog="plimsoll_simulator.actors", description=__doc__)
    parser.add_argument("actor", choices=tuple(ACTORS))
    parser.add_argument("--exchange", required=True, metavar="URL", help="the simulator, as in http://127.0.0.1:9715")
    parser.add_argument("--log-level", choices=LEVELS, default="info")
    parser.add_argument("--log-format", choices=("text", "json"), default="text")
    add_arguments(parser)
    options = parsed(parser)
    configure_logging(options.log_level, options.log_format)
    where = target(options)
    telling = () if where is None else (Telling(where),)
    asyncio.run(_act(options.actor, options.exchange, telling))


async def _act(name: str, url: str, telling: tuple[Telling, ...]) -> None:
    task = asyncio.ensure_future(ACTORS[name](url, telling))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    main()
