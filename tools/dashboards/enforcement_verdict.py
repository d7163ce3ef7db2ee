"""The first row of *Enforcement*, and what of the enforcer the rest of it is asked by."""

from __future__ import annotations

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.palette import DANGER, FINE, MODES, NEAR, Word
from tools.dashboards.panels import figure
from tools.dashboards.query import CHOSEN, modes, worst
from tools.dashboards.rule_numbers import FLAT_SECONDS, PROBE_SECONDS

OF_CHOSEN = 'account=~"$account"'

ANSWERS = (Word(value=0, text="DOWN", color=DANGER), Word(value=1, text="answers", color=FINE))
ARMED = (Word(value=-1, text="DIFFERS", color=DANGER), Word(value=0, text="NONE", color=NEAR))
NONE = (Word(value=0, text="none", color=FINE),)


CONFIGURED = modes("plimsoll_account_configured", OF_CHOSEN)
IN_FORCE = modes("plimsoll_enforcer_mode_info", OF_CHOSEN)
KNOWN = f"0 * max by (account) (plimsoll_enforcer_mode_info{CHOSEN})"
"""A zero for each account that the enforcer answers for; nothing while it does not answer."""

FAILING = worst(f"plimsoll_enforcer_failing_since_timestamp_seconds{CHOSEN} > bool 0")
LEFT = worst(f"plimsoll_enforcer_residual_exposure_usd{CHOSEN}")
LOCKED = worst(f"plimsoll_enforcer_lockout_until_timestamp_seconds{CHOSEN}")


def verdict() -> list[Builder[models.Panel]]:
    """The first row."""
    differing = f"(count({CONFIGURED}) - sum({CONFIGURED} == bool on (account) {IN_FORCE}))"
    return [
        figure(
            "Enforcer",
            "Whether every enforcer answers Prometheus; all else here is as old as its last answer. Normal: answers. "
            "DOWN: nothing will be closed. Start it, and be ready to press the red button. Runbook: EnforcerDown.",
            'min(up{job="plimsoll-enforcer"})',
            words=ANSWERS,
            no_value="none is scraped",
        ),
        figure(
            "Last chain probe",
            "Time since the probe came the way that a breach comes: Prometheus, Alertmanager, webhook, enforcer; or "
            f"since the enforcer was started, if it never came. Sent every minute; red from {PROBE_SECONDS} s on, "
            "when a breach would not arrive either. Runbook: EnforcerChainBroken.",
            "max(time() - (max by (instance) (plimsoll_enforcer_last_probe_timestamp_seconds)"
            ' or max by (instance) (process_start_time_seconds{job="plimsoll-enforcer"})))',
            unit="s",
            decimals=0,
            bound=PROBE_SECONDS,
            no_value="no enforcer answers",
        ),
        figure(
            "Armed",
            "How many accounts the enforcer would really close; the table below says which. DIFFERS: some account has "
            "not the mode in force that plimsoll.yml sets (runbook: EnforcementModeMismatch). NONE: whatever happens, "
            "nothing will be closed; right only for as long as you try it out.",
            f"0 * ({differing} > 0) - 1 or sum({IN_FORCE} == bool {MODES[-1].value:g})",
            unit="suffix:armed",
            words=ARMED,
            otherwise=FINE,
        ),
        *_outcome(),
    ]


def _outcome() -> list[Builder[models.Panel]]:
    """The second half of the verdict: what has become of it."""
    failing = f"{FAILING} or ({LEFT} > bool 0 and on (account) {LOCKED}) or {KNOWN}"
    return [
        figure(
            "Not flat in time",
            f"Accounts whose run has not closed everything within {FLAT_SECONDS} s, or that are locked out with "
            "something left. Normal: 0. Red: look at the exchange's own page and close what is left by hand; the run "
            "goes on by itself. Runbook: EnforcementFailed.",
            f"sum({failing})",
            words=NONE,
            otherwise=DANGER,
        ),
        figure(
            "Locked out",
            "Accounts where whatever is opened is closed again. Normal: 0. Above: the enforcer has acted and keeps the "
            "account flat until its time is over or somebody releases it. Runbook: AccountLockedOut.",
            f"sum(({LOCKED} > bool time()) or {KNOWN})",
            words=NONE,
            otherwise=NEAR,
        ),
        figure(
            "Journal writes failed",
            "Writes of the enforcer's journal that failed within the time shown; it enforces from memory meanwhile. "
            "Normal: 0. Red: make room on its disk and do not restart it before. Runbook: EnforcerJournalFailed.",
            "ceil(sum(increase(plimsoll_enforcer_journal_failures_total[$__range])))"
            ' and on () min(up{job="plimsoll-enforcer"}) == 1',
            words=NONE,
            otherwise=DANGER,
        ),
    ]
