"""Looking after one account's trading key: what it may do is read at the start and every hour, and judged each time.

A reading that fails changes nothing: what the exchange told last stays true, so that an outage in a crash
disarms nobody. A refusal of the key counts once it was met twice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig, Environment, Mode
from plimsoll.errors import ExchangeError, KeyRefused
from plimsoll.model.account import KeyPermissions
from plimsoll_enforcer.arming import KeyState, mode_in_force

EVERY = 3600.0
"""Seconds between two readings."""

AFTER_FAILURE = 10.0
"""Seconds until a reading that failed is repeated, while nothing was ever told."""

AFTER_REFUSAL = 60.0
"""Seconds until a refused key is tried again."""

REFUSALS = 2
"""In a row, before the key counts as refused."""

_log = logging.getLogger(__name__)


class PermissionReader(Protocol):
    """What tells a key's permissions; ``Trader`` does."""

    async def key_permissions(self) -> KeyPermissions | None:
        """``GET /sapi/v1/account/apiRestrictions``; ``None`` where the environment has no such endpoint."""


class Arming:
    """One account's mode in force, kept up to date.

    Args:
        account: As configured.
        environment: Of the exchange.
        named: Whether ``--arm`` or ``PLIMSOLL_ARM`` names it.
        reader: Asks with the trading key; ``None`` where none is configured.
        clock: For waits.
    """

    def __init__(
        self,
        account: AccountConfig,
        *,
        environment: Environment,
        named: bool,
        reader: PermissionReader | None,
        clock: Clock,
    ) -> None:
        self._account = account
        self._environment = environment
        self._named = named
        self._reader = reader
        self._clock = clock
        self._key = KeyState(present=reader is not None)
        self._refusals = 0
        self._failed = False
        self._told: tuple[Mode, str] | None = None

    @property
    def mode(self) -> Mode:
        """What the enforcer may do now."""
        return self._judged()[0]

    @property
    def why(self) -> str:
        """In words why that is less than configured; empty where it is not."""
        return self._judged()[1]

    @property
    def permissions(self) -> Mapping[str, bool]:
        """What the key may do, by the words of ``binance_api_key_permission``; empty while unknown."""
        may = self._key.permissions
        if may is None:
            return {}
        return {
            "read": may.read,
            "trade": may.trade,
            "withdraw": may.withdraw,
            "transfer": may.transfer,
            "ip_restricted": may.ip_restricted,
        }

    async def check(self) -> None:
        """Read the permissions once and log what changed by it; raises nothing."""
        if self._reader is not None and self._account.enforcement.mode is not Mode.OFF:
            await self._read(self._reader)
        self._tell()

    async def keep_checking(self) -> None:
        """Check again and again until cancelled: every hour, sooner while the exchange does not tell."""
        while True:
            await self._clock.sleep(self.pause)
            await self.check()

    @property
    def pause(self) -> float:
        """Seconds until the next reading."""
        if self._refusals:
            return AFTER_REFUSAL
        return AFTER_FAILURE if self._failed and self._key.permissions is None else EVERY

    async def _read(self, reader: PermissionReader) -> None:
        try:
            found = await reader.key_permissions()
        except KeyRefused as refusal:
            self._failed = True
            self._refusals += 1
            if self._refusals >= REFUSALS:
                self._key = replace(self._key, refused=str(refusal))
        except ExchangeError as failure:
            self._failed = True
            _log.warning("%s: the permissions of the trade key could not be read (%s)", self._account.name, failure)
        else:
            self._failed, self._refusals = False, 0
            self._key = KeyState(permissions=found)

    def _judged(self) -> tuple[Mode, str]:
        return mode_in_force(
            account=self._account.name,
            configured=self._account.enforcement.mode,
            environment=self._environment,
            named=self._named,
            key=self._key,
        )

    def _tell(self) -> None:
        """Say the mode in force where it is new, loudly where it is not the configured one."""
        judged = self._judged()
        if judged == self._told:
            return
        self._told = judged
        mode, why = judged
        name, configured = self._account.name, self._account.enforcement.mode
        if why:
            _log.error("%s: enforcement is %s, configured is %s: %s", name, mode, configured, why)
        else:
            _log.info("%s: enforcement is %s", name, mode)
