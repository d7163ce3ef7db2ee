"""Which prices may be shown, chosen again only when one came or grew too old: every look at every account asks."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.state.market import MarketState
from plimsoll_exporter.keeper.trust import AHEAD_SECONDS, LAST_AGE_SECONDS, MARK_AGE_SECONDS, RATE_AGE_SECONDS, fresh

_NEVER = float("inf")


class Showing:
    """Remembers what was chosen last: what is made of it is made once for looks and pages."""

    def __init__(self) -> None:
        self._all: MarketState | None = None
        self._shown = MarketState()
        self._from_ms = self._to_ms = 0.0

    def of(self, market: MarketState, exchange_ms: float) -> MarketState:
        """The market without what may not be shown at this time; one object while it stays equal."""
        if market is not self._all or not self._from_ms <= exchange_ms <= self._to_ms:
            shown = fresh(market, exchange_ms)
            if shown != self._shown:
                self._shown = shown
            self._all, self._from_ms = market, exchange_ms
            self._to_ms = min((edge for edge in _edges(market) if edge >= exchange_ms), default=_NEVER)
        return self._shown


def _edges(market: MarketState) -> Iterator[float]:
    """Every time, of the exchange in ms, at which a price begins or ends to be fit to be shown."""
    for prices, seconds in (
        (market.marks, MARK_AGE_SECONDS),
        (market.rates, RATE_AGE_SECONDS),
        (market.lasts, LAST_AGE_SECONDS),
    ):
        for time_ms in [price.time_ms for price in prices.values()]:
            yield time_ms + seconds * 1000
            yield time_ms - AHEAD_SECONDS * 1000
