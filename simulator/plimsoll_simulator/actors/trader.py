"""The bot of ``source``: it buys in tranches and closes whole positions, when its story tells it to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from plimsoll_simulator.actors.cues import Cues
from plimsoll_simulator.actors.desk import Desk
from plimsoll_simulator.actors.refusals import Wish
from plimsoll_simulator.actors.rest import CallFailed


async def trade(desk: Desk, cues: Cues) -> None:
    """Carry out cues until the play is over: ``buy`` a symbol for ``usd``, or ``close`` the position of a symbol."""
    async for cue in cues.follow():
        try:
            wish = await _wish(desk, cue)
        except CallFailed as failure:
            desk.give_up(failure)
            continue
        if wish.quantity:
            await desk.send(wish)


async def _wish(desk: Desk, cue: Mapping[str, str]) -> Wish:
    symbol = cue["symbol"]
    if cue["action"] == "buy":
        quantity = await desk.quantity_for(symbol, Decimal(cue["usd"]))
        return Wish(symbol=symbol, side="BUY", quantity=quantity, intent="open")
    held = await desk.held(symbol)
    return Wish(symbol=symbol, side="SELL" if held > 0 else "BUY", quantity=abs(held), intent="close")
