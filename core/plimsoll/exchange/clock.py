"""The exchange's clock, kept as an offset to our monotonic one.

Kept so, a jump of the machine's wall clock changes neither the age of a price nor the timestamp of a request.
"""

from __future__ import annotations

from plimsoll.clock import Clock


class ExchangeClock:
    """Tells the exchange's time; before the first measurement it is taken to agree with the machine's.

    Attributes:
        readings: How many readings were taken.
    """

    def __init__(self, clock: Clock) -> None:
        self.readings = 0
        self._clock = clock
        self._base = clock.now() - clock.monotonic()

    def set(self, *, server_ms: int, sent: float, received: float) -> None:
        """Take a reading of ``GET /fapi/v1/time``; ``sent`` and ``received`` are monotonic seconds around the call."""
        self._base = server_ms / 1000 - (sent + received) / 2
        self.readings += 1

    @property
    def measured(self) -> bool:
        """Whether a reading was ever taken."""
        return self.readings > 0

    def now(self) -> float:
        """The exchange's Unix time in seconds."""
        return self._base + self._clock.monotonic()

    def now_ms(self) -> int:
        """The exchange's Unix time in milliseconds."""
        return int(self.now() * 1000)

    @property
    def offset(self) -> float:
        """Seconds by which the exchange's clock is ahead of the machine's wall clock."""
        return self.now() - self._clock.now()
