"""The home-made mirror of October: it copies what ``source`` trades into ``eon``, with its mistakes.

It sizes orders after the source account instead of the destination, closes with plain orders instead of reduce-only
ones, and does not look at what the destination really holds. When a close is refused it wants to hedge.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from decimal import Decimal

from plimsoll_simulator.actors.cues import Cues
from plimsoll_simulator.actors.desk import ZERO, Desk
from plimsoll_simulator.actors.fills import Executed
from plimsoll_simulator.actors.refusals import Wish
from plimsoll_simulator.actors.rest import CallFailed

HEDGE_SYMBOL = "SOLUSDT"
HEDGE_USD = Decimal(85_000)
_LOOK_EVERY_SECONDS = 1.0


class Mirror:
    """Copies orders into the account of a desk; ``_copied`` is what it believes the source to hold."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._copied: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)

    async def copy(self, order: Executed) -> None:
        """Send the order at the size at which the source filled it."""
        change = order.quantity if order.side == "BUY" else -order.quantity
        intent = "close" if self._copied[order.symbol] * change < 0 else "open"
        self._copied[order.symbol] += change
        wish = Wish(symbol=order.symbol, side=order.side, quantity=order.quantity, intent=intent)
        if not await self._desk.send(wish) and intent == "close":
            await self._hedge()

    async def _hedge(self) -> None:
        try:
            quantity = await self._desk.quantity_for(HEDGE_SYMBOL, HEDGE_USD)
        except CallFailed as failure:
            self._desk.give_up(failure)
            return
        await self._desk.send(Wish(symbol=HEDGE_SYMBOL, side="SELL", quantity=quantity, intent="open"))


async def mirror(desk: Desk, orders: AsyncIterator[Executed], listening: asyncio.Event, cues: Cues) -> None:
    """Copy ``orders`` until the play is over; the stage hears of the mirror once it is ``listening``."""
    copying = asyncio.create_task(_copy_all(Mirror(desk), orders, cues))
    waiting = asyncio.create_task(_wait_for_the_end(listening, cues))
    try:
        done, _ = await asyncio.wait({copying, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (copying, waiting):
            task.cancel()
        await asyncio.gather(copying, waiting, return_exceptions=True)


async def _wait_for_the_end(listening: asyncio.Event, cues: Cues) -> None:
    """A mirror has no cues of its own; it asks for them all the same, to be seen and to hear of the end."""
    while not listening.is_set():
        if not await cues.reachable():
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(listening.wait(), _LOOK_EVERY_SECONDS)
    async for _ in cues.follow():
        pass


async def _copy_all(mirror: Mirror, orders: AsyncIterator[Executed], cues: Cues) -> None:
    async for order in orders:
        await mirror.copy(order)
        await cues.report(order.order_id)
