"""The red button's command line."""

from __future__ import annotations

import argparse
import re

from plimsoll.arguments import common_parser

DESCRIPTION = "Close everything in an account by hand: cancel every order, close every position, read back until flat."

EPILOG = "Exit status: 0 flat, 3 not flat, 1 something is wrong and nothing was sent, 2 unusable arguments."

_DURATION = re.compile(r"(\d{1,6})(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The arguments; unusable ones exit with 2.

    The result has besides the common ones ``account`` (``None`` only with ``check``), ``yes``, ``check``, ``guard``
    (``None`` for until Ctrl-C, 0 for not at all, else seconds), ``give_up_after`` (seconds or ``None``), ``reason``.
    """
    parser = common_parser("red-button", DESCRIPTION)
    parser.epilog = EPILOG
    parser.add_argument("account", nargs="?", help="name of the account, as in the configuration")
    parser.add_argument("--check", action="store_true", help="send no order; tell whether it would work from here")
    parser.add_argument("--yes", action="store_true", help="do not ask for the account's name (for scripts)")
    parser.add_argument("--reason", default="pressed by hand", help="why, for the record")
    parser.add_argument(
        "--give-up-after", type=_duration, metavar="TIME", help="stop trying after this time (never; e.g. 5m)"
    )
    parser.add_argument("--any-key", action="store_true", help="press even with a key that may withdraw or transfer")
    guarding = parser.add_mutually_exclusive_group()
    guarding.add_argument(
        "--guard", type=_duration, metavar="TIME", help="close anything new for this long (until Ctrl-C; e.g. 24h)"
    )
    guarding.add_argument("--no-guard", dest="guard", action="store_const", const=0.0, help="leave when it is flat")
    arguments = parser.parse_args(argv)
    if arguments.account is None and not arguments.check:
        parser.error("which account? Name one, as in the configuration")
    return arguments


def _duration(text: str) -> float:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 30s, 5m or 24h")
    return float(int(found[1]) * _SECONDS[found[2]])
