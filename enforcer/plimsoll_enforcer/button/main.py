"""``red-button``: the command. It needs the configuration and one trading key, and no other program."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress

from plimsoll.clock import SystemClock
from plimsoll.config.keys import enforcer_credentials
from plimsoll.config.load import load
from plimsoll.config.model import Config
from plimsoll.credentials import Credentials
from plimsoll.errors import ConfigError, PlimsollError
from plimsoll.live_check import Verdict
from plimsoll.logs import configure_logging
from plimsoll_enforcer.button.arguments import parse
from plimsoll_enforcer.button.check import check, findings_text, key_refusal
from plimsoll_enforcer.button.guard import Guard
from plimsoll_enforcer.button.handover import hand_over
from plimsoll_enforcer.button.press import agreed, close, show_plan
from plimsoll_enforcer.button.record import Record
from plimsoll_enforcer.flatten.run import Flattener
from plimsoll_enforcer.trading.gateway import Gateway

FLAT, WRONG, NOT_FLAT = 0, 1, 3
"""Exit status; 2 is argparse's."""


class Screen:
    """The terminal: plain lines to stdout, questions only where somebody can answer."""

    def say(self, text: str) -> None:
        """Show lines at once."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    async def ask(self, question: str) -> str:
        """What is typed; empty at the end of the input."""
        sys.stdout.write(f"\n{question}")
        sys.stdout.flush()
        loop = asyncio.get_running_loop()
        typed: asyncio.Future[str] = loop.create_future()

        def answer(line: str) -> None:
            if not typed.done():
                typed.set_result(line)

        def read() -> None:
            line = sys.stdin.readline()
            with suppress(RuntimeError):  # the loop has ended: nobody waits for the answer
                loop.call_soon_threadsafe(answer, line)

        # A thread of its own: one of the loop's pool would keep Ctrl-C waiting for a line.
        threading.Thread(target=read, daemon=True).start()
        return await typed


def main(argv: list[str] | None = None, *, environ: Mapping[str, str] = os.environ) -> int:
    """Press the button; the result is the exit status (0 flat, 3 not flat, 1 something is wrong, 2 arguments)."""
    arguments = parse(argv)
    configure_logging(arguments.log_level, arguments.log_format)
    try:
        config = load(arguments.config, environ=environ)
        names = _accounts(config, arguments)
        credentials = enforcer_credentials(config, names)
        _require_keys(names, credentials)
        if arguments.check:
            return asyncio.run(_check(config, credentials))
        return asyncio.run(_pressed(config, credentials[arguments.account], arguments))
    except PlimsollError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG


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


def _require_keys(names: list[str], credentials: Mapping[str, Credentials]) -> None:
    missing = [name for name in names if name not in credentials]
    if missing:
        raise ConfigError("\n".join(f"accounts.{name}: without trade_key nothing can be closed" for name in missing))


async def _check(config: Config, credentials: Mapping[str, Credentials]) -> int:
    findings = [
        finding
        for name, keys in credentials.items()
        for finding in await check(config, name, keys, clock=SystemClock())
    ]
    Screen().say(findings_text(findings))
    return WRONG if any(one.verdict is Verdict.WRONG for one in findings) else FLAT


async def _pressed(config: Config, credentials: Credentials, arguments: argparse.Namespace) -> int:
    """Press, with Ctrl-C and SIGTERM as an orderly end."""
    pressing = asyncio.ensure_future(_press(config, credentials, arguments))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, pressing.cancel)
    try:
        return await pressing
    except asyncio.CancelledError:
        Screen().say("\nNothing was done.")
        return WRONG


async def _press(config: Config, credentials: Credentials, arguments: argparse.Namespace) -> int:
    """Show, ask, close, guard."""
    account, clock, screen = arguments.account, SystemClock(), Screen()
    gateway = Gateway(config.exchange, {account: credentials}, clock=clock)
    trader = gateway.traders[account]
    try:
        refusal, _ = await asyncio.gather(key_refusal(trader), show_plan(trader, account, screen))
        if refusal and not arguments.any_key:
            screen.say(f"\nNothing was done: {refusal}. (--any-key presses all the same.)")
            return WRONG
        if not (arguments.yes or await agreed(account, screen)):
            screen.say("Nothing was done.")
            return WRONG
        record = Record(account, config.enforcer.data_dir / "red-button", clock=clock, tell=screen.say)
        record.step("pressed", f"red button: {arguments.reason}")
        flatten = Flattener(trader, gateway.market, clock)
        if not await _closed(account, flatten, record, screen, arguments):
            return NOT_FLAT
        guard = Guard(account, trader, flatten, record, screen, clock=clock)
        return await _guarded(config, guard, screen, arguments)
    finally:
        await gateway.close()


async def _closed(
    account: str, flatten: Flattener, record: Record, screen: Screen, arguments: argparse.Namespace
) -> bool:
    """Whether the account is flat; Ctrl-C ends it, and is told."""
    try:
        return await close(account, flatten, record, screen, give_up_after=arguments.give_up_after) is not None
    except asyncio.CancelledError:
        screen.say("\nStopped by hand. What was not told as closed is still open: look, or press again.")
        return False
    finally:
        screen.say(f"Record: {record.path}")


async def _guarded(config: Config, guard: Guard, screen: Screen, arguments: argparse.Namespace) -> int:
    """Leave the lockout to the enforcer, or guard the account; Ctrl-C ends that with the account flat."""
    if arguments.guard == 0.0:
        screen.say("Not guarded: anything that opens from now on stays open. Stop the bot and revoke its key.")
        return FLAT
    try:
        handed = await hand_over(config, arguments.account, reason=arguments.reason)
        if handed.done:
            screen.say(f"{handed.said}: anything new is closed until it is released there.")
            return FLAT
        length = "until Ctrl-C" if arguments.guard is None else f"for {arguments.guard:g} s"
        screen.say(f"No lockout by the enforcer: {handed.said}. Guarding from here {length}: anything new is closed.")
        await guard.run(arguments.guard)
    except asyncio.CancelledError:
        if guard.busy:
            screen.say("\nStopped in the middle of closing something new: look, or press again.")
            return NOT_FLAT
    screen.say("The guard has ended; nothing is closed from now on.")
    return FLAT
