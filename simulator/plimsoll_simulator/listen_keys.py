"""Listen keys: one per account, alive for sixty minutes from the last POST or PUT, and who hears of its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from plimsoll.clock import Clock

LIFE_SECONDS = 3600.0


@dataclass(kw_only=True)
class ListenKeys:
    """The active key of each account. ``on_expiry`` is called once with account and key when a key ends by itself."""

    clock: Clock
    on_expiry: Callable[[str, str], None]
    _active: dict[str, str] = field(default_factory=dict)
    _until: dict[str, float] = field(default_factory=dict)
    _made: int = 0

    def open(self, account: str) -> str:
        """The account's key, made now if there is none, with a full life ahead of it."""
        self.sweep()
        if account not in self._active:
            self._made += 1
            self._active[account] = hashlib.sha256(f"{account}/{self._made}".encode()).hexdigest()
        self._until[account] = self.clock.monotonic() + LIFE_SECONDS
        return self._active[account]

    def extend(self, account: str) -> str | None:
        """Give the key a full life again; ``None`` when there is none."""
        self.sweep()
        return self.open(account) if account in self._active else None

    def close(self, account: str) -> None:
        """Forget the account's key: nobody who uses it hears anything any more."""
        self._active.pop(account, None)

    def expire(self, account: str) -> None:
        """End the key now, as if its time were over."""
        key = self._active.pop(account, None)
        if key is not None:
            self.on_expiry(account, key)

    def sweep(self) -> None:
        """End every key whose time is over."""
        now = self.clock.monotonic()
        for account in [name for name in self._active if self._until[name] <= now]:
            self.expire(account)

    def account_of(self, key: str) -> str | None:
        """Whose key this is, ``None`` for one that is unknown or ended."""
        return next((name for name, active in self._active.items() if active == key), None)
