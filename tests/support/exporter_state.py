"""Views for the exporter's tests: one live account unless the test says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

import builders
from plimsoll.config.model import AccountConfig, DrawdownRule, Enforcement, KeyFiles, Limits, Mirror, Mode, SymbolLimits
from plimsoll.database.orders import EndedOrder
from plimsoll.model.account import KeyPermissions
from plimsoll.model.terms import Direction, PositionSide, Side
from plimsoll.risk.assess import assess
from plimsoll.risk.entries import Opening, Openings
from plimsoll.risk.standing import Sample
from plimsoll.risk.watching import begin
from plimsoll.state.book import Book
from plimsoll.state.market import MarketState
from plimsoll_exporter.catalogue_drawdown import DRAWDOWN
from plimsoll_exporter.catalogue_ledger import LEDGER
from plimsoll_exporter.catalogue_limits import LIMITS
from plimsoll_exporter.catalogue_rejections import REJECTIONS as ENDED_ORDERS
from plimsoll_exporter.count import Count
from plimsoll_exporter.families import Families
from plimsoll_exporter.figures import Assess, Assessor
from plimsoll_exporter.instruments import Instruments
from plimsoll_exporter.rejections.counts import (
    BY_SOURCE,
    BY_SYMBOL,
    ORDERS,
    PROTECTIVE,
    REJECTIONS,
    SLIPPAGE,
    SLIPPAGE_SUM,
    OrderCounts,
)
from plimsoll_exporter.view import AccountView, ExporterView, LedgerView, MirrorView, Status, StopTimes

NOW = 1_795_164_000.0
ENDPOINTS = ("account", "positionRisk")
RISK_PREFIXES = ("binance_symbol_", "binance_position_", "binance_open_orders", "binance_orphan_stops")
HEALTH = {
    "binance_account_up",
    "binance_account_trusted_timestamp_seconds",
    "binance_account_unexplained_change_usd",
    "binance_account_unexplained_since_timestamp_seconds",
    "binance_account_allowed_age_seconds",
}
RULES = (
    DrawdownRule(name="total", reference="high-water", ratio=Decimal("0.1"), on_breach="flatten"),
    DrawdownRule(name="daily", reference="day-start", amount_usd=Decimal(500), timezone="Europe/London"),
)
MARKS = {"BTCUSDT": "91500", "ETHUSDT": "2400", "DOTUSDT": "2.69406667"}


def config(name: str = "live", mode: Mode = Mode.DRY_RUN) -> AccountConfig:
    """One configured account."""
    key = KeyFiles(key_file=Path("/nowhere/key"), secret_file=Path("/nowhere/secret"))
    return AccountConfig(
        name=name,
        product="usdm",
        read_key=key,
        trade_key=None,
        limits=Limits(),
        enforcement=Enforcement(mode=mode),
    )


def hedged_book() -> Book:
    """Hedge mode: BTC long and short, ETH isolated long, DOT short; stop, take-profit and entry; BNB for fees."""
    return builders.book(
        [
            builders.position("BTCUSDT", "0.5", "90000", position_side=PositionSide.LONG),
            builders.position("BTCUSDT", "-0.2", "92000", position_side=PositionSide.SHORT),
            builders.position("ETHUSDT", "3", "2500", position_side=PositionSide.LONG, isolated_wallet="900"),
            builders.position("DOTUSDT", "-300", "2.6750", position_side=PositionSide.SHORT),
        ],
        [builders.balance("USDT", "50000", "49100"), builders.balance("BNB", "2")],
        [
            builders.stop("BTCUSDT", quantity="0.5", trigger="88000", position_side=PositionSide.LONG, order_id=7),
            builders.stop("ETHUSDT", quantity="3", trigger="2700", type_="TAKE_PROFIT_MARKET", order_id=8),
            builders.order("BTCUSDT", Direction.BUY, "0.1", "85000", position_side=PositionSide.LONG, order_id=7),
        ],
        hedge=True,
    )


def market() -> MarketState:
    """Marks of every symbol that ``hedged_book`` holds, and of BNB."""
    return builders.market({**MARKS, "BNBUSDT": "900"})


def permissions(*, withdraw: bool = False) -> KeyPermissions:
    """A reading key bound to addresses."""
    return KeyPermissions(
        read=True, trade=False, withdraw=withdraw, transfer=False, ip_restricted=True, portfolio_margin=False
    )


def account_view(
    name: str = "live",
    *,
    status: Status = Status.LIVE,
    reason: str = "",
    book: Book | None = None,
    mode: Mode = Mode.DRY_RUN,
    connected: bool = True,
    trusted_at: float | None = NOW - 0.25,
    unexplained_usd: Decimal | None = Decimal(0),
    unexplained_since: float | None = None,
    sources: Mapping[str, float] | None = None,
    keys: Mapping[str, KeyPermissions] | None = None,
    corrections: Mapping[str, int] | None = None,
    stop_times: StopTimes | None = None,
    openings: Openings | None = None,
) -> AccountView:
    """One account, live with 1,000 USDT and nothing open."""
    return AccountView(
        config=config(name, mode),
        status=status,
        reason=reason,
        book=builders.book() if book is None else book,
        connected=connected,
        trusted_at=trusted_at,
        unexplained_usd=unexplained_usd,
        unexplained_since=unexplained_since,
        allowed_age=60.0,
        sources=sources or {},
        permissions=keys or {},
        corrections=corrections or {},
        stop_times=stop_times or StopTimes(),
        openings=openings or Openings(),
    )


def exporter_view(
    *accounts: AccountView,
    state: MarketState | None = None,
    weight_used: int | None = 42,
    clock_offset: float | None = 0.012,
    ready: bool = True,
) -> ExporterView:
    """The whole state; one live account unless others are given."""
    return ExporterView(
        now=NOW,
        accounts=accounts or (account_view(),),
        market=market() if state is None else state,
        weight_used=weight_used,
        weight_limit=2400,
        clock_offset=clock_offset,
        ready=ready,
    )


def two_accounts() -> ExporterView:
    """The state of the golden exposition: a live account with everything, and a stale one."""
    live = account_view(
        "live",
        book=hedged_book(),
        mode=Mode.ARMED,
        sources=dict.fromkeys(("account", "positions", "orders", "algo_orders"), NOW - 12) | {"marks": NOW - 0.5},
        keys={"read": permissions()},
        corrections={"position": 2},
        stop_times=StopTimes(
            unprotected={("ETHUSDT", "long"): NOW - 90},
            overrun={("BTCUSDT", "long", "mark"): NOW - 20, ("BTCUSDT", "long", "watched"): NOW - 10},
        ),
        openings=Openings(rows={("BTCUSDT", PositionSide.LONG): opening("0.5", entries=2)}),
    )
    stale = account_view(
        "eon",
        status=Status.STALE,
        reason="the stream has been silent for 61 s",
        book=hedged_book(),
        connected=False,
        trusted_at=NOW - 61,
        unexplained_usd=Decimal("-12.5"),
        unexplained_since=NOW - 61,
    )
    return exporter_view(live, stale)


def opening(amount: str, *, entries: int) -> Opening:
    """The history of a position that was opened an hour ago."""
    return Opening(amount=Decimal(amount), opened_ms=int(NOW - 3600) * 1000, entries=entries)


def every_series() -> ExporterView:
    """A state in which every metric has a series: the two accounts, and one with limits that should copy ``live``."""
    limits = Limits(
        leverage=Decimal(3),
        symbol_leverage=Decimal(2),
        leverage_setting=5,
        symbols={"SOLUSDT": SymbolLimits(leverage=Decimal("1.5"))},
        margin_ratio=Decimal("0.5"),
        liquidation_distance=Decimal("0.05"),
        available_margin=Decimal("0.1"),
        stop_coverage=Decimal(1),
        drawdown_at_stops=Decimal("0.08"),
        drawdown={rule.name: rule for rule in RULES},
    )
    stop = builders.stop("BTCUSDT", quantity="0.5", trigger="89000", order_id=9)
    copying = account_view("copy", book=builders.book([builders.position("BTCUSDT", "0.5", "90000")], orders=[stop]))
    copying = replace(copying, config=replace(copying.config, limits=limits), ledger=remembered(limits))
    copying = replace(copying, order_counts=ended_orders())
    mirror = Mirror(source="live", destination="copy", scale=Decimal("0.5"))
    drifting = MirrorView(config=mirror, drift_since={("BTCUSDT", Side.LONG): NOW - 30})
    view = two_accounts()
    return replace(
        view,
        accounts=(*view.accounts, copying),
        mirrors=(drifting,),
        state_failing_since=NOW - 5,
        state_failures=3,
    )


def remembered(limits: Limits) -> LedgerView:
    """An account that stood at 5,000 USD an hour ago, with something of everything in its ledger."""
    sample = Sample(time=NOW - 3600, elapsed=0.0, equity=Decimal(5000), flat=False)
    return LedgerView(
        watched=begin(limits.drawdown, sample),
        trusted=True,
        flows_until=NOW - 2,
        flow_usd={"in": Decimal("1250.5")},
        income_usd={"realized_pnl": Decimal("-12.25")},
        margin_calls=Count(value=Decimal(1), last_at=NOW - 600),
        forced_closes={"liquidation": Count(value=Decimal(2), last_at=NOW - 590)},
    )


def ended_orders() -> OrderCounts:
    """A refused close and a filled entry of an account."""
    one = Count(value=Decimal(1), last_at=NOW - 90)
    refused = EndedOrder(
        time=NOW - 90.5,
        learned=NOW - 90,
        source="report",
        outcome="rejected",
        intent="close",
        reason="insufficient_margin",
        code=-2019,
        message="Margin is insufficient.",
        symbol="BTCUSDT",
        direction="SELL",
        type="MARKET",
        quantity="4.65",
        client_id="mirror-6",
    )
    filled = EndedOrder(time=NOW - 95, learned=NOW - 95, source="stream", outcome="filled", intent="open")
    return OrderCounts(
        counts={
            REJECTIONS: {("insufficient_margin", "close"): one},
            BY_SYMBOL: {("BTCUSDT", "insufficient_margin", "close"): one},
            BY_SOURCE: {("report",): one},
            ORDERS: {("rejected", "close"): one, ("filled", "open"): one},
            PROTECTIVE: {("rejected",): one},
            SLIPPAGE: {("0.001",): one, ("0.01",): one},
            SLIPPAGE_SUM: {(): Count(value=Decimal("0.0075"))},
        },
        ended=(refused, filled),
    )


class Scene:
    """An exporter without its web server: instruments, and families over a view that tests replace.

    Attributes:
        own: The registry of the instruments alone.
        registry: Both together, as a scrape sees them.
    """

    def __init__(self, view: ExporterView, assess: Assess = assess) -> None:
        self.view = view
        self.own = CollectorRegistry()
        self.instruments = Instruments(
            registry=self.own,
            accounts=[account.config.name for account in view.accounts],
            endpoints=ENDPOINTS,
            version="0.1.0",
            python_version="3.11.0",
        )
        self.assessor = Assessor(failed=self.instruments.render_failed, assess=assess)
        self.registry = CollectorRegistry()
        self.registry.register(Families(view=lambda: self.view, assessor=self.assessor))
        self.registry.register(self.own)

    def value(self, name: str, **labels: str) -> float | None:
        """The value of one series, ``None`` where it does not exist."""
        return self.registry.get_sample_value(name, labels)

    def text(self) -> str:
        """The exposition in text format 0.0.4."""
        return generate_latest(self.registry).decode()

    def names(self) -> set[str]:
        """The names of all series that exist."""
        return {sample.name for family in self.registry.collect() for sample in family.samples}

    def risk_names(self) -> set[str]:
        """The names of the risk series that exist."""
        limits = {metric.name for theme in (LIMITS, DRAWDOWN, LEDGER, ENDED_ORDERS) for metric in theme.metrics}
        account = {name for name in self.names() if name.startswith("binance_account_")} - HEALTH
        return (account | {name for name in self.names() if name.startswith(RISK_PREFIXES)}) - limits
