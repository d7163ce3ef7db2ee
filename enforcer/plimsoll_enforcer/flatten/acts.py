"""Carrying out what was planned for one symbol: its cancels side by side, then its closing orders one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from plimsoll.errors import ExchangeError
from plimsoll.model.terms import Direction
from plimsoll_enforcer.flatten.closes import Piece
from plimsoll_enforcer.flatten.orders import send
from plimsoll_enforcer.flatten.pieces import ZERO
from plimsoll_enforcer.flatten.plan import NO_RETRY, Act, Cancel, CancelKind, Retry
from plimsoll_enforcer.flatten.state import RunState
from plimsoll_enforcer.flatten.waiting import ended, settled

CANCEL_PATIENCE = 1.5
"""Seconds that a symbol's closing orders wait for its cancels; the cancels go on meanwhile."""

TURN = 1.0
"""Seconds that a symbol waits for the one before it where closing orders go in turn."""

AGAIN = 0.3
"""Seconds after a successful cancel before it is repeated, where the list still shows the orders."""

UNSEEN_AGAIN = 2.0
"""The same where the list cannot be read, and nobody knows whether there was anything."""

FIRST_RETRY, LONGEST_RETRY = 0.1, 5.0
MOST_DOUBLINGS = 6


async def carry_out(state: RunState, act: Act, *, after: asyncio.Task[Any] | None) -> None:
    """Do it.

    Args:
        state: The run.
        act: What to do.
        after: The symbol whose closing orders come first, where they go in turn.
    """
    cancels = {each: asyncio.ensure_future(_cancel(state, each)) for each in act.cancels}
    try:
        if act.pieces:
            first = [task for each, task in cancels.items() if each.kind is not CancelKind.ALGO_ONE]
            await settled(state.clock, first, CANCEL_PATIENCE)
            if after is not None:
                await settled(state.clock, [after], TURN)
            await _close(state, act)
        await asyncio.gather(*cancels.values())
    finally:
        await ended(cancels.values())


async def _close(state: RunState, act: Act) -> None:
    """Send the pieces; a leg whose piece was not filled whole waits for the next reading, the other goes on."""
    stopped = set()
    for piece in act.pieces:
        if piece.key in stopped:
            continue
        if not _fits(state, piece) or not await send(state, piece, plain_orders=act.plain_orders):
            stopped.add(piece.key)


def _fits(state: RunState, piece: Piece) -> bool:
    """Whether the newest reading, which may have come after the plan was made, still holds so much on that side."""
    amount = state.held.get(piece.key, ZERO)
    closing = Direction.SELL if amount > 0 else Direction.BUY
    return piece.quantity <= abs(amount) and piece.direction is closing


async def _cancel(state: RunState, cancel: Cancel) -> None:
    """Cancel, and note how it went."""
    detail = {"symbol": cancel.symbol, "orders": len(cancel.orders) or None}
    await state.quiet()
    state.log.step("cancel", f"{cancel.symbol}: {cancel.kind}", detail)
    try:
        await state.asked(_call(state, cancel))
    except ExchangeError as error:
        state.heard(error)
        failures = state.cancels.get(cancel.desk, NO_RETRY).failures
        wait = min(FIRST_RETRY * 2 ** min(failures, MOST_DOUBLINGS), LONGEST_RETRY)
        state.cancels[cancel.desk] = Retry(failures=failures + 1, not_before=state.now() + wait)
        state.log.step("cancel-failed", f"{cancel.symbol}: {cancel.kind}: {error}", {"code": error.code})
        return
    _cancelled(state, cancel)


def _cancelled(state: RunState, cancel: Cancel) -> None:
    keys = {order.key for order in cancel.orders}
    state.progress = state.progress or not keys <= state.tally.cancelled
    state.tally.cancelled |= keys
    state.gone |= keys
    wait = AGAIN if cancel.orders else UNSEEN_AGAIN
    if cancel.kind in {CancelKind.PLAIN, CancelKind.ALGO}:
        failures = state.cancels.get(cancel.desk, NO_RETRY).failures
        state.cancels[cancel.desk] = Retry(failures=failures, not_before=state.now() + wait)


def _call(state: RunState, cancel: Cancel) -> Coroutine[Any, Any, None]:
    trader, symbol = state.trader, cancel.symbol
    if cancel.kind is CancelKind.PLAIN:
        return trader.cancel_plain(symbol)
    if cancel.kind is CancelKind.ALGO:
        return trader.cancel_algos(symbol)
    number = cancel.orders[0].order_id
    if cancel.kind is CancelKind.PLAIN_ONE:
        return trader.cancel_order(symbol, number)
    return trader.cancel_algo(number)
