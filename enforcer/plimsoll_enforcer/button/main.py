"""``red-button``: the command. It needs the configuration and one trading key, and no other program."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping

from plimsoll.clock import SystemClock
from plimsoll.config.keys import enforcer_credentials
from plimsoll.config.load import load
from plimsoll.config.model import Config
from plimsoll.credentials import Credentials
from plimsoll.errors import ConfigError, PlimsollError
from plimsoll.live_check import Verdict
from plimsoll.logs import configure_logging
from plimsoll_enforcer.button.arguments import parse
from plimsoll_enforcer.button.check import check, findings_text
from plimsoll_enforcer.button.screen import Screen, terminal
from plimsoll_enforcer.button.session import FLAT, WRONG, Session, obey_signals
from plimsoll_enforcer.trading.gateway import Gateway


def main(argv: list[str] | None = None, *, environ: Mapping[str, str] = os.environ) -> int:
    """Press the button; the result is the exit status (0 flat, 3 not flat, 1 something is wrong, 2 arguments)."""
    arguments = parse(argv)
    configure_logging(arguments.log_level, arguments.log_format)
    screen = terminal()
    try:
        config = load(arguments.config, environ=environ)
        if arguments.check:
            return asyncio.run(_check(config, arguments, screen))
        return asyncio.run(_pressed(config, _credentials(config, arguments), arguments, screen))
    except PlimsollError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG
    except KeyboardInterrupt:
        return WRONG
    finally:
        screen.close()


def _accounts(config: Config, arguments: argparse.Namespace) -> list[str]:
    """The account that is named, or all where none is.

    Raises:
        ConfigError: It is none of the configuration's.
    """
    if arguments.account is None:
        return list(config.accounts)
    if arguments.account not in config.accounts:
        known = ", ".join(config.accounts)
        raise ConfigError(f'{config.path}: there is no account "{arguments.account}"; known: {known}')
    return [arguments.account]


def _credentials(config: Config, arguments: argparse.Namespace) -> Mapping[str, Credentials]:
    """The trading key of the account.

    Raises:
        ConfigError: There is no such account, or no key.
        SecretError: Its files are unusable.
    """
    found = enforcer_credentials(config, _accounts(config, arguments))
    if not found:
        raise ConfigError(f"accounts.{arguments.account}: without trade_key nothing can be closed")
    return found


async def _check(config: Config, arguments: argparse.Namespace, screen: Screen) -> int:
    accounts = _accounts(config, arguments)
    findings = await check(config, accounts, named=arguments.account is not None, clock=SystemClock())
    screen.say(findings_text(findings))
    return WRONG if any(one.verdict is Verdict.WRONG for one in findings) else FLAT


async def _pressed(
    config: Config, credentials: Mapping[str, Credentials], arguments: argparse.Namespace, screen: Screen
) -> int:
    clock = SystemClock()
    gateway = Gateway(config.exchange, credentials, clock=clock)
    session = Session(config, arguments, gateway=gateway, screen=screen, clock=clock)
    pressing = asyncio.ensure_future(session.press())
    obey_signals(session, pressing)
    try:
        return await pressing
    except asyncio.CancelledError:
        screen.say("\nNothing was done.")
        return WRONG
    finally:
        await gateway.close()
