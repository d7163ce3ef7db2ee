"""Every account's trading key, looked after: one ``Arming`` each, checked at the start and for as long as we live."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from plimsoll.clock import Clock
from plimsoll.config.model import Config
from plimsoll_enforcer.keycheck import Arming, PermissionReader
from plimsoll_enforcer.watching.parts import Stance


class Keys:
    """What is in force for each account.

    Args:
        config: Every account.
        named: Those that ``--arm`` or ``PLIMSOLL_ARM`` names.
        readers: Ask with the trading key, by account; an account without a key is not among them.
        clock: Time.
    """

    def __init__(
        self, config: Config, *, named: Collection[str], readers: Mapping[str, PermissionReader], clock: Clock
    ) -> None:
        self._armings = {
            name: Arming(
                account,
                environment=config.exchange.environment,
                named=name in named,
                reader=readers.get(name),
                clock=clock,
            )
            for name, account in config.accounts.items()
        }
        self._checked = {name: asyncio.Event() for name in self._armings}

    def stance(self, account: str) -> Stance:
        """What is in force now."""
        arming = self._armings[account]
        return Stance(mode=arming.mode, why=arming.why, permissions=arming.permissions)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Accounts whose key was not asked about yet."""
        return tuple(name for name, done in self._checked.items() if not done.is_set())

    async def checked(self) -> None:
        """Wait until every key was asked about once, whatever came of it."""
        for done in self._checked.values():
            await done.wait()

    async def run(self) -> None:
        """Check all keys, and again for ever."""
        await asyncio.gather(*(self._look_after(name) for name in self._armings))

    async def _look_after(self, name: str) -> None:
        arming = self._armings[name]
        await arming.check()
        self._checked[name].set()
        await arming.keep_checking()
