"""The dry run: one reading, one plan, and what would have been done told instead of done."""

from __future__ import annotations

from dataclasses import replace

from plimsoll.errors import ExchangeError
from plimsoll.model.orders import Order
from plimsoll_enforcer.flatten.beside import RulesShelf
from plimsoll_enforcer.flatten.plan import Act, Scene, plan
from plimsoll_enforcer.flatten.reading import Reading
from plimsoll_enforcer.flatten.reads import Reader
from plimsoll_enforcer.flatten.result import FlattenResult
from plimsoll_enforcer.flatten.state import RunState

ATTEMPTS = 5
PAUSE = 0.5
"""Seconds between two attempts to read everything."""

WHY = "dry run: nothing was sent"


async def rehearsal(state: RunState, shelf: RulesShelf) -> FlattenResult:
    """Read everything, say what would be done with it, do nothing."""
    state.log.step("begin", "dry run: nothing will be sent")
    reading = await _reading(state)
    await _rules(state, shelf)
    scene = Scene(reading=reading, memory=state.memory(), instruments=state.instruments, now=state.now())
    planned = plan(scene)
    for act in planned.acts:
        _tell(state, act)
    _tell_rest(state, reading, planned.acts)
    after = state.now() - state.began if reading.clean else None
    result = state.tally.result(reading, {}, flat_after=after, confirmed=False)
    rows = tuple(replace(row, why_left=WHY if row.left else "") for row in result.positions)
    return replace(result, positions=rows)


async def _reading(state: RunState) -> Reading:
    reader = Reader(state)
    for _ in range(ATTEMPTS):
        reading = await reader.read(whole=True)
        if None not in {reading.positions, reading.plain, reading.algo}:
            return reading
        await state.clock.sleep(PAUSE)
    return reader.last


async def _rules(state: RunState, shelf: RulesShelf) -> None:
    try:
        if shelf.old:
            await shelf.read()
    except ExchangeError as error:
        state.log.step("read-failed", f"the exchange's rules: {error}", {"code": error.code})
    state.instruments = shelf.instruments


def _tell(state: RunState, act: Act) -> None:
    for cancel in act.cancels:
        count = len(cancel.orders) or None
        state.log.step("would-cancel", f"{act.symbol}: {cancel.kind}", {"symbol": act.symbol, "orders": count})
    for piece in act.pieces:
        detail = {
            "symbol": act.symbol,
            "position_side": piece.key[1].value,
            "direction": piece.direction.value,
            "quantity": f"{piece.quantity:f}",
            "form": piece.form.value,
        }
        state.log.step("would-close", f"{piece.direction} {piece.quantity:f} {act.symbol} ({piece.form})", detail)


def _tell_rest(state: RunState, reading: Reading, acts: tuple[Act, ...]) -> None:
    """Protective orders, which go once nothing is left to protect."""
    told = {order.key for act in acts for cancel in act.cancels for order in cancel.orders}
    left: tuple[Order, ...] = tuple(order for order in reading.orders if order.key not in told)
    for symbol in sorted({order.symbol for order in left}):
        count = sum(order.symbol == symbol for order in left)
        text = f"{symbol}: protective orders, once the position is gone"
        state.log.step("would-cancel", text, {"symbol": symbol, "orders": count})
