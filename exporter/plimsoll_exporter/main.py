"""``plimsoll-exporter``: the command."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Mapping, Sequence

from plimsoll.arguments import add_common, common_parser
from plimsoll.clock import SystemClock
from plimsoll.config.load import load, load_with_secrets
from plimsoll.config.model import Config
from plimsoll.credentials import Credentials
from plimsoll.errors import PlimsollError
from plimsoll.logs import configure_logging
from plimsoll.rebase import rebase
from plimsoll.until_signal import until_signal
from plimsoll_exporter.program import Program

DESCRIPTION = "Watch Binance USDⓈ-M futures accounts live and show them to Prometheus."

COLLECT_AFTER = 50_000
"""New objects after which garbage is collected: several times what a page of 200 accounts makes, some 8,000.

A collection stops everything while it looks at all that came since the last one, so it must not come often: with 200
accounts once in a minute or two. Until then some 10 MB of garbage wait.
"""

SWITCH_SECONDS = 0.0005
"""How long a thread that makes a page may keep the interpreter while the event loop waits for it; Python's is 5 ms.

An event takes several turns (wait, receive, apply), each of which may find a page being made.
"""

REBASE = "Let a drawdown rule begin anew from the equity of now; who asked, when and why goes into the audit trail."


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT, or do what the subcommand says.

    The result is 0 after a clean end, 1 when something is wrong, 2 for unusable arguments.
    """
    arguments = _parser().parse_args(argv)
    configure_logging(arguments.log_level, arguments.log_format)
    try:
        if arguments.command == "rebase":
            _rebase(arguments)
        else:
            config, credentials = load_with_secrets(arguments.config, environ=os.environ)
            asyncio.run(serve(config, credentials))
    except PlimsollError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    """The arguments; the common ones may stand before or after ``rebase``."""
    parser = common_parser("plimsoll-exporter", DESCRIPTION)
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    command = commands.add_parser(
        "rebase", help="let a drawdown rule begin anew", description=REBASE, allow_abbrev=False
    )
    add_common(command, config=argparse.SUPPRESS, level=argparse.SUPPRESS, form=argparse.SUPPRESS)
    command.add_argument("--account", required=True, help="name of the account")
    command.add_argument("--rule", required=True, help="name of its drawdown rule")
    command.add_argument("--reason", required=True, help="why, in words")
    return parser


def _rebase(arguments: argparse.Namespace) -> None:
    """Ask for a rebase and print what came of it; needs no secrets."""
    config = load(arguments.config, environ=os.environ)
    told = asyncio.run(
        rebase(
            config,
            account=arguments.account,
            rule=arguments.rule,
            reason=arguments.reason,
            clock=SystemClock(),
        )
    )
    sys.stdout.write(f"{told}\n")


async def serve(config: Config, credentials: Mapping[str, Credentials]) -> None:
    """Run the program until a signal asks for its end.

    Raises:
        PlimsollError: The address cannot be listened on.
    """
    _collect_garbage_rarely()
    sys.setswitchinterval(SWITCH_SECONDS)
    await until_signal(Program(config, credentials, clock=SystemClock()).run())


def _collect_garbage_rarely() -> None:
    """Keep garbage collection from holding up events and pages.

    What the imports made stays for good: without it a full collection takes 25 ms less. And a page's thousands of
    samples all live until it is written: collecting in their midst finds nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
