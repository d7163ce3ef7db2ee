"""``plimsoll-exporter``: the command."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence

from plimsoll.arguments import common_parser
from plimsoll.clock import SystemClock
from plimsoll.config.load import load_with_secrets
from plimsoll.config.model import Config
from plimsoll.credentials import Credentials
from plimsoll.errors import PlimsollError
from plimsoll.logs import configure_logging
from plimsoll_exporter.program import Program

DESCRIPTION = "Watch Binance USDⓈ-M futures accounts live and show them to Prometheus."


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean end, 1 when something is wrong, 2 for unusable arguments."""
    arguments = common_parser("plimsoll-exporter", DESCRIPTION).parse_args(argv)
    configure_logging(arguments.log_level, arguments.log_format)
    try:
        config, credentials = load_with_secrets(arguments.config, environ=os.environ)
        asyncio.run(serve(config, credentials))
    except PlimsollError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def serve(config: Config, credentials: Mapping[str, Credentials]) -> None:
    """Run the program until a signal asks for its end.

    Raises:
        PlimsollError: The address cannot be listened on.
    """
    program = asyncio.create_task(Program(config, credentials, clock=SystemClock()).run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, program.cancel)
    try:
        await program
    except asyncio.CancelledError:
        return
