"""The request weight of each IP address: counted per minute and prefix, refused over the limit, banned when ignored."""

from __future__ import annotations

from dataclasses import dataclass, field

from plimsoll.clock import Clock
from plimsoll_simulator.rest import refusal

WEIGHT_LIMIT = 2400
SAPI_LIMIT = 12000
# The exchange bans an address that goes on after 429; how soon is not documented, so: after ten more calls.
_IGNORED_BEFORE_BAN = 10
_FIRST_BAN_SECONDS = 120
_LONGEST_BAN_SECONDS = 3 * 24 * 3600
_MINUTE = 60


@dataclass(kw_only=True, slots=True)
class _Usage:
    minute: int = -1
    used: int = 0
    ignored: int = 0
    bans: int = 0
    banned_until: float = 0.0


@dataclass(kw_only=True)
class WeightLimits:
    """The weight used by each address; ``limit`` may be lowered for tests."""

    clock: Clock
    limit: int = WEIGHT_LIMIT
    _usage: dict[tuple[str, str], _Usage] = field(default_factory=dict)

    def charge(self, ip: str, prefix: str, weight: int) -> int:
        """Count a call and give the weight used in this minute.

        Raises:
            Refused: The limit of the minute is passed (429), or the address is banned (418).
        """
        now, usage = self.clock.now(), self._usage.setdefault((ip, prefix), _Usage())
        self._refuse_banned(usage, ip, now)
        minute = int(now // _MINUTE)
        if usage.minute != minute:
            usage.minute, usage.used, usage.ignored = minute, 0, 0
        usage.used += weight
        limit = self.limit if prefix == "fapi" else SAPI_LIMIT
        if usage.used > limit:
            self._refuse_excess(usage, ip, now, limit)
        return usage.used

    def used(self, ip: str, prefix: str) -> int:
        """The weight counted in the minute of the last call."""
        usage = self._usage.get((ip, prefix))
        return usage.used if usage and usage.minute == int(self.clock.now() // _MINUTE) else 0

    def everyone(self) -> dict[str, int]:
        """The weight used in this minute by every address, as ``ip/prefix``."""
        return {f"{ip}/{prefix}": self.used(ip, prefix) for ip, prefix in self._usage}

    def _refuse_banned(self, usage: _Usage, ip: str, now: float) -> None:
        if now < usage.banned_until:
            raise refusal.banned(ip, int(usage.banned_until * 1000), int(usage.banned_until - now) + 1)

    def _refuse_excess(self, usage: _Usage, ip: str, now: float, limit: int) -> None:
        usage.ignored += 1
        if usage.ignored > _IGNORED_BEFORE_BAN:
            usage.banned_until = now + min(_FIRST_BAN_SECONDS * 4**usage.bans, _LONGEST_BAN_SECONDS)
            usage.bans += 1
            self._refuse_banned(usage, ip, now)
        raise refusal.too_many_requests(ip, limit, _MINUTE - int(now % _MINUTE))
