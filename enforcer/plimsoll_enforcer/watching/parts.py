"""What the desk needs of each account: its configuration, what is in force, how it is read, written and followed.

The program makes these from the trading gateway; tests make them from fakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plimsoll.clock import Clock
from plimsoll.config.model import AccountConfig, Mode
from plimsoll.exchange.clock import ExchangeClock
from plimsoll.exchange.port import AccountReader, AccountSink, MarketReader, PrivateStream
from plimsoll_enforcer.flatten.api import Flatten
from plimsoll_enforcer.journal.journal import Journal
from plimsoll_enforcer.trading.port import Trader
from plimsoll_enforcer.watching.exporter import Exporter


@dataclass(frozen=True, kw_only=True, slots=True)
class Stance:
    """What is really in force for an account.

    Attributes:
        why: In words why it is not what is configured; empty where it is.
        permissions: Of the trading key, by ``permission``; empty where they cannot be read.
    """

    mode: Mode
    why: str = ""
    permissions: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountParts:
    """One configured account.

    Attributes:
        config: Its section of the configuration.
        stance: What is in force now; asked before every act, so that it may change while we run.
        reader: Reads that confirm a breach, within the weight of all watching; ``None`` without a key (then it is off).
        trader: Fresh reads and the write side; ``None`` without a key.
        flatten: Closes it; ``None`` without a key.
        open_stream: Makes its user-data stream; ``None`` where lockouts are kept by reading alone.
    """

    config: AccountConfig
    stance: Callable[[], Stance]
    reader: AccountReader | None = None
    trader: Trader | None = None
    flatten: Flatten | None = None
    open_stream: Callable[[AccountSink], PrivateStream] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Common:
    """What all accounts share.

    Attributes:
        market: Unsigned reads that confirm breaches.
        exporter: May tell what it holds.
        authenticated: Every Alertmanager asks for a password.
        pace: Seconds that one re-read every so often keeps within the weight of all watching.
    """

    market: MarketReader
    exporter: Exporter
    authenticated: bool
    journal: Journal
    clock: Clock
    exchange_clock: ExchangeClock
    pace: Callable[[], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What an account with a key is enforced with."""

    reader: AccountReader
    trader: Trader
    flatten: Flatten


def tools_of(parts: AccountParts) -> Tools | None:
    """An account's tools; ``None`` without a key."""
    if parts.reader is None or parts.trader is None or parts.flatten is None:
        return None
    return Tools(reader=parts.reader, trader=parts.trader, flatten=parts.flatten)
