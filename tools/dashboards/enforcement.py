"""The dashboard *Enforcement*: will it close when it must, did it, and what is left?

It is about all accounts until some are chosen. A count of the enforcer survives its restarts; where it does not, the
panel says so.
"""

from __future__ import annotations

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.board import Board, link_to
from tools.dashboards.enforcement_verdict import CONFIGURED, IN_FORCE, KNOWN, LEFT, LOCKED, OF_CHOSEN, verdict
from tools.dashboards.palette import LIMIT, MAIN, MODES, MODES_OR_SILENT, NEAR, SECOND, UNKNOWN, Word
from tools.dashboards.panels import plot, states
from tools.dashboards.query import CHOSEN, USD, Column, Query, worst
from tools.dashboards.risk import mode_or_silent
from tools.dashboards.rule_numbers import FLAT_SECONDS
from tools.dashboards.tables import matrix, rows

TO_ACCOUNT = link_to("account", account="${__value.text}")

LOCKOUTS = (
    Word(value=0, text="no", color=UNKNOWN),
    Word(value=1, text="for a time", color=NEAR),
    Word(value=2, text="until released", color=NEAR),
)


def enforcement() -> Board:
    """Build it."""
    return Board(
        slug="enforcement",
        title="Enforcement",
        question="Will it close when it must, did it, and what is left?",
        sections=[
            ("", verdict()),
            ("Accounts", [_accounts()]),
            ("What was asked, and what came of it", [_runs(), _requests(), _errors(), _time_to_flat(), _exposure()]),
            ("Dry run and mode", [_dry_runs(), _modes()]),
        ],
        one_account=False,
        all_accounts=True,
        kin=["pipeline"],
    )


def _accounts() -> Builder[models.Panel]:
    until = f"({LOCKED} > bool time()) + ({LOCKED} == bool +Inf)"
    return matrix(
        "Modes, lockouts, and what is left",
        "What is configured, what the enforcer really has in force, and what its last run has left. Normal: both modes "
        "are the same, no lockout, nothing left. SILENT: no enforcer answers for it. Reclosed counts what was "
        "opened during lockouts; where it grows something keeps trading: stop the bot, revoke its key (runbook: "
        "LockoutChurn).",
        [
            Column(title="Configured", expr=CONFIGURED, words=MODES),
            Column(title="In force", expr=mode_or_silent(CHOSEN), words=MODES_OR_SILENT),
            Column(title="Locked out", expr=f"{until} or {KNOWN}", words=LOCKOUTS),
            Column(title="Lockout ends in", expr=f"({LOCKED} < +Inf) - time() > 0", unit="s", empty="-", always=KNOWN),
            Column(
                title="Last run, ago",
                expr=f"time() - {worst(f'plimsoll_enforcer_last_run_timestamp_seconds{CHOSEN}')}",
                unit="s",
                empty="never",
                always=KNOWN,
            ),
            Column(title="Exposure left", expr=LEFT, unit=USD, decimals=2, empty="-", always=KNOWN),
            Column(
                title="Reclosed",
                expr=worst(f"plimsoll_enforcer_lockout_recloses_total{CHOSEN}"),
                decimals=0,
            ),
        ],
        labels={"account": "Account"},
        sort="Locked out",
        links={"account": TO_ACCOUNT},
        no_value="neither exporter nor enforcer answers",
        height=6,
    )


def _runs() -> Builder[models.Panel]:
    return rows(
        "Runs that ended",
        "Each confirmed breach, and each wish of an operator, is a run. flat: everything closed and read back. "
        "not_flat: released by hand before its end, or a dry run, which closes nothing. failed: look at /api/v1/runs. "
        "Normal: none. Runbook: EnforcementRan.",
        [
            Column(
                title="Runs",
                expr=f"sum by (account, mode, outcome) (plimsoll_enforcer_runs_total{CHOSEN}) > 0",
                decimals=0,
                width=80,
            )
        ],
        labels={"account": "Account", "mode": "Mode", "outcome": "Outcome"},
        sort="Runs",
        no_value="none has ended, or the enforcer is down",
        width=8,
        height=6,
    )


def _requests() -> Builder[models.Panel]:
    return _counted(
        "Alerts and wishes to close",
        "What became of each alert or operator's wish: accepted (watched until it is confirmed or over), duplicate "
        "and locked (in hand already), contradicted (a re-read found less loss), unverifiable or held (it could not be "
        "read), refused (wrong or forged). Normal: none. Unverifiable: look at the account on the exchange's own page.",
        series="plimsoll_enforcer_requests_total",
        label="outcome",
        no_value="nobody has asked, or the enforcer is down",
    )


def _errors() -> Builder[models.Panel]:
    return _counted(
        "Errors to closing orders",
        "What the exchange answered to orders that close, by its code. Normal: none, or a few that the next try got "
        "over. -4140, -4141: that market is closed. -2015: the key was revoked or is bound to another address. "
        "-1008: the exchange is overloaded. Runbook: EnforcementFailed.",
        series="plimsoll_enforcer_close_errors_total",
        label="code",
        no_value="none so far, or the enforcer is down",
    )


def _counted(title: str, why: str, *, series: str, label: str, no_value: str) -> Builder[models.Panel]:
    """How often each value of a counter's label came, by account; what never came has no row."""
    count = Column(title="Count", expr=f"sum by (account, {label}) ({series}{CHOSEN}) > 0", decimals=0, width=80)
    labels = {"account": "Account", label: label.capitalize()}
    return rows(title, why, [count], labels=labels, sort="Count", no_value=no_value, width=8, height=6)


def _time_to_flat() -> Builder[models.Panel]:
    series = "plimsoll_enforcer_time_to_flat_seconds"
    return plot(
        "Time to flat",
        "From a run's beginning to the first clean read-back: of all runs since the enforcer started, all accounts "
        f"together. Normal: a few seconds, the average exactly, the rest as exact as the buckets, "
        "which begin at 0.25 s: what was faster shows as between 0 and 0.25 s. "
        f"At {FLAT_SECONDS} s (dashed) EnforcementFailed pages and the run goes on; look then at the errors above.",
        [
            Query(
                expr=f"sum({series}_sum) / (sum({series}_count) > 0)",
                legend="on average",
                color=MAIN,
            ),
            Query(
                expr=f"histogram_quantile(0.95, sum by (le) ({series}_bucket)) and on () sum({series}_count) > 0",
                legend="95 % were faster than",
                color=SECOND,
            ),
            Query(expr=f"vector({FLAT_SECONDS})", legend="EnforcementFailed", color=LIMIT, dashed=True),
        ],
        unit="s",
        decimals=2,
        lowest=0,
        no_value="no run yet, or the enforcer is down",
    )


def _exposure() -> Builder[models.Panel]:
    return plot(
        "Exposure left by runs",
        "Notional that the run in progress, or the last one, has left. Normal: none, or a fall to 0 within seconds. "
        "A line that stays above 0: a run that is stuck. A dry run, which closes nothing, has no line. "
        "Runbook: EnforcementFailed.",
        [Query(expr=LEFT, legend="{{account}}", steps=True)],
        unit=USD,
        decimals=2,
        lowest=0,
        no_value="no run yet, or the enforcer is down",
    )


def _dry_runs() -> Builder[models.Panel]:
    unarmed = f'unless on (account) plimsoll_enforcer_mode_info{{mode="armed",{OF_CHOSEN}}}'
    return matrix(
        "What dry run would have done",
        "Accounts that are not armed: how often a run would have cancelled every order, closed every position and "
        "locked the account, and what it would cancel and close now. It did none of it. Order by order it stands on "
        "the enforcer's page, under runs. If the loss is real, press the red button.",
        [
            Column(
                title="Dry runs",
                expr=f'sum by (account) (plimsoll_enforcer_runs_total{{mode="dry-run",{OF_CHOSEN}}}) {unarmed}',
                decimals=0,
            ),
            Column(
                title="Positions to close",
                expr=f"{worst(f'binance_account_gross_exposure_usd{CHOSEN}')} {unarmed}",
                unit=USD,
                decimals=2,
                always=f"{KNOWN} {unarmed}",
            ),
            Column(
                title="Orders to cancel",
                expr=f"sum by (account) (binance_open_orders{CHOSEN}) {unarmed}",
                decimals=0,
                always=f"{KNOWN} {unarmed}",
            ),
        ],
        labels={"account": "Account"},
        sort="Positions to close",
        links={"account": TO_ACCOUNT},
        no_value="every account is armed, or the enforcer does not answer",
        width=10,
        height=6,
    )


def _modes() -> Builder[models.Panel]:
    return states(
        "Mode in force",
        "When each account was armed, in dry run or off. A gap: the enforcer did not answer. Normal: one unbroken bar.",
        [Query(expr=IN_FORCE, legend="{{account}}")],
        words=MODES,
        no_value="the enforcer does not answer",
        width=14,
    )
