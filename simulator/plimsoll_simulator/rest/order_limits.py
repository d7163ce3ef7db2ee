"""The order-count limits of each account: 300 in ten seconds, 1200 in a minute, however many addresses it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plimsoll.clock import Clock
from plimsoll_simulator.rest import refusal

# seconds, most orders, header, the exchange's words
WINDOWS = (
    (10, 300, "X-MBX-ORDER-COUNT-10S", "300 orders per 10 SECOND"),
    (60, 1200, "X-MBX-ORDER-COUNT-1M", "1200 orders per 1 MINUTE"),
)


@dataclass(kw_only=True)
class OrderLimits:
    """What every account has sent in the running windows, on the exchange's own clock."""

    clock: Clock
    _used: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)

    def charge(self, account: str, costs: tuple[int, int]) -> Mapping[str, str]:
        """Count an order call against both windows and give the headers that tell it.

        Raises:
            Refused: A window is full (-1015); the call is not counted then.
        """
        counted = [self._count(account, window[0]) + cost for window, cost in zip(WINDOWS, costs, strict=True)]
        for (seconds, most, _, words), count in zip(WINDOWS, counted, strict=True):
            if count > most:
                raise refusal.too_many_orders(words, seconds - int(self.clock.now() % seconds))
        return self._set(account, counted)

    def take_back(self, account: str, costs: tuple[int, int]) -> Mapping[str, str]:
        """Uncount a call that was turned away before anybody looked at it, and give the headers that tell it."""
        left = [self._count(account, window[0]) - cost for window, cost in zip(WINDOWS, costs, strict=True)]
        return self._set(account, [max(0, count) for count in left])

    def _set(self, account: str, counts: list[int]) -> Mapping[str, str]:
        for (seconds, *_), count in zip(WINDOWS, counts, strict=True):
            self._used[account, seconds] = (int(self.clock.now() // seconds), count)
        return {window[2]: str(count) for window, count in zip(WINDOWS, counts, strict=True)}

    def _count(self, account: str, seconds: int) -> int:
        window, count = self._used.get((account, seconds), (-1, 0))
        return count if window == int(self.clock.now() // seconds) else 0
