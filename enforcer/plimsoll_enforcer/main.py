"""``plimsoll-enforcer``: the command."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Collection, Mapping, Sequence

from plimsoll.arguments import add_common, common_parser
from plimsoll.clock import SystemClock
from plimsoll.config.keys import enforcer_credentials
from plimsoll.config.load import load
from plimsoll.config.model import Config, Mode
from plimsoll.credentials import Credentials
from plimsoll.errors import PlimsollError
from plimsoll.logs import configure_logging
from plimsoll.until_signal import until_signal
from plimsoll_enforcer.arming import VARIABLE, armed_names
from plimsoll_enforcer.button.cap import add_arguments as add_capping
from plimsoll_enforcer.button.cap import run as cap_leverage
from plimsoll_enforcer.program import Program
from plimsoll_enforcer.tokens import read_tokens
from plimsoll_enforcer.web.server import Tokens

DESCRIPTION = "Close everything in an account whose drawdown limit is crossed, and keep it closed."

CAP = "List symbols whose leverage setting at the exchange is above leverage_setting, and lower them with --apply."


def main(argv: Sequence[str] | None = None, *, environ: Mapping[str, str] = os.environ) -> int:
    """Run until SIGTERM or SIGINT, or do what the subcommand says.

    The result is 0 after a clean end, 1 when something is wrong, 2 for unusable arguments.
    """
    arguments = _parser(environ).parse_args(argv)
    configure_logging(arguments.log_level, arguments.log_format)
    try:
        config = load(arguments.config, environ=environ)
        if arguments.command == "cap-leverage":
            return cap_leverage(config, arguments)
        named = armed_names(arguments.arm, environ, config.accounts)
        asyncio.run(serve(config, enforcing_credentials(config), named=named, tokens=read_tokens(config)))
    except PlimsollError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def enforcing_credentials(config: Config) -> Mapping[str, Credentials]:
    """The trading keys of the accounts that are not off; no other file is opened.

    Raises:
        SecretError: Files are unusable; one line for each.
    """
    wanted = [name for name, account in config.accounts.items() if account.enforcement.mode is not Mode.OFF]
    return enforcer_credentials(config, wanted)


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    """The arguments; the common ones may stand before or after ``cap-leverage``."""
    parser = common_parser("plimsoll-enforcer", DESCRIPTION, environ=environ)
    parser.add_argument(
        "--arm",
        action="append",
        default=[],
        metavar="NAME",
        help=f"let this account be closed, if enforcement.mode is armed too; repeatable (or {VARIABLE}=A,B)",
    )
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    capping = commands.add_parser("cap-leverage", help="lower leverage settings", description=CAP, allow_abbrev=False)
    add_common(capping, config=argparse.SUPPRESS, level=argparse.SUPPRESS, form=argparse.SUPPRESS)
    add_capping(capping)
    return parser


async def serve(
    config: Config, credentials: Mapping[str, Credentials], *, named: Collection[str], tokens: Tokens
) -> None:
    """Run the program until a signal asks for its end.

    Raises:
        PlimsollError: The web configuration, the journal or the address is unusable.
    """
    await until_signal(Program(config, credentials, named=named, tokens=tokens, clock=SystemClock()).run())
