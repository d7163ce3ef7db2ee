"""What was gathered for a report, before anything is made of it: frozen values, one for each kind of record.

Everything is as its source had it; only times are Unix seconds throughout and figures are decimals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.database.closing import ClosingOrder
from plimsoll.database.orders import EndedOrder
from plimsoll.database.values import AuditEntry
from plimsoll.model.flows import Flow
from plimsoll.report.model import Period, Source
from plimsoll.report.pictures import Point
from plimsoll.report.words import Severity, SourceName

Labels = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One series of Prometheus in the period; ``None`` begins a gap.

    Attributes:
        labels: Without the account's and without those that tell who scraped.
    """

    name: str
    labels: Labels = field(default_factory=dict)
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertSpan:
    """One time that an alert fired.

    Attributes:
        labels: Without name, severity and account.
        since: The beginning of the firing, or of the period where it fired before.
        until: ``None`` where it fired still at the end of the period.
        account: Empty for alerts about the programs themselves.
    """

    name: str
    severity: Severity
    labels: Labels
    since: float
    until: float | None
    account: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line of the record of a run."""

    time: float
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosedPosition:
    """What a run made of one position, signed base units and quote prices; a price is ``None`` where nobody knows it.

    Attributes:
        amount: At the beginning of the run.
        closed: By our orders, absolute.
        left: Absolute.
    """

    symbol: str
    amount: Decimal
    closed: Decimal
    left: Decimal
    average_price: Decimal | None = None
    why_left: str = ""
    mark_price: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EnforcerRun:
    """One run of the enforcer.

    Attributes:
        mode: ``armed``, ``dry-run`` or ``manual``.
        outcome: ``running``, ``flat``, ``not_flat`` or ``failed``.
        seconds_to_flat: ``None`` where it was never flat, and while it runs.
    """

    run_id: str
    mode: str
    trigger: str
    began: float
    ended: float | None
    outcome: str
    seconds_to_flat: float | None = None
    confirmed: bool = False
    residual: Decimal | None = None
    orders_cancelled: int = 0
    orders_left: int = 0
    positions: tuple[ClosedPosition, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LockoutRecord:
    """One lockout.

    Attributes:
        until: ``None`` until released by hand.
        released: ``None`` while it stands.
    """

    since: float
    until: float | None
    reason: str
    released: float | None = None
    released_by: str = ""
    released_why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ButtonRun:
    """One press of the red button at a terminal."""

    run_id: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleSetting:
    """One drawdown rule as configured now."""

    name: str
    reference: str
    on_breach: str
    ratio: Decimal | None = None
    amount_usd: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MirrorSetting:
    """A mirror into the account as configured now."""

    source: str
    scale: Decimal
    tolerance: Decimal
    grace: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What is configured for the account now; what held in the period is in the limits' own series.

    Attributes:
        names: Of all accounts.
        mode: Of its enforcement.
    """

    names: tuple[str, ...] = ()
    mode: str = ""
    rules: tuple[RuleSetting, ...] = ()
    leverage: Decimal | None = None
    symbol_leverage: Decimal | None = None
    stop_grace: float = 30.0
    mirrors: tuple[MirrorSetting, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """Everything that was gathered.

    Attributes:
        step: Seconds between two points of the curves, away from moments of interest.
        orders: Oldest first; ``orders_whole`` says whether the database still has all of the period.
        closing: Orders that were to close positions, oldest first.
        audit: Of the exporter: rebases, rules that were changed.
    """

    account: str
    period: Period
    made_at: float
    version: str
    settings: Settings
    sources: tuple[Source, ...]
    step: float = 2.0
    curves: tuple[Curve, ...] = ()
    alerts: tuple[AlertSpan, ...] = ()
    orders: tuple[EndedOrder, ...] = ()
    orders_whole: bool = True
    closing: tuple[ClosingOrder, ...] = ()
    flows: tuple[Flow, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    runs: tuple[EnforcerRun, ...] = ()
    lockouts: tuple[LockoutRecord, ...] = ()
    buttons: tuple[ButtonRun, ...] = ()

    def has(self, name: SourceName) -> bool:
        """Whether a source could be used."""
        return any(one.name is name and one.present for one in self.sources)
