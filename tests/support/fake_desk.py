"""A desk that remembers what it was asked and says what the test tells it to, and the enforcer's web server over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from prometheus_client import CollectorRegistry

from plimsoll.clock import SystemClock
from plimsoll.config.model import EnforcerConfig, Listen, Mode
from plimsoll.metrics.program import ProgramInstruments
from plimsoll.model.terms import PositionSide
from plimsoll.secret import Secret
from plimsoll.web.connections import WebLimits
from plimsoll.web.door import Door
from plimsoll.web.passwords import Passwords
from plimsoll.web.protection import Protection
from plimsoll_enforcer.desk import (
    AccountFigures,
    Alert,
    AuditLine,
    Figures,
    Gate,
    RunDetail,
    RunSummary,
    Verdict,
)
from plimsoll_enforcer.flatten.result import Closed, FlattenResult
from plimsoll_enforcer.metrics import Families
from plimsoll_enforcer.viewing.values import AccountView, Floor, Held, Holding, Locked, Seen
from plimsoll_enforcer.web.server import Tokens, WebServer

NOW = 1_795_164_000.0
WEBHOOK = "webhook-token-of-the-tests"
OPERATOR = "operator-token-of-the-tests"

RESULT = FlattenResult(
    flat=True,
    seconds_to_flat=0.41,
    confirmed=True,
    residual_exposure_usd=Decimal(0),
    positions=(
        Closed(
            symbol="BTCUSDT",
            position_side=PositionSide.BOTH,
            amount=Decimal("-0.250"),
            closed=Decimal("0.250"),
            average_price=Decimal("91500.10"),
            left=Decimal(0),
        ),
    ),
    orders_cancelled=3,
    orders_left=0,
)
RUN = RunSummary(
    run_id="a1b2c3d4",
    account="eon",
    mode="armed",
    trigger="DrawdownLimitBreached tmad",
    began_at=NOW - 60,
    ended_at=NOW - 57,
    outcome="flat",
    result=RESULT,
)
AUDIT = (AuditLine(at=NOW - 60, kind="decision", text="confirmed", detail={"drawdown": "0.105"}),)


def figures() -> Figures:
    """One account that has closed and is locked, one that has not done anything, one that is switched off."""
    eon = AccountFigures(
        account="eon",
        mode=Mode.ARMED,
        requests={"accepted": 2, "duplicate": 7, "contradicted": 1},
        runs={("armed", "flat"): 1, ("manual", "not_flat"): 1},
        last_run_at=NOW - 60,
        failing_since=NOW - 30,
        residual_exposure_usd=Decimal("12.5"),
        locked_until=float("inf"),
        locked_why="drawdown rule tmad",
        recloses=4,
        recloses_at=(NOW - 200, NOW - 50, NOW - 40, NOW - 20),
        recloses_cost_usd=Decimal("3.25"),
        close_errors={"-2022": 2, "-9999": 1, "other": 1},
        permissions={"read": True, "trade": True, "withdraw": False, "transfer": False, "ip_restricted": True},
        watching=NOW - 61,
    )
    live = AccountFigures(account="live", mode=Mode.DRY_RUN, why_mode="armed is configured, but not --arm live")
    source = AccountFigures(account="source", mode=Mode.OFF)
    return Figures(
        accounts={one.account: one for one in (eon, live, source)},
        times_to_flat=(0.41, 2.5, 400.0),
        journal_failures=1,
        last_probe_at=NOW - 12.5,
    )


@dataclass(kw_only=True)
class FakeDesk:
    """Remembers in ``asked``; what it shows may be replaced.

    Attributes:
        refusal: Raised by ``flatten`` and ``release`` where it is set.
        fault: Raised by ``alerts`` where it is set.
    """

    shown: Figures = field(default_factory=figures)
    gates: dict[str, Gate] = field(
        default_factory=lambda: {
            "live": Gate(open=True),
            "eon": Gate(open=False, reason="drawdown rule tmad", until=float("inf")),
            "source": Gate(open=False, reason="drawdown rule daily", until=NOW + 3600),
        }
    )
    refusal: Exception | None = None
    fault: Exception | None = None
    taken: list[Alert] = field(default_factory=list)
    asked: list[tuple[object, ...]] = field(default_factory=list)
    listed: tuple[RunSummary, ...] = ()

    async def alerts(self, alerts: tuple[Alert, ...]) -> tuple[Verdict, ...]:
        """Take on what a webhook brought."""
        if self.fault is not None:
            raise self.fault
        self.taken += alerts
        return tuple(Verdict(account=one.labels.get("account", ""), outcome="accepted", reason="") for one in alerts)

    async def flatten(self, account: str, *, reason: str, operator: str) -> str:
        """Begin a run."""
        self.asked.append(("flatten", account, reason, operator))
        if self.refusal is not None:
            raise self.refusal
        return RUN.run_id

    async def release(self, account: str, *, reason: str, operator: str, rebase: bool) -> str:
        """End a lockout."""
        self.asked.append(("release", account, reason, operator, rebase))
        if self.refusal is not None:
            raise self.refusal
        return "released; the new floor is 40000.00 USD"

    def gate(self, account: str) -> Gate | None:
        """Whether an account may trade."""
        return self.gates.get(account)

    def runs(self) -> tuple[RunSummary, ...]:
        """Those that are listed."""
        return self.listed

    def run(self, run_id: str) -> RunDetail | None:
        """The one run whole."""
        return RunDetail(summary=RUN, audit=AUDIT) if run_id == RUN.run_id else None

    def figures(self) -> Figures:
        """Those that are shown."""
        return self.shown


EON = AccountView(
    account="eon",
    configured=Mode.ARMED,
    mode=Mode.DRY_RUN,
    why_mode="it is not named with --arm",
    locked=Locked(since=NOW - 60, until=float("inf"), reason="closed by nina: out"),
    watching=NOW - 61,
    run_id="a1b2c3d4",
    failing_since=None,
    releasable=True,
    last_run_at=NOW - 60,
    seen=Seen(
        holding=Holding(
            equity_usd=Decimal("45123.4500"),
            exposure_usd=Decimal("22875.025"),
            unrealized_pnl_usd=None,
            positions=(
                Held(
                    symbol="BTCUSDT",
                    position_side=PositionSide.BOTH,
                    amount=Decimal("-0.250"),
                    entry_price=Decimal("92000.00"),
                    mark_price=Decimal("91500.10"),
                    exposure_usd=Decimal("22875.025"),
                    unrealized_pnl_usd=None,
                ),
            ),
            symbols=frozenset({"BTCUSDT"}),
        ),
        holding_at=NOW - 1.5,
        why="",
        why_orders="the exchange cannot be read: 503",
    ),
    floors=(
        Floor(
            rule="tmad",
            limit="10 %",
            reference_usd=Decimal(50000),
            kept_usd=Decimal(45000),
            rebased_usd=Decimal("40611.105"),
        ),
    ),
    floors_at=NOW - 1,
)


@dataclass(kw_only=True)
class FakeViews:
    """Shows what it is told to.

    Attributes:
        shown: The accounts.
        looks: How often somebody looked.
    """

    shown: tuple[AccountView, ...] = (EON,)
    looks: int = 0

    async def accounts(self) -> tuple[AccountView, ...]:
        """Those that are shown."""
        self.looks += 1
        return self.shown


@dataclass(kw_only=True)
class EnforcerSite:
    """A running server, and the desk and the views behind it."""

    desk: FakeDesk
    server: WebServer
    views: FakeViews


def metrics(desk: FakeDesk) -> CollectorRegistry:
    """Everything that the enforcer shows for the figures of now."""
    registry = CollectorRegistry()
    registry.register(Families().of(desk.figures()))
    registry.register(own_metrics())
    return registry


def own_metrics() -> CollectorRegistry:
    """What the process tells of itself."""
    registry = CollectorRegistry()
    ProgramInstruments(registry, version="0.1.0", python_version="3.11.0")
    return registry


@asynccontextmanager
async def enforcer_site(
    desk: FakeDesk | None = None,
    *,
    tokens: Tokens | None = None,
    allowed: tuple[str, ...] = (),
    protection: Protection | None = None,
    passwords: Passwords | None = None,
    unready: Callable[[], str] = str,
    limits: WebLimits | None = None,
) -> AsyncIterator[EnforcerSite]:
    """The enforcer's web server over a desk, on a free port; stopped at the end."""
    desk, views = desk or FakeDesk(), FakeViews()
    server = WebServer(
        config=EnforcerConfig(listen=Listen(host="127.0.0.1", port=0), data_dir=Path("unused"), allowed_hosts=allowed),
        desk=desk,
        views=views,
        registry=own_metrics(),
        door=Door(protection, clock=SystemClock(), passwords=passwords),
        tokens=tokens or Tokens(webhook=Secret(WEBHOOK), operator=Secret(OPERATOR)),
        clock=SystemClock(),
        unready=unready,
        limits=limits,
    )
    await server.start()
    try:
        yield EnforcerSite(desk=desk, server=server, views=views)
    finally:
        await server.stop()
