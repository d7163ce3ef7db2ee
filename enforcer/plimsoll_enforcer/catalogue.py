"""The catalogue of the enforcer: every metric that it shows besides those that every program has.

``docs/metrics.md`` is generated from it and tests hold the exposition against it, both ways.
"""

from __future__ import annotations

from plimsoll.metrics.metric import Kind, Theme
from plimsoll.metrics.program import PROGRAM

_DESK = "the enforcer"
_JOURNAL = "the enforcer's journal"

ENFORCER = Theme(
    "Enforcer",
    labels=("account",),
    about=(
        "What `plimsoll-enforcer` may do and has done, for every configured account. "
        "Counters live in its journal and survive restarts."
    ),
)

RUN_MODES = ("armed", "dry-run", "manual")
"""The values of the label ``mode`` of a run; ``manual`` was asked for by an operator."""

RUN_OUTCOMES = ("flat", "not_flat", "failed")
"""The values of the label ``outcome`` of a run that has ended."""

OTHER = "other"
CLOSE_ERROR_CODES = (
    *("-1001", "-1003", "-1006", "-1007", "-1008", "-1013", "-1015", "-1021", "-1111", "-1112", "-1121", "-1122"),
    *("-2010", "-2013", "-2015", "-2018", "-2019", "-2020", "-2022", "-2023", "-2024", "-2025", "-2026", "-4003"),
    *("-4004", "-4005", "-4014", "-4015", "-4016", "-4023", "-4024", "-4061", "-4062", "-4087", "-4088", "-4105"),
    *("-4106", "-4107", "-4118", "-4131", "-4140", "-4141", "-4164", "-4183", "-4189", "-4192", "-4400", OTHER),
)
"""The values of the label ``code``: what the exchange answers to orders that close (``binance-usdm.md`` 9 and 11)."""

TIME_BUCKETS = (0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 5, 10, 15, 30, 60, 120, 300)

MODE_INFO = ENFORCER.add(
    "plimsoll_enforcer_mode_info",
    "Constant 1; mode is what is really in force for the account, which may be less than configured.",
    unit="1",
    labels=("account", "mode"),
    formula="`armed` only if configured, named by `--arm` and the key is fit; else `dry-run` or `off`",
    source="configuration, `--arm`, the trading key",
)
REQUESTS = ENFORCER.add(
    "plimsoll_enforcer_requests_total",
    "Alerts and operators' wishes that asked for the account to be closed, by what became of them.",
    unit="requests",
    kind=Kind.COUNTER,
    labels=("account", "outcome"),
    formula="count; what a watch comes to counts once besides the `accepted` that began it",
    source=_JOURNAL,
)
RUNS = ENFORCER.add(
    "plimsoll_enforcer_runs_total",
    "Runs that have ended: everything was to be closed.",
    unit="runs",
    kind=Kind.COUNTER,
    labels=("account", "mode", "outcome"),
    formula="count; `not_flat` was released by hand before its end; in `dry-run` nothing was sent",
    source=_JOURNAL,
)
LAST_RUN = ENFORCER.add(
    "plimsoll_enforcer_last_run_timestamp_seconds",
    "When the last run began; absent before the first.",
    unit="Unix seconds",
    formula="as is",
    source=_JOURNAL,
)
FAILING_SINCE = ENFORCER.add(
    "plimsoll_enforcer_failing_since_timestamp_seconds",
    "Since when a run in progress is not flat though 30 s have passed; absent otherwise.",
    unit="Unix seconds",
    formula="beginning of the run + 30 s",
    source=_DESK,
)
TIME_TO_FLAT = ENFORCER.add(
    "plimsoll_enforcer_time_to_flat_seconds",
    "How long runs took until the first clean read-back, since this process began.",
    unit="seconds",
    kind=Kind.HISTOGRAM,
    labels=(),
    formula="from the beginning of the run; all accounts together",
    source=_DESK,
)
RESIDUAL = ENFORCER.add(
    "plimsoll_enforcer_residual_exposure_usd",
    "Exposure that the run in progress or the last one has left; absent where unknown or none ever ran.",
    unit="USD",
    formula="notional at mark prices",
    source="`/fapi/v3/positionRisk`",
)
LOCKED_UNTIL = ENFORCER.add(
    "plimsoll_enforcer_lockout_until_timestamp_seconds",
    "Until when the account is locked out: anything new is cancelled and closed; absent where it is not.",
    unit="Unix seconds",
    formula="as the drawdown rule says; +Inf until released by hand",
    source=_JOURNAL,
)
RECLOSES = ENFORCER.add(
    "plimsoll_enforcer_lockout_recloses_total",
    "What was opened during lockouts and closed again.",
    unit="closes",
    kind=Kind.COUNTER,
    formula="count",
    source=_JOURNAL,
)
CHURNED_AT = ENFORCER.add(
    "plimsoll_enforcer_lockout_churn_timestamp_seconds",
    "When something was last closed again for the third time within 60 s; absent where that never was.",
    unit="Unix seconds",
    formula="time of the last of three such closes",
    source=_DESK,
)
RECLOSES_COST = ENFORCER.add(
    "plimsoll_enforcer_lockout_recloses_cost_usd",
    "What the last closes during lockouts cost; absent where unknown.",
    unit="USD",
    formula="fees and slippage",
    source="answers to our orders",
)
CLOSE_ERRORS = ENFORCER.add(
    "plimsoll_enforcer_close_errors_total",
    "Errors that the exchange answered to orders that close, by its code.",
    unit="errors",
    kind=Kind.COUNTER,
    labels=("account", "code"),
    formula="count by code of a closed list, `other` for the rest",
    source=_JOURNAL,
)
JOURNAL_FAILURES = ENFORCER.add(
    "plimsoll_enforcer_journal_failures_total",
    "Writes to the journal that failed; the enforcer goes on from memory.",
    unit="writes",
    kind=Kind.COUNTER,
    labels=(),
    formula="count",
    source=_DESK,
)
LAST_PROBE = ENFORCER.add(
    "plimsoll_enforcer_last_probe_timestamp_seconds",
    "When the probe of the chain, EnforcerChainProbe, last arrived; absent before the first.",
    unit="Unix seconds",
    labels=(),
    formula="as is",
    source="Alertmanager's webhook",
)
RENDER_FAILURES = ENFORCER.add(
    "plimsoll_enforcer_render_failures_total",
    "Times that an account could not be shown here, since the process started.",
    unit="times",
    kind=Kind.COUNTER,
    formula="count",
    source=_DESK,
)

THEMES = (ENFORCER, PROGRAM)
"""The sections of the documentation, in its order."""

CATALOGUE = tuple(metric for theme in THEMES for metric in theme.metrics)
"""Every metric."""
