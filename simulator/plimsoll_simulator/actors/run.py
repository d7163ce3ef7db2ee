"""The actors by name, each put together from its parts for a simulator at a URL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import ClientSession

from plimsoll.clock import SystemClock
from plimsoll_simulator.actors.cues import Cues
from plimsoll_simulator.actors.desk import Desk
from plimsoll_simulator.actors.fills import executed_orders
from plimsoll_simulator.actors.mirror import mirror
from plimsoll_simulator.actors.refusals import OnRefusal
from plimsoll_simulator.actors.rest import Rest
from plimsoll_simulator.actors.trader import trade

SOURCE = "source"
DESTINATION = "eon"

Actor = Callable[[str, tuple[OnRefusal, ...]], Awaitable[None]]


async def run_bot(url: str, on_refusal: tuple[OnRefusal, ...] = ()) -> None:
    """The bot that trades for ``source``, until its play is over."""
    async with ClientSession() as session:
        desk = Desk(bot="bot", account=SOURCE, rest=Rest(session, url, SOURCE, SystemClock()), on_refusal=on_refusal)
        await trade(desk, Cues(session, url, "bot"))


async def run_mirror(url: str, on_refusal: tuple[OnRefusal, ...] = ()) -> None:
    """The mirror from ``source`` to ``eon``, until its play is over."""
    async with ClientSession() as session:
        clock, listening = SystemClock(), asyncio.Event()
        rest = Rest(session, url, DESTINATION, clock)
        desk = Desk(bot="mirror", account=DESTINATION, rest=rest, on_refusal=on_refusal)
        source = Rest(session, url, SOURCE, clock)
        orders = executed_orders(session, url, source, when_open=listening.set)
        await mirror(desk, orders, listening, Cues(session, url, "mirror"))


ACTORS: Mapping[str, Actor] = {"mirror": run_mirror, "bot": run_bot}
