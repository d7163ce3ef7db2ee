"""``plimsoll-enforcer cap-leverage``: lower leverage settings that are above ``leverage_setting``.

A second barrier: what the exchange does not let an account open needs no closing. Symbols with a position or order are
left alone unless asked for, since a lower setting binds more margin at once, and too little available margin is how
-2019 begins. Without ``--apply`` nothing is written.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass

from plimsoll.clock import Clock, SystemClock
from plimsoll.config.keys import enforcer_credentials
from plimsoll.config.model import AccountConfig, Config
from plimsoll.errors import ConfigError, ExchangeError, OutcomeUnknown
from plimsoll.model.account import ZERO
from plimsoll.table import table
from plimsoll_enforcer.arming import KeyState, why_refused
from plimsoll_enforcer.button.cap_plan import Excess, Holdings, available_text, find_excesses, too_little_left
from plimsoll_enforcer.trading.gateway import Gateway
from plimsoll_enforcer.trading.port import Trader

Write = Callable[[str], object]
"""Where a line goes."""

REFUSED = (
    "REFUSED: less than 10 % of the equity would stay available ({left}); nothing was changed. "
    "Leave out --with-positions, or free margin first."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments: ``account`` (``None`` for all), ``apply``, ``with_positions``."""
    parser.add_argument("--account", help="only this account (every one that has a leverage_setting)")
    parser.add_argument("--apply", action="store_true", help="lower them; without it they are only listed")
    parser.add_argument(
        "--with-positions", action="store_true", help="symbols with a position or an order too: this binds more margin"
    )


def run(config: Config, arguments: argparse.Namespace) -> int:
    """Do what the arguments say and print it; the result is 0 when all is lowered that should be, else 1.

    Raises:
        ConfigError: There is no such account, or none with a ``leverage_setting``.
        SecretError: A trading key's files are unusable.
    """
    return asyncio.run(cap_all(config, arguments, clock=SystemClock(), write=_print))


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


async def cap_all(config: Config, arguments: argparse.Namespace, *, clock: Clock, write: Write) -> int:
    """As ``run``, with a clock and a place for the lines."""
    accounts = _chosen(config, arguments.account)
    credentials = enforcer_credentials(config, [account.name for account in accounts])
    gateway = Gateway(config.exchange, credentials, clock=clock)
    wish = Wish(apply=arguments.apply, with_positions=arguments.with_positions)
    try:
        done = [await _cap(account, gateway, wish, write) for account in accounts]
    finally:
        await gateway.close()
    return 0 if all(done) else 1


def _chosen(config: Config, name: str | None) -> list[AccountConfig]:
    if name is not None and name not in config.accounts:
        raise ConfigError(f'--account: the unknown account "{name}"; known: {", ".join(config.accounts)}')
    wanted = list(config.accounts.values()) if name is None else [config.accounts[name]]
    found = [account for account in wanted if account.limits.leverage_setting is not None]
    if not found:
        whose = "any account" if name is None else f"account {name}"
        raise ConfigError(f"nothing to compare with: limits.leverage_setting of {whose} is not set")
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What may be changed."""

    apply: bool
    with_positions: bool


async def _cap(account: AccountConfig, gateway: Gateway, wish: Wish, write: Write) -> bool:
    """One account; whether all is well with it."""
    trader = gateway.traders.get(account.name)
    if trader is None:
        write(f"Account {account.name}: no trade_key is configured.")
        return False
    try:
        refused = why_refused(KeyState(permissions=await trader.key_permissions()))
        if refused:
            write(f"Account {account.name}: {refused}.")
            return False
        tradable = {item.symbol for item in (await gateway.rules()).instruments.values() if item.trading}
        return await Capping(account, trader, wish, write).run(tradable)
    except ExchangeError as failure:
        write(f"Account {account.name}: could not go on ({failure}).")
        return False


class Capping:
    """The work on one account, whose ``leverage_setting`` is set."""

    def __init__(self, account: AccountConfig, trader: Trader, wish: Wish, write: Write) -> None:
        self._name = account.name
        self._cap = account.limits.leverage_setting or 1
        self._trader = trader
        self._wish = wish
        self._write = write
        self._rows: list[tuple[str, ...]] = []
        self._failed = False

    async def run(self, tradable: Collection[str]) -> bool:
        """Find, tell and lower.

        Raises:
            ExchangeError: A read failed.
        """
        before = await self._trader.wallet()
        holdings = Holdings(positions=await self._trader.positions(), orders=await self._trader.plain_orders())
        found = find_excesses(self._cap, await self._trader.symbol_settings(), holdings, tradable=tradable)
        self._write(f"Account {self._name}: {len(found)} symbol(s) above leverage_setting {self._cap}")
        if not found:
            return True
        extra = sum((one.extra for one in found if self._wanted(one)), ZERO)
        self._write(f"Available now: {available_text(before)}")
        if extra > 0 and too_little_left(before, extra):
            self._write(REFUSED.format(left=available_text(before, extra)))
            return False
        for one in found:
            await self._treat(one)
        self._write(table(("SYMBOL", "SETTING", "OPEN", "WHAT"), self._rows))
        if self._wish.apply:
            self._write(f"Available after: {available_text(await self._trader.wallet())}")
        else:
            self._write(f"Available after: about {available_text(before, extra)}; nothing was changed, see --apply")
        return not self._failed

    def _wanted(self, one: Excess) -> bool:
        return one.flat or (self._wish.with_positions and not one.isolated)

    async def _treat(self, one: Excess) -> None:
        self._tell(one, await self._outcome(one))

    async def _outcome(self, one: Excess) -> str:
        if not self._wanted(one):
            return "kept: isolated position" if one.isolated else "kept: see --with-positions"
        if not self._wish.apply:
            return f"would be {self._cap}"
        if not one.flat and too_little_left(await self._trader.wallet(), one.extra):
            self._failed = True
            return "kept: less than 10 % of the equity would stay available"
        return await self._lower(one.symbol)

    async def _lower(self, symbol: str) -> str:
        try:
            now = await self._trader.set_leverage(symbol, self._cap)
        except OutcomeUnknown:
            self._failed = True
            return "unknown: no answer, run this again"
        except ExchangeError as failure:
            self._failed = True
            return f"failed: {failure}"
        self._failed = self._failed or now > self._cap
        return f"now {now}"

    def _tell(self, one: Excess, what: str) -> None:
        self._rows.append((one.symbol, str(one.setting), "no" if one.flat else "yes", what))
