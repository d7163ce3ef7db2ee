"""``red-button --check``: would it work from this machine, now? Asks the exchange, sends no order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from plimsoll.clock import Clock
from plimsoll.config.model import Config, Environment
from plimsoll.credentials import Credentials
from plimsoll.errors import ExchangeError
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import MarketReader
from plimsoll.live_check import CLOCK_TOLERANCE, Finding, KeyUse, Verdict, judge_permissions
from plimsoll.table import table
from plimsoll_enforcer.trading.gateway import Gateway
from plimsoll_enforcer.trading.port import Trader

PERMISSION_SECONDS = 3.0
"""How long pressing waits to be told what the key may do; closing does not depend on it."""


async def check(config: Config, account: str, credentials: Credentials, *, clock: Clock) -> tuple[Finding, ...]:
    """Everything that pressing the button needs, one finding each; raises nothing of the exchange's."""
    gateway = Gateway(config.exchange, {account: credentials}, clock=clock)
    try:
        told = config.exchange.environment in {Environment.PRODUCTION, Environment.SIMULATOR}
        findings = [await _clock(account, gateway.market, gateway.exchange.clock)]
        if findings[0].verdict is not Verdict.WRONG:
            findings += await _key(account, gateway.traders[account], permissions_told=told)
        return tuple(findings)
    finally:
        await gateway.close()


async def key_refusal(trader: Trader) -> str:
    """Why this key must not be used at all, in words; empty where it may, or where nobody can tell in time."""
    try:
        async with asyncio.timeout(PERMISSION_SECONDS):
            may = await trader.key_permissions()
    except (ExchangeError, TimeoutError):
        return ""
    too_much = [] if may is None else [word for word in ("withdraw", "transfer") if getattr(may, word)]
    return f"the trade key may {' and '.join(too_much)}; take that permission away" if too_much else ""


def findings_text(findings: Sequence[Finding]) -> str:
    """The table of all findings."""
    return table(
        ("ACCOUNT", "WHAT", "HOW", "DETAIL"),
        [(one.account, one.topic, one.verdict.value, one.text) for one in findings],
    )


async def _clock(account: str, market: MarketReader, clock: ExchangeClock) -> Finding:
    try:
        await market.measure_clock()
        await market.rules()
    except ExchangeError as error:
        return _finding(account, "exchange", Verdict.WRONG, f"not reachable from here ({error})")
    off = abs(clock.offset)
    text = f"reachable; this machine's clock is {off:.1f} s off"
    if off > CLOCK_TOLERANCE:
        return _finding(account, "exchange", Verdict.WARNING, f"{text}: set it; orders are signed with the exchange's")
    return _finding(account, "exchange", Verdict.FINE, text)


async def _key(account: str, trader: Trader, *, permissions_told: bool) -> list[Finding]:
    """The key is accepted, may trade, is bound to this address; and what could be read with it."""
    try:
        settings = await trader.settings()
        positions, plain, algo = (
            await trader.positions(),
            await trader.plain_orders(),
            await trader.algo_orders(),
        )
    except ExchangeError as error:
        return [_finding(account, "trade key", Verdict.WRONG, f"cannot read the account ({error})")]
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
        return [_finding(account, "permissions", Verdict.WARNING, f"unknown: they cannot be read ({error})")]
    if may is None:
        verdict = Verdict.WARNING if told else Verdict.FINE
        return [_finding(account, "permissions", verdict, "unknown: this exchange does not tell them")]
    judged = [_finding(account, "permissions", *one) for one in judge_permissions(may, KeyUse.TRADE)]
    return judged or [_finding(account, "permissions", Verdict.FINE, "may trade, nothing more; bound to addresses")]


def _finding(account: str, topic: str, verdict: Verdict, text: str) -> Finding:
    return Finding(account=account, topic=topic, verdict=verdict, text=text)
