"""What became of an order without an answer: looked up by its client id, several times, before anybody believes it."""

from __future__ import annotations

from enum import StrEnum

from plimsoll.errors import ExchangeError
from plimsoll_enforcer.flatten.state import RunState
from plimsoll_enforcer.trading.port import CloseOrder, Placed

TRIES = (0.1, 0.2, 0.4, 0.8, 1.5)
"""Seconds before each look-up: an order may arrive late, so only absence at the end of three seconds is believed."""

TRUSTED_ABSENCES = 2
"""How often in a row it must be absent at the end."""

FURTHER = (2.0, 2.0, 2.0, 2.0, 2.0, 2.0)
"""Seconds before each look-up after that, while they fail themselves."""


class Fate(StrEnum):
    """What a look-up can end in besides finding the order."""

    ABSENT = "it never arrived"
    UNKNOWN = "nobody can tell"
    """The look-ups themselves failed; the order stays unanswered in the record."""


async def look_up(state: RunState, order: CloseOrder) -> Placed | Fate:
    """Find out about an order that may or may not have arrived."""
    absences = 0
    for wait in TRIES + FURTHER:
        if absences >= TRUSTED_ABSENCES and wait in FURTHER:
            break
        await state.clock.sleep(wait)
        found = await ask(state, order)
        if isinstance(found, Placed):
            return found
        absences = absences + 1 if found is Fate.ABSENT else 0
    return Fate.ABSENT if absences >= TRUSTED_ABSENCES else Fate.UNKNOWN


async def ask(state: RunState, order: CloseOrder) -> Placed | Fate:
    """Ask once."""
    await state.quiet()
    try:
        placed = await state.asked(state.trader.find(order.symbol, order.client_id))
    except ExchangeError as error:
        state.heard(error)
        state.log.step("look-up-failed", f"{order.client_id}: {error}", {"code": error.code})
        return Fate.UNKNOWN
    words = "not known to the exchange" if placed is None else f"{placed.status}, {placed.executed} done"
    state.log.step("look-up", f"{order.client_id}: {words}")
    return Fate.ABSENT if placed is None else placed
