"""The newest price of each name, and how old it is by our own clock: an exchange's clock that jumps makes none younger.

Ages are counted from the exchange's stamps, which tell what a message took on its way. That holds only while the
exchange's clock is where we take it to be. So a price is remembered with the time at which it was made at the latest
by the clock that nobody can set, and is stamped anew where its stamp makes it younger than that.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from plimsoll.clock import Clock
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.model.market import AssetRate, LastPrice, Mark

Price = TypeVar("Price", Mark, AssetRate, LastPrice)

PRECISION_MS = 250
"""How well the exchange's clock is known at least: stamps that are off by less stay, for they tell prices apart."""


@dataclass(frozen=True, slots=True)
class _Heard(Generic[Price]):
    """A price, and the monotonic time (seconds) at which it was made at the latest."""

    price: Price
    made_at: float


class Prices(Generic[Price]):
    """Prices of one kind."""

    def __init__(self, *, clock: Clock, exchange_clock: ExchangeClock) -> None:
        self._clock, self._exchange_clock = clock, exchange_clock
        self._heard: dict[str, _Heard[Price]] = {}
        self._readings = exchange_clock.readings

    def take(self, name: str, price: Price) -> bool:
        """Keep a price unless what is known is newer; gives whether it was kept."""
        self._follow_clock()
        known = self._heard.get(name)
        if known is not None and price.time_ms < known.price.time_ms:
            return False
        age_ms = max(0, self._exchange_clock.now_ms() - price.time_ms)
        self._heard[name] = self._truly_stamped(_Heard(price, self._clock.monotonic() - age_ms / 1000))
        return True

    def get(self, name: str) -> Price | None:
        """The price of a name; ``None`` where none is known."""
        self._follow_clock()
        heard = self._heard.get(name)
        return None if heard is None else heard.price

    @property
    def known(self) -> AbstractSet[str]:
        """The names with a price."""
        return self._heard.keys()

    def all(self) -> dict[str, Price]:
        """Every price."""
        self._follow_clock()
        return {name: heard.price for name, heard in self._heard.items()}

    def clear(self) -> None:
        """Forget them."""
        self._heard.clear()

    def _follow_clock(self) -> None:
        """After the exchange's clock was measured: make no price younger than it is."""
        if self._exchange_clock.readings != self._readings:
            self._readings = self._exchange_clock.readings
            self._heard = {name: self._truly_stamped(heard) for name, heard in self._heard.items()}

    def _truly_stamped(self, heard: _Heard[Price]) -> _Heard[Price]:
        age_ms = (self._clock.monotonic() - heard.made_at) * 1000
        latest_ms = int(self._exchange_clock.now_ms() - age_ms)
        if heard.price.time_ms <= latest_ms + PRECISION_MS:
            return heard
        return _Heard(replace(heard.price, time_ms=latest_ms), heard.made_at)
