"""Listen keys: one per account and API key, alive for sixty minutes from the last POST or PUT, who hears of its end.

The two API keys of an account have a listen key each, so that a bot which deletes its own does not silence a monitor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from plimsoll.clock import Clock

LIFE_SECONDS = 3600.0
_Owner = tuple[str, bool]


@dataclass(kw_only=True)
class ListenKeys:
    """The active key of each account and API key (``trading`` or reading).

    ``on_expiry`` is called once with account and key when a key ends by itself.
    """

    clock: Clock
    on_expiry: Callable[[str, str], None]
    _active: dict[_Owner, str] = field(default_factory=dict)
    _until: dict[_Owner, float] = field(default_factory=dict)
    _made: int = 0

    def open(self, account: str, *, trading: bool = False) -> str:
        """The API key's listen key, made now if there is none, with a full life ahead of it."""
        self.sweep()
        owner = account, trading
        if owner not in self._active:
            self._made += 1
            self._active[owner] = hashlib.sha256(f"{account}/{self._made}".encode()).hexdigest()
        self._until[owner] = self.clock.monotonic() + LIFE_SECONDS
        return self._active[owner]

    def extend(self, account: str, *, trading: bool = False) -> str | None:
        """Give the key a full life again; ``None`` when there is none."""
        self.sweep()
        return self.open(account, trading=trading) if (account, trading) in self._active else None

    def close(self, account: str, *, trading: bool) -> None:
        """Forget a listen key: nobody who uses it hears anything any more."""
        self._active.pop((account, trading), None)

    def expire(self, account: str) -> None:
        """End every key of the account now, as if its time were over."""
        for owner in [each for each in self._active if each[0] == account]:
            self._end(owner)

    def sweep(self) -> None:
        """End every key whose time is over."""
        now = self.clock.monotonic()
        for owner in [each for each in self._active if self._until[each] <= now]:
            self._end(owner)

    def account_of(self, key: str) -> str | None:
        """Whose key this is, ``None`` for one that is unknown or ended."""
        return next((account for (account, _), active in self._active.items() if active == key), None)

    def _end(self, owner: _Owner) -> None:
        self.on_expiry(owner[0], self._active.pop(owner))
