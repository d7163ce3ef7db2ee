"""Passwords against bcrypt hashes: off the event loop, one at a time, and once for each login that is right.

Of an accepted login a keyed hash is kept in memory, at most one for each user; a wrong one is never kept. An unknown
user costs the same work as a wrong password.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping

import bcrypt

from plimsoll.secret import Secret
from plimsoll.web.authorization import Login

MOST_BYTES = 72
"""What bcrypt looks at; the toolkit ignores the rest of a longer password, and so do we."""

MOST_WAITING = 64
"""Logins that may wait for the slow comparison; clients that hang up would otherwise leave ever more of them behind."""

_DEFAULT_COST = 10
_NOWHERE = b""

Verify = Callable[[bytes, bytes], bool]
"""Whether a password fits a hash; takes its time."""


class Busy(Exception):
    """Too many logins wait to be judged; never leaves this package."""


class Passwords:
    """Judges logins.

    Args:
        verify: The slow comparison; tests pass their own to count it.
    """

    def __init__(self, *, verify: Verify = bcrypt.checkpw) -> None:
        self._verify = verify
        self._key = secrets.token_bytes(32)
        self._accepted: dict[str, bytes] = {}
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0

    @property
    def kept(self) -> int:
        """How many accepted logins are remembered."""
        return len(self._accepted)

    async def accept(self, users: Mapping[str, Secret], login: Login) -> bool:
        """Whether a login is that of one of the users.

        Args:
            users: bcrypt hash by name, as of now: who is not among them is refused whatever was accepted before.
            login: What a client sent.

        Raises:
            Busy: It would have to wait behind too many others.
        """
        stored = users.get(login.name)
        hashed = decoy(users) if stored is None else stored.reveal().encode("ascii")
        password = login.password.reveal().encode("utf-8")[:MOST_BYTES]
        mark = self._mark(login.name, hashed, password)
        if self._known(login.name, mark):
            return stored is not None
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                if self._known(login.name, mark):
                    return stored is not None
                fits = await asyncio.to_thread(self._fits, password, hashed) and stored is not None
        finally:
            self._waiting -= 1
        if fits:
            self._keep(users, login.name, mark)
        return fits

    def _fits(self, password: bytes, hashed: bytes) -> bool:
        """The slow comparison; nothing fits a hash that bcrypt cannot read after all."""
        try:
            return self._verify(password, hashed)
        except ValueError:
            return False

    def _mark(self, name: str, hashed: bytes, password: bytes) -> bytes:
        """A keyed hash of a login and the hash it was judged by, so that a changed password is judged anew."""
        parts = b"".join(len(part).to_bytes(4, "big") + part for part in (name.encode("utf-8"), hashed, password))
        return hmac.digest(self._key, parts, hashlib.sha256)

    def _known(self, name: str, mark: bytes) -> bool:
        return hmac.compare_digest(self._accepted.get(name, _NOWHERE), mark)

    def _keep(self, users: Mapping[str, Secret], name: str, mark: bytes) -> None:
        """Remember a login, and forget those of users that are gone."""
        self._accepted = {kept: its for kept, its in self._accepted.items() if kept in users} | {name: mark}


def decoy(users: Mapping[str, Secret]) -> bytes:
    """A hash that no password fits and that costs as much to try as the dearest of the users' hashes."""
    cost = max((int(hashed.reveal()[4:6]) for hashed in users.values()), default=_DEFAULT_COST)
    return b"$2b$%02d$" % cost + b"." * 53
