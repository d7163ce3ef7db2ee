"""What a scrape sees of one account: everything it needs, frozen, with nothing left to ask.

The keeper makes a view whenever somebody looks; families, the JSON interface and later the status page are made from
views alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from plimsoll.config.model import AccountConfig, Mirror
from plimsoll.model.account import KeyPermissions
from plimsoll.risk.entries import Openings
from plimsoll.risk.mirror import LegKey
from plimsoll.risk.watching import Watched
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll_exporter.count import Count
from plimsoll_exporter.rejections.counts import OrderCounts

SOURCES = ("account", "positions", "orders", "algo_orders", "marks", "stream")
"""Where an account's figures come from: the values of the label ``source``."""


DIRECTIONS = ("in", "out")
"""Values of the label ``direction`` of flows."""

INCOME_TYPES = ("commission", "funding_fee", "realized_pnl")
"""Values of the label ``type`` of income that are shown from the start."""

FORCED_KINDS = ("liquidation", "adl", "settlement")
"""Values of the label ``kind`` of forced closes."""


class Status(StrEnum):
    """How far an account can be believed."""

    CONNECTING = "connecting"
    SYNCING = "syncing"
    LIVE = "live"
    STALE = "stale"


PositionLabels = tuple[str, str]
"""Symbol and side of a position, as the labels have them."""

OverrunKey = tuple[str, str, str]
"""Symbol and side of a position, and the price that passed its stop: ``watched`` or ``mark``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StopTimes:
    """Since when (Unix time) positions lack stops, or are beyond one; what is not so, or not known, is absent."""

    unprotected: Mapping[PositionLabels, float] = field(default_factory=dict)
    overrun: Mapping[OverrunKey, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerView:
    """What is remembered of one account.

    Attributes:
        watched: What its drawdown rules remember; ``None`` before its first trusted sample ever.
        trusted: Its equity of now may be held against them: live, explained, every flow booked.
        flows_until: Exchange time (Unix seconds) up to which every flow is known, and after which none is.
        flow_usd: External flows by direction, ``in`` and ``out``.
        income_usd: Income by type, signed.
        margin_calls: How many the exchange sent.
        forced_closes: By kind.
    """

    watched: Watched | None = None
    trusted: bool = False
    flows_until: float | None = None
    flow_usd: Mapping[str, Decimal] = field(default_factory=dict)
    income_usd: Mapping[str, Decimal] = field(default_factory=dict)
    margin_calls: Count = field(default_factory=Count)
    forced_closes: Mapping[str, Count] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountView:
    """One account at one moment.

    Attributes:
        status: Only a live account may show risk figures.
        reason: Why it is not live, for people; empty while it is.
        book: ``None`` until the first snapshot.
        connected: Whether the private stream is open.
        trusted_at: Unix time of the last trusted sample; ``None`` before the first.
        unexplained_usd: Wallet change that nothing explains yet; ``None`` where it cannot be valued.
        unexplained_since: Unix time since which it is above the tolerance; ``None`` while it is not.
        allowed_age: Seconds that a lost event may stay unnoticed at the present load.
        sources: Unix time of the last success of each of ``SOURCES``; one that never succeeded is absent.
        permissions: What the key may do, by key name (``read`` or ``trade``); unknown ones are absent.
        corrections: Differences that a reconcile found and mended since the process started, by field.
        stop_times: Since when its positions lack stops, or are beyond one.
        openings: When its positions were opened, and by how many orders.
        ledger: What is remembered of it, whether it is live or not.
        order_counts: How its orders ended, likewise.
    """

    config: AccountConfig
    status: Status
    reason: str
    book: Book | None
    connected: bool
    trusted_at: float | None
    unexplained_usd: Decimal | None
    unexplained_since: float | None
    allowed_age: float
    sources: Mapping[str, float] = field(default_factory=dict)
    permissions: Mapping[str, KeyPermissions] = field(default_factory=dict)
    corrections: Mapping[str, int] = field(default_factory=dict)
    stop_times: StopTimes = field(default_factory=StopTimes)
    openings: Openings = field(default_factory=Openings)
    ledger: LedgerView = field(default_factory=LedgerView)
    order_counts: OrderCounts = field(default_factory=OrderCounts)


@dataclass(frozen=True, kw_only=True, slots=True)
class MirrorView:
    """One mirror at one moment.

    Attributes:
        drift_since: Since when (Unix time) legs of it drift; what does not, or is not known, is absent.
    """

    config: Mirror
    drift_since: Mapping[LegKey, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExporterView:
    """Everything at one moment.

    Attributes:
        now: Unix time of the view.
        weight_used: Request weight used in the running minute; ``None`` before the first answer.
        clock_offset: Seconds by which the exchange's clock is ahead of ours; ``None`` before the first measurement.
        ready: Whether every account was live at least once since the start.
        mirrors: In the order of the configuration.
        state_failing_since: Unix time since which what must survive a restart cannot be written; ``None`` while it can.
        state_failures: Changes that could not be written when they were made, since the process started.
    """

    now: float
    accounts: tuple[AccountView, ...]
    market: MarketState
    weight_used: int | None
    weight_limit: int
    clock_offset: float | None
    ready: bool
    mirrors: tuple[MirrorView, ...] = ()
    state_failing_since: float | None = None
    state_failures: int = 0
