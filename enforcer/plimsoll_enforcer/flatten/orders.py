"""Sending one closing order and making sense of what comes back; the only place of a flatten that sends any."""

from __future__ import annotations

from dataclasses import replace

from plimsoll.errors import ExchangeError, Malformed, OutcomeUnknown, Throttled, Unavailable
from plimsoll.model.orders import ENDED
from plimsoll_enforcer.flatten.closes import Piece
from plimsoll_enforcer.flatten.codes import Meaning
from plimsoll_enforcer.flatten.ladder import FRESH, Standing, chased, failed, filled, meaning_of, refused
from plimsoll_enforcer.flatten.lookup import Fate, ask, look_up
from plimsoll_enforcer.flatten.state import RunState
from plimsoll_enforcer.trading.port import CloseOrder, OrderForm, Placed

NEW_RULES = frozenset({Meaning.SPLIT, Meaning.STEP, Meaning.RESIDUAL, Meaning.CLOSED})
"""Refusals that say that our copy of the exchange's rules is old."""

NEVER_ARRIVED = "it never arrived"


async def send(state: RunState, piece: Piece, *, plain_orders: bool) -> bool:
    """Send a piece and settle what became of it; gives whether it was filled whole, so that the next may follow.

    Args:
        state: The run.
        piece: What to send.
        plain_orders: Plain orders of the symbol were read before it.
    """
    await state.quiet()
    _begin(state, piece)
    order = _order(state, piece)
    state.log.sending(order)
    try:
        placed = await state.trader.place(order)
    except (OutcomeUnknown, Malformed) as error:
        state.log.step("unknown", f"{order.client_id}: {error}", {"code": error.code})
        return await settle_unknown(state, order)
    except ExchangeError as error:
        return await _refused(state, order, error, plain_orders=plain_orders)
    except Exception as error:  # noqa: BLE001 - whatever went wrong on our side, the order may have arrived
        state.log.step("unknown", f"{order.client_id}: {type(error).__name__}")
        return await settle_unknown(state, order)
    return took(state, order, placed)


def _begin(state: RunState, piece: Piece) -> None:
    """A leg whose resting order has had its time begins again from the first form."""
    standing = state.legs.get(piece.key, FRESH)
    if standing.resting:
        state.legs[piece.key] = chased(standing)


def _order(state: RunState, piece: Piece) -> CloseOrder:
    symbol, side = piece.key
    return CloseOrder(
        symbol=symbol,
        position_side=side,
        direction=piece.direction,
        quantity=piece.quantity,
        client_id=f"plim-{state.log.run_id}-{state.log.next_number()}",
        form=piece.form,
        price=piece.price,
    )


def took(state: RunState, order: CloseOrder, placed: Placed) -> bool:
    """The exchange has the order: note it; gives whether it was filled whole."""
    state.log.answered(order.client_id, placed)
    state.tally.closed(order, placed)
    state.progress = state.progress or placed.executed > 0
    state.reduce((order.symbol, order.position_side), placed.executed)
    rests = order.form is OrderForm.LIMIT_AT_MARK and placed.status not in ENDED
    if rests:
        state.tally.rested.add(order.client_id)
    standing = replace(_standing(state, order), form=order.form)
    state.legs[order.symbol, order.position_side] = filled(
        standing, executed=placed.executed, rests=rests, client_id=order.client_id, now=state.now()
    )
    return placed.executed >= order.quantity


async def settle_unknown(state: RunState, order: CloseOrder) -> bool:
    """Look up an order without an answer and note what is found; it is never sent again."""
    found = await look_up(state, order)
    if isinstance(found, Placed):
        return took(state, order, found)
    key = (order.symbol, order.position_side)
    if found is Fate.ABSENT:
        state.log.answered(order.client_id, None, NEVER_ARRIVED)
        state.legs[key] = failed(_standing(state, order), NEVER_ARRIVED, now=state.now())
        return False
    state.log.step("unknown", f"{order.client_id}: {found}; going on from a fresh reading")
    state.lost.append(order)
    state.legs[key] = failed(_standing(state, order), "an order without an answer", now=state.now())
    return False


async def _refused(state: RunState, order: CloseOrder, error: ExchangeError, *, plain_orders: bool) -> bool:
    """Make sense of a refusal."""
    meaning = meaning_of(error.code)
    if meaning is Meaning.DUPLICATE:
        return await settle_unknown(state, order)
    if meaning is Meaning.UNKNOWN and not isinstance(error, Unavailable | Throttled):
        found = await ask(state, order)
        if isinstance(found, Placed):
            return took(state, order, found)
    state.log.answered(order.client_id, None, str(error), error.code)
    state.heard(error)
    state.legs[order.symbol, order.position_side] = _after(state, order, error, plain_orders=plain_orders)
    if meaning in NEW_RULES:
        state.wants_rules.set()
    if meaning is Meaning.CLOCK:
        state.wants_clock.set()
    if meaning is Meaning.MODE:
        await _settings(state)
    return False


def _after(state: RunState, order: CloseOrder, error: ExchangeError, *, plain_orders: bool) -> Standing:
    standing = replace(_standing(state, order), form=order.form)
    if isinstance(error, Unavailable | Throttled) and error.code is None:
        return failed(standing, str(error), now=state.now())
    wait = error.retry_after if isinstance(error, Throttled) else None
    return refused(standing, error.code, sent=order.quantity, now=state.now(), wait=wait, plain_orders=plain_orders)


def _standing(state: RunState, order: CloseOrder) -> Standing:
    return state.legs.get((order.symbol, order.position_side), FRESH)


async def _settings(state: RunState) -> None:
    """Read the position mode for the record; the next reading of positions has the sides to close by."""
    await state.quiet()
    try:
        settings = await state.asked(state.trader.settings())
    except ExchangeError as error:
        state.heard(error)
        state.log.step("read-failed", f"settings: {error}", {"code": error.code})
        return
    state.log.step("read", f"the position mode is {settings.position_mode}", {"can_trade": settings.can_trade})
