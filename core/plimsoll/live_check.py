"""What ``plimsoll check --live`` asks the exchange about each account, and what it makes of the answers.

Nothing here knows how the exchange is reached: it reads through the seam, and it only reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from plimsoll.errors import ClockRefused, ExchangeError, KeyRefused, PlimsollError
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import AccountReader, MarketReader
from plimsoll.logs import register_secret
from plimsoll.model.account import AccountSettings, KeyPermissions
from plimsoll.secret import Secret

CLOCK_TOLERANCE = 1.0
"""Seconds that the machine's clock may be off before it is told."""


class Verdict(StrEnum):
    """How good a finding is."""

    FINE = "fine"
    WARNING = "warning"
    WRONG = "wrong"


class KeyUse(StrEnum):
    """What a key is for; the label ``key``."""

    READ = "read"
    TRADE = "trade"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the table; ``account`` is ``-`` for what concerns all of them."""

    account: str
    topic: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyToCheck:
    """A key of an account: the reader that signs with it, and what it is for."""

    account: str
    use: KeyUse
    reader: AccountReader


class StreamVisitor(Protocol):
    """Opens a stream once, for a moment; both raise ``PlimsollError`` with the reason where that fails."""

    async def try_private(self, listen_key: str) -> str:
        """Open the private stream; the form of its URL that was tried."""

    async def try_market(self) -> None:
        """Open the market stream and wait for a mark price."""


async def check_exchange(
    market: MarketReader,
    clock: ExchangeClock,
    streams: StreamVisitor,
    keys: Sequence[KeyToCheck],
    *,
    permissions_expected: bool,
) -> tuple[Finding, ...]:
    """Ask everything of every key, one after the other.

    Args:
        market: Reads without a key.
        clock: The clock that ``market`` measures.
        streams: Tries the streams.
        keys: What to check.
        permissions_expected: The exchange tells permissions (production and simulator; test networks do not).

    Returns:
        All findings; none of the exchange's errors is raised.
    """
    reachable = await check_clock(market, clock)
    findings = [reachable]
    if reachable.verdict is Verdict.WRONG:
        return tuple(findings)
    findings.append(await _check_market_stream(streams))
    for key in keys:
        findings += await check_key(key, streams, permissions_expected=permissions_expected)
    return tuple(findings)


async def check_key(key: KeyToCheck, streams: StreamVisitor, *, permissions_expected: bool) -> list[Finding]:
    """One key: accepted or not, its permissions, and (for the read key) the account's modes and private stream."""
    try:
        settings = await key.reader.settings()
    except ExchangeError as error:
        return [_about(key, Verdict.WRONG, remedy(error))]
    findings = [_about(key, Verdict.FINE, "accepted")]
    findings += await _check_permissions(key, permissions_expected=permissions_expected)
    if key.use is KeyUse.READ:
        findings += _describe(key.account, settings)
        findings.append(await _check_private_stream(key, streams))
    return findings


async def _check_market_stream(streams: StreamVisitor) -> Finding:
    """Whether mark prices come."""
    try:
        await streams.try_market()
    except PlimsollError as error:
        return Finding(account="-", topic="market stream", verdict=Verdict.WRONG, text=f"no mark price came ({error})")
    return Finding(account="-", topic="market stream", verdict=Verdict.FINE, text="reachable; a mark price came")


async def _check_private_stream(key: KeyToCheck, streams: StreamVisitor) -> Finding:
    """Whether the account's stream can be opened; its events come only when something happens."""
    topic = "private stream"
    try:
        listen_key = await key.reader.open_listen_key()
    except ExchangeError as error:
        text = f"no listen key: {remedy(error)}"
        return Finding(account=key.account, topic=topic, verdict=Verdict.WRONG, text=text)
    register_secret(Secret(listen_key))
    try:
        form = await streams.try_private(listen_key)
    except PlimsollError as error:
        return Finding(account=key.account, topic=topic, verdict=Verdict.WRONG, text=f"cannot be opened ({error})")
    text = f"reachable in the form {form}; opening it proves no more than that, not that events come"
    return Finding(account=key.account, topic=topic, verdict=Verdict.FINE, text=text)


def _describe(account: str, settings: AccountSettings) -> list[Finding]:
    """The account's modes, and whether the exchange lets it trade."""
    modes = f"{settings.position_mode} positions, {settings.asset_mode}-asset margin"
    findings = [Finding(account=account, topic="modes", verdict=Verdict.FINE, text=modes)]
    if not settings.can_trade:
        text = "the exchange does not let this account trade"
        findings.append(Finding(account=account, topic="account", verdict=Verdict.WARNING, text=text))
    return findings


async def _check_permissions(key: KeyToCheck, *, permissions_expected: bool) -> list[Finding]:
    """What the key may do against what it is for."""
    try:
        permissions = await key.reader.key_permissions()
    except ExchangeError as error:
        return [_about(key, Verdict.WRONG, f"permissions: {remedy(error)}")]
    if permissions is None:
        verdict = Verdict.WARNING if permissions_expected else Verdict.FINE
        return [_about(key, verdict, "permissions unknown: this exchange does not tell them")]
    judged = list(judge_permissions(permissions, key.use))
    return [_about(key, *item) for item in judged] or [_about(key, Verdict.FINE, "permissions as they should be")]


def judge_permissions(may: KeyPermissions, use: KeyUse) -> Iterator[tuple[Verdict, str]]:
    """What is wrong with a key's permissions: too many, or too few."""
    if may.withdraw:
        yield Verdict.WRONG, "may withdraw: take that permission away, nothing here needs it"
    if may.transfer:
        yield Verdict.WRONG, "may transfer: take that permission away, nothing here needs it"
    if may.portfolio_margin:
        yield Verdict.WRONG, "portfolio margin: refused, the risk of such an account is computed in another way"
    if not may.read:
        yield Verdict.WRONG, "may not read"
    if use is KeyUse.READ and may.trade:
        yield Verdict.WARNING, "may trade: a read key needs to read only"
    if use is KeyUse.TRADE and not may.trade:
        yield Verdict.WRONG, "may not trade: the enforcer could close nothing"
    if not may.ip_restricted:
        yield Verdict.WARNING, "bound to no address: bind it to this machine's"


async def check_clock(market: MarketReader, clock: ExchangeClock) -> Finding:
    """Whether the exchange answers at all, and how far our clock is from its."""
    try:
        await market.measure_clock()
    except ExchangeError as error:
        return Finding(account="-", topic="exchange", verdict=Verdict.WRONG, text=f"not reachable ({error})")
    offset = clock.offset
    text = f"reachable; its clock is {abs(offset):.1f} s {'ahead of' if offset > 0 else 'behind'} this machine's"
    if abs(offset) > CLOCK_TOLERANCE:
        text += ": set this machine's clock"
        return Finding(account="-", topic="clock", verdict=Verdict.WARNING, text=text)
    return Finding(account="-", topic="clock", verdict=Verdict.FINE, text=text)


def _about(key: KeyToCheck, verdict: Verdict, text: str) -> Finding:
    """A finding about a key."""
    return Finding(account=key.account, topic=f"{key.use} key", verdict=verdict, text=text)


def remedy(error: ExchangeError) -> str:
    """An exchange error with what a human can do about it."""
    match error:
        case KeyRefused():
            return f"refused ({error}); check the key, its permissions and the addresses it is bound to"
        case ClockRefused():
            return f"refused ({error}); set this machine's clock"
        case _:
            return f"no answer we can use ({error})"
