"""What the enforcer's doors (webhook, operator's calls, gate, metrics) ask of what stands behind them.

``watching.accounts`` implements it; the web server and the metrics know only this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from plimsoll.config.model import Mode
from plimsoll_enforcer.flatten.result import FlattenResult

OUTCOMES = ("accepted", "duplicate", "contradicted", "unverifiable", "held", "locked", "refused")
"""Label ``outcome`` of ``plimsoll_enforcer_requests_total``: what became of a request, and what its watch came to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert of a webhook message, or one that Alertmanager holds back from people.

    Attributes:
        status: ``firing`` or ``resolved``.
        arrived_at: Unix time at which it reached us.
        starts_at: Unix time at which the sender says it began; ``None`` where it does not say so soundly.
    """

    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    arrived_at: float
    starts_at: float | None = None
    fingerprint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What became of one alert or request, for its sender, the log and the counter.

    Attributes:
        outcome: One of ``OUTCOMES``.
        reason: In words, for people.
    """

    account: str
    outcome: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """Whether an account may trade."""

    open: bool
    reason: str = ""
    until: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSummary:
    """One run.

    Attributes:
        mode: ``armed``, ``dry-run`` or ``manual`` (the red button page).
        outcome: ``running``, ``flat``, ``not_flat`` (released by hand before the end) or ``failed``.
        result: ``None`` while it runs.
    """

    run_id: str
    account: str
    mode: str
    trigger: str
    began_at: float
    ended_at: float | None
    outcome: str
    result: FlattenResult | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditLine:
    """One step of a run; ``detail`` is plain JSON, secrets never in it."""

    at: float
    kind: str
    text: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunDetail:
    """One run with its audit, oldest line first."""

    summary: RunSummary
    audit: tuple[AuditLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFigures:
    """One account as the metrics and the pages show it.

    Attributes:
        mode: Really in force, which may be less than configured.
        why_mode: In words why it is not what is configured; empty where it is.
        requests: Count by outcome.
        runs: Count by mode (``armed``, ``dry-run``, ``manual``) and outcome (``flat``, ``not_flat``, ``failed``).
        last_run_at: Unix time of the beginning of the last run; ``None`` before the first.
        failing_since: Unix time since which a run is not flat after 30 s; ``None`` otherwise.
        residual_exposure_usd: Left by the run in progress or the last one; ``None`` where unknown or never ran.
        locked_until: Unix time; ``inf`` until released; ``None`` where not locked.
        locked_why: In words.
        recloses: What was opened during lockouts and closed again, count.
        recloses_at: Unix times of the last few of them, oldest first.
        recloses_cost_usd: What the last ones cost (fees and slippage), where known.
        close_errors: Count by exchange code, or ``other``.
        permissions: Of the trading key, by ``permission``; empty where they cannot be read.
        watching: Since when a breach is watched, Unix time; ``None`` where none is.
    """

    account: str
    mode: Mode
    why_mode: str = ""
    requests: Mapping[str, int] = field(default_factory=dict)
    runs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    last_run_at: float | None = None
    failing_since: float | None = None
    residual_exposure_usd: Decimal | None = None
    locked_until: float | None = None
    locked_why: str = ""
    recloses: int = 0
    recloses_at: tuple[float, ...] = ()
    recloses_cost_usd: Decimal | None = None
    close_errors: Mapping[str, int] = field(default_factory=dict)
    permissions: Mapping[str, bool] = field(default_factory=dict)
    watching: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Everything that ``/metrics`` shows, at one moment.

    Attributes:
        times_to_flat: Seconds of every flat run since this process began, oldest first.
        journal_failures: Since ever, those that could not be counted on disk included.
        last_probe_at: Unix time at which the chain probe last arrived; ``None`` before the first.
        faults: In words what does not work now and is worked around, for the page.
    """

    accounts: Mapping[str, AccountFigures]
    times_to_flat: tuple[float, ...]
    journal_failures: int
    last_probe_at: float | None
    faults: tuple[str, ...] = ()


class Desk(Protocol):
    """Behind the doors."""

    async def alerts(self, alerts: tuple[Alert, ...]) -> tuple[Verdict, ...]:
        """Take on what a webhook brought; returns once it is durable, or could not be (taken on all the same)."""

    async def flatten(self, account: str, *, reason: str, operator: str) -> str:
        """The red button: begin a run now, whatever the figures say; gives its id, that of the run in progress too.

        Raises:
            EnforcerRefused: The account is not ours, or is in dry run or off.
        """

    async def release(self, account: str, *, reason: str, operator: str, rebase: bool) -> str:
        """End a lockout, and a run in progress; gives a sentence with the new floor for the operator.

        Raises:
            EnforcerRefused: The account is not ours or not locked, or the rebase cannot be asked for.
        """

    def gate(self, account: str) -> Gate | None:
        """Whether an account may trade; ``None`` for an account that is not ours."""

    def runs(self) -> tuple[RunSummary, ...]:
        """The newest 200, newest first."""

    def run(self, run_id: str) -> RunDetail | None:
        """One of them whole."""

    def figures(self) -> Figures:
        """All figures of now."""
