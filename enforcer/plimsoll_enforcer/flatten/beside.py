"""What a run does beside its rounds: keep the exchange's rules and the measure of its clock fresh where it matters."""

from __future__ import annotations

from plimsoll.errors import ExchangeError
from plimsoll.exchange.port import MarketReader
from plimsoll_enforcer.flatten.state import RunState

SELDOM = 5.0
"""Seconds between two readings of the rules, or two measures of the clock."""

FIRST_RETRY, LONGEST_RETRY = 0.5, 10.0


async def keep_rules(state: RunState, market: MarketReader) -> None:
    """Read the rules now, and again each time a refusal says that they have changed; until cancelled."""
    wait = FIRST_RETRY
    while True:
        state.wants_rules.clear()
        if await _read_rules(state, market):
            wait = FIRST_RETRY
            await state.clock.sleep(SELDOM)
            await state.wants_rules.wait()
        else:
            await state.clock.sleep(wait)
            wait = min(wait * 2, LONGEST_RETRY)


async def _read_rules(state: RunState, market: MarketReader) -> bool:
    await state.quiet()
    try:
        rules = await market.rules()
    except ExchangeError as error:
        state.heard(error)
        state.log.step("read-failed", f"the exchange's rules: {error}", {"code": error.code})
        return False
    state.instruments = rules.instruments
    state.pace.limit(rules.order_limits)
    return True


async def keep_clock(state: RunState, market: MarketReader) -> None:
    """Measure the exchange's clock each time an order was refused for ours; until cancelled."""
    while True:
        await state.wants_clock.wait()
        state.wants_clock.clear()
        await state.quiet()
        try:
            await market.measure_clock()
        except ExchangeError as error:
            state.heard(error)
            state.log.step("read-failed", f"the exchange's clock: {error}", {"code": error.code})
            await state.clock.sleep(FIRST_RETRY)
