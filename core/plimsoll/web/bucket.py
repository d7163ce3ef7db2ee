"""A rate limit for all clients together: the token bucket of exporter-toolkit's ``rate_limit``."""

from __future__ import annotations

import math

from plimsoll.clock import Clock
from plimsoll.web.model import RateLimit


class TokenBucket:
    """Counts what has been allowed; it starts full, and a changed limit holds from the next request on."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._tokens = math.inf
        self._at = clock.monotonic()

    def allow(self, limit: RateLimit) -> bool:
        """Whether one more request may be answered now; if so it is counted."""
        now = self._clock.monotonic()
        elapsed, self._at = now - self._at, now
        if limit.interval == 0:
            self._tokens = math.inf
            return True
        self._tokens = min(float(limit.burst), self._tokens + elapsed / limit.interval)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
