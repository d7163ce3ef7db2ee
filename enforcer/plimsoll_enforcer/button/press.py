"""One press of the red button: look, show, ask, close, show again. Terminal and exchange are known by their seams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from plimsoll.errors import ExchangeError
from plimsoll_enforcer.button.record import Record
from plimsoll_enforcer.button.tables import Plan, plan_text, result_text
from plimsoll_enforcer.flatten.api import Flatten
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.trading.port import Trader

LOOK_SECONDS = 6.0
"""How long the plan may take: what is not read by then is told as unknown, and closed all the same."""

T = TypeVar("T")


class Terminal(Protocol):
    """The person at the button."""

    def say(self, text: str) -> None:
        """Show some lines."""

    async def ask(self, question: str) -> str:
        """What is typed; empty where nobody can type."""


async def look(trader: Trader, account: str) -> Plan:
    """Read what is there for the plan; a read that fails leaves its part unknown."""
    faults: list[str] = []
    positions, plain, algo = await asyncio.gather(
        _read("positions", trader.positions, faults),
        _read("plain orders", trader.plain_orders, faults),
        _read("conditional orders", trader.algo_orders, faults),
    )
    return Plan(account=account, positions=positions, plain=plain, algo=algo, faults=tuple(sorted(faults)))


async def agreed(account: str, terminal: Terminal) -> bool:
    """Whether the person types the account's name."""
    typed = await terminal.ask(f"Type the account's name ({account}) to close everything, anything else to leave: ")
    return typed.strip() == account


async def close(
    account: str, flatten: Flatten, record: Record, terminal: Terminal, *, give_up_after: float | None
) -> FlattenResult | None:
    """Close everything and show what came of it.

    Args:
        account: Its name.
        flatten: Closes it.
        record: Of this run.
        terminal: Where progress goes.
        give_up_after: Seconds after which we stop trying; ``None`` to go on until flat.

    Returns:
        The result; ``None`` where the time was over before the account was flat.
    """

    def late(so_far: FlattenResult) -> None:
        terminal.say(f"\nNOT FLAT YET; going on.\n{result_text(account, so_far)}\n")

    try:
        async with asyncio.timeout(give_up_after):
            result = await flatten.flatten(record, late=late)
    except TimeoutError:
        terminal.say(f"\nNOT FLAT within {give_up_after:g} s: stopped. Look at the exchange, or press again.")
        return None
    terminal.say(f"\n{result_text(account, result)}")
    return result


async def show_plan(trader: Trader, account: str, terminal: Terminal) -> None:
    """Look, and show the plan."""
    terminal.say(plan_text(await look(trader, account)))


async def _read(what: str, read: Callable[[], Awaitable[T]], faults: list[str]) -> T | None:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await read()
    except ExchangeError as error:
        faults.append(f"{what} ({error})")
    except TimeoutError:
        faults.append(f"{what} (no answer within {LOOK_SECONDS:g} s)")
    return None
