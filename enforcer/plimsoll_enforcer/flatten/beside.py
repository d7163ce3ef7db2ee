"""What a run does beside its rounds: keep the exchange's rules and the measure of its clock fresh where it matters."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll.exchange.port import MarketReader
from plimsoll.model.market import Instrument
from plimsoll_enforcer.flatten.state import RunState

SELDOM = 5.0
"""Seconds between two readings of the rules, or two measures of the clock."""

OLD = 3600.0
"""Seconds after which rules that were read are read again."""

FIRST_RETRY, LONGEST_RETRY = 0.5, 10.0


class RulesShelf:
    """The exchange's rules as last read, kept from one run to the next."""

    def __init__(self, market: MarketReader, clock: Clock) -> None:
        self._market = market
        self._clock = clock
        self._read_at = float("-inf")
        self.instruments: Mapping[str, Instrument] = {}

    @property
    def old(self) -> bool:
        """Whether they have not been read for a while, or never."""
        return self._clock.monotonic() - self._read_at > OLD

    async def read(self) -> None:
        """Read them anew.

        Raises:
            ExchangeError: No usable answer; what is known stays.
        """
        self.instruments = (await self._market.rules()).instruments
        self._read_at = self._clock.monotonic()


async def keep_rules(state: RunState, shelf: RulesShelf) -> None:
    """Read the rules where none are known, and each time a refusal says that they have changed; until cancelled."""
    wait = FIRST_RETRY
    if shelf.instruments:
        state.instruments = shelf.instruments
        # Reading them takes a while of every processor: not in the first seconds of a run that has some.
        await state.clock.sleep(SELDOM)
        if not shelf.old:
            await state.wants_rules.wait()
    while True:
        state.wants_rules.clear()
        if await _read_rules(state, shelf):
            wait = FIRST_RETRY
            await state.clock.sleep(SELDOM)
            await state.wants_rules.wait()
        else:
            await state.clock.sleep(wait)
            wait = min(wait * 2, LONGEST_RETRY)


async def _read_rules(state: RunState, shelf: RulesShelf) -> bool:
    await state.quiet()
    try:
        await shelf.read()
    except ExchangeError as error:
        state.heard(error)
        state.log.step("read-failed", f"the exchange's rules: {error}", {"code": error.code})
        return False
    state.instruments = shelf.instruments
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
