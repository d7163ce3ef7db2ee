"""``red-button --check``: would it work from this machine, now? Asks the exchange, sends no order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from plimsoll.clock import Clock
from plimsoll.config.keys import enforcer_credentials
from plimsoll.config.model import Config
from plimsoll.credentials import Credentials
from plimsoll.errors import ExchangeError, SecretError
from plimsoll.live_check import Finding, KeyUse, Verdict, check_clock, judge_permissions, remedy
from plimsoll.table import table
from plimsoll_enforcer.arming import KeyState, why_refused
from plimsoll_enforcer.trading.gateway import Gateway
from plimsoll_enforcer.trading.port import Trader

PERMISSION_SECONDS = 3.0
"""How long pressing waits to be told what the key may do; closing does not depend on it."""


async def check(config: Config, accounts: Iterable[str], *, named: bool, clock: Clock) -> tuple[Finding, ...]:
    """Everything that pressing the button needs; raises nothing of the exchange's, and nothing of secret files.

    Args:
        config: What is configured.
        accounts: Whose button it is about.
        named: They were asked for by name; else an account without a trading key is only warned about.
        clock: Time.
    """
    keys, findings = _keys(config, accounts, named=named)
    gateway = Gateway(config.exchange, keys, clock=clock)
    try:
        reachable = await check_clock(gateway.market, gateway.exchange.clock)
        findings.insert(0, reachable)
        if reachable.verdict is not Verdict.WRONG:
            told = config.exchange.wallet_url is not None
            for account, trader in gateway.traders.items():
                findings += await _account(account, trader, permissions_told=told)
        return tuple(findings)
    finally:
        await gateway.close()


async def key_refusal(trader: Trader, *, seconds: float = PERMISSION_SECONDS) -> str:
    """Why this key must not be used at all, in words; empty where it may, or where nobody can tell in time."""
    try:
        async with asyncio.timeout(seconds):
            may = await trader.key_permissions()
    except (ExchangeError, TimeoutError):
        return ""
    return why_refused(KeyState(permissions=may))


def findings_text(findings: Sequence[Finding]) -> str:
    """The table of all findings."""
    return table(
        ("ACCOUNT", "WHAT", "HOW", "DETAIL"),
        [(one.account, one.topic, one.verdict.value, one.text) for one in findings],
    )


def _keys(config: Config, accounts: Iterable[str], *, named: bool) -> tuple[dict[str, Credentials], list[Finding]]:
    """The trading keys that can be read here, and a finding for each account without one."""
    keys: dict[str, Credentials] = {}
    findings = []
    for account in accounts:
        try:
            found = enforcer_credentials(config, [account])
        except SecretError as error:
            findings.append(_finding(account, "trade key", Verdict.WRONG, str(error)))
            continue
        if account not in found:
            verdict = Verdict.WRONG if named else Verdict.WARNING
            findings.append(_finding(account, "trade key", verdict, "none is configured: nothing can be closed"))
        keys |= found
    return keys, findings


async def _account(account: str, trader: Trader, *, permissions_told: bool) -> list[Finding]:
    """The key is accepted, may trade, is bound to this address; and what could be read with it."""
    try:
        settings = await trader.settings()
        positions, plain, algo = (
            await trader.positions(),
            await trader.plain_orders(),
            await trader.algo_orders(),
        )
    except ExchangeError as error:
        return [_finding(account, "trade key", Verdict.WRONG, f"cannot read the account: {remedy(error)}")]
    held = f"{len(positions)} position(s), {len(plain)} plain and {len(algo)} conditional order(s)"
    findings = [_finding(account, "reading", Verdict.FINE, f"accepted; {held}, {settings.position_mode} positions")]
    if not settings.can_trade:
        findings.append(_finding(account, "account", Verdict.WRONG, "the exchange does not let this account trade"))
    findings += await _permissions(account, trader, told=permissions_told)
    return findings


async def _permissions(account: str, trader: Trader, *, told: bool) -> list[Finding]:
    try:
        may = await trader.key_permissions()
    except ExchangeError as error:
        text = f"unknown; closing does not depend on reading them: {remedy(error)}"
        return [_finding(account, "permissions", Verdict.WARNING, text)]
    if may is None:
        verdict = Verdict.WARNING if told else Verdict.FINE
        return [_finding(account, "permissions", verdict, "unknown: this exchange does not tell them")]
    judged = [_finding(account, "permissions", *one) for one in judge_permissions(may, KeyUse.TRADE)]
    return judged or [_finding(account, "permissions", Verdict.FINE, "may trade, nothing more; bound to addresses")]


def _finding(account: str, topic: str, verdict: Verdict, text: str) -> Finding:
    return Finding(account=account, topic=topic, verdict=verdict, text=text)
