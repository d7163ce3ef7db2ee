"""One press of the red button: look, show, ask, close, show again. Terminal and exchange are known by their seams."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll.live_check import remedy
from plimsoll_enforcer.button.tables import Plan, result_text
from plimsoll_enforcer.flatten.api import Flatten
from plimsoll_enforcer.flatten.log import RunLog
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.trading.port import Trader

LOOK_SECONDS = 6.0
"""How long the plan may take: what is not read by then is told as unknown, and closed all the same."""

HURRY_SECONDS = 2.0
"""The same where nobody is asked, or waits for the last word."""

AGAIN_AFTER = 1.0
"""Seconds until a close that ended by an error of our own is begun again."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class Terminal(Protocol):
    """The person at the button."""

    def say(self, text: str) -> None:
        """Show some lines."""

    async def ask(self, question: str) -> str:
        """What is typed, with its end; empty where nobody can type."""


async def look(trader: Trader, account: str, *, seconds: float = LOOK_SECONDS) -> Plan:
    """Read what is there; a read that fails leaves its part unknown. Raises nothing."""
    faults: list[str] = []
    positions, plain, algo = await asyncio.gather(
        _read("positions", trader.positions, faults, seconds),
        _read("plain orders", trader.plain_orders, faults, seconds),
        _read("conditional orders", trader.algo_orders, faults, seconds),
    )
    return Plan(account=account, positions=positions, plain=plain, algo=algo, faults=tuple(sorted(faults)))


async def agreed(account: str, terminal: Terminal) -> bool:
    """Whether the person types the account's name; an empty line (a key pressed too early) asks again."""
    question = f"Type the account's name ({account}) to close everything, anything else to leave: "
    typed = await terminal.ask(question)
    while typed and not typed.strip():
        typed = await terminal.ask(question)
    if not typed:
        terminal.say("\nThere is nobody to ask; scripts say --yes.")
    return typed.strip() == account


async def close(
    account: str, flatten: Flatten, record: RunLog, terminal: Terminal, clock: Clock, *, give_up_after: float | None
) -> FlattenResult | None:
    """Close everything and show what came of it.

    Args:
        account: Its name.
        flatten: Closes it.
        record: Of this run.
        terminal: Where progress goes.
        clock: Time.
        give_up_after: Seconds after which we stop trying; ``None`` to go on until flat.

    Returns:
        The result; ``None`` where the time was over before the account was flat.
    """

    def late(so_far: FlattenResult) -> None:
        terminal.say(f"\nNOT FLAT YET; going on.\n{result_text(account, so_far)}\n")

    try:
        async with asyncio.timeout(give_up_after):
            result = await to_the_end(flatten, record, clock, late=late)
    except TimeoutError:
        return None
    terminal.say(f"\n{result_text(account, result)}")
    return result


async def to_the_end(
    flatten: Flatten, record: RunLog, clock: Clock, *, late: Callable[[FlattenResult], None] = lambda _: None
) -> FlattenResult:
    """Close, and begin again where an error of our own ends it: a fault in here must not leave a position open."""
    while True:
        try:
            return await flatten.flatten(record, late=late)
        except Exception as error:
            log.exception("the close ended by an error of the program; beginning again")
            record.step("failed", f"{type(error).__name__}; beginning again")
            await clock.sleep(AGAIN_AFTER)


async def _read(what: str, read: Callable[[], Awaitable[T]], faults: list[str], seconds: float) -> T | None:
    try:
        async with asyncio.timeout(seconds):
            return await read()
    except ExchangeError as error:
        faults.append(f"{what}: {remedy(error)}")
    except TimeoutError:
        faults.append(f"{what}: no answer within {seconds:g} s")
    except Exception as error:  # noqa: BLE001 - what cannot be shown is closed all the same
        faults.append(f"{what}: {type(error).__name__}")
    return None
