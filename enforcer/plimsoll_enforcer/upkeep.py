"""What the enforcer reads of the exchange while nothing happens: its clock and its limits, for the moment it counts."""

from __future__ import annotations

import logging
from typing import Protocol

from plimsoll.clock import Clock
from plimsoll.errors import ExchangeError
from plimsoll.model.market import ExchangeRules

CLOCK_EVERY = 60.0
"""Seconds between two measures of the exchange's clock."""

RULES_EVERY = 3600.0
"""Seconds between two readings of its limits."""

AFTER_FAILURE = 10.0
"""Seconds until either is tried again where it failed."""

log = logging.getLogger(__name__)


class MeasuresClock(Protocol):
    """What measures the exchange's clock."""

    async def measure_clock(self) -> None:
        """``GET /fapi/v1/time``, weight 1."""


class ReadsLimits(Protocol):
    """What reads the exchange's limits and puts them in force."""

    async def rules(self) -> ExchangeRules:
        """``GET /fapi/v1/exchangeInfo``, weight 1."""


async def keep_clock(market: MeasuresClock, clock: Clock) -> None:
    """Measure the exchange's clock again and again until cancelled."""
    while True:
        try:
            await market.measure_clock()
        except ExchangeError as error:
            log.warning("the exchange's clock could not be measured: %s", error)
            await clock.sleep(AFTER_FAILURE)
        else:
            await clock.sleep(CLOCK_EVERY)


async def keep_limits(gateway: ReadsLimits, clock: Clock) -> None:
    """Read the exchange's limits of weight and orders again and again until cancelled."""
    while True:
        try:
            await gateway.rules()
        except ExchangeError as error:
            log.warning("the exchange's limits could not be read: %s", error)
            await clock.sleep(AFTER_FAILURE)
        else:
            await clock.sleep(RULES_EVERY)
