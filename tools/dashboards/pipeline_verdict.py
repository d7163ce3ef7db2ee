"""The first row of *Pipeline*, and how old an account's data is, against what is promised for it."""

from __future__ import annotations

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.palette import DANGER, FINE, Word
from tools.dashboards.panels import figure
from tools.dashboards.query import CHOSEN, SLOW
from tools.dashboards.risk import age, known
from tools.dashboards.rule_numbers import STALE_SECONDS, WEIGHT_SHARE

JOBS = '{job=~"plimsoll|plimsoll-enforcer|prometheus|alertmanager"}'

ALL_LIVE = (Word(value=0, text="NOT ALL LIVE", color=DANGER), Word(value=1, text="all live", color=FINE))
ALL_ANSWER = (Word(value=0, text="ONE IS DOWN", color=DANGER), Word(value=1, text="all answer", color=FINE))
NONE = (Word(value=0, text="none", color=FINE),)
BEATS = (Word(value=0, text="SILENT", color=DANGER), Word(value=1, text="beats", color=FINE))

KNOWN = known(CHOSEN)

AGE = f"({age(CHOSEN)} or time() - account:binance_never_trusted:since{CHOSEN})"
"""Seconds since each account's last trusted sample; of one that never had any, since it is waited for."""

_ALLOWED = f"binance_account_allowed_age_seconds{CHOSEN}"
PROMISED = (
    f"((max by (account) ({_ALLOWED}) or max by (account) (last_over_time({_ALLOWED}[1d])) and on (account) {KNOWN})"
    f" + {STALE_SECONDS})"
)
LIVE = f"(max by (account) (binance_account_up{CHOSEN}) or 0 * {KNOWN})"
"""1 for an account that is live, 0 for one that is not, or that nobody tells of any more."""


def verdict() -> list[Builder[models.Panel]]:
    """The first row."""
    return [
        figure(
            "Data age, of allowed",
            "The oldest account: seconds since its last trusted sample, over what is promised for it. Normal: below "
            "50 %. At 100 % (red) nothing that is shown of it can be believed; which one says the table below. "
            "Runbook: AccountDataStale.",
            f"max({AGE} / {PROMISED})",
            unit="percentunit",
            decimals=0,
            bound=1,
        ),
        figure(
            "Accounts",
            "Whether every account is live: stream up, state read, prices fresh. Normal: all live. Else the figures of "
            "one are absent and its alerts stay as they were. Runbook: AccountDataStale.",
            f"min({LIVE})",
            words=ALL_LIVE,
        ),
        figure(
            "Programs",
            "Whether exporter, enforcer, Prometheus and Alertmanager answered when they were last read. Normal: "
            "all answer. The table of programs says which does not. Runbook: ExporterDown, EnforcerDown, "
            "AlertmanagerDown.",
            f"min(up{JOBS})",
            words=ALL_ANSWER,
        ),
        *_way_out(),
    ]


def _way_out() -> list[Builder[models.Panel]]:
    """The second half of the verdict: whether a page would get out, and a closing order."""
    failed = "increase(alertmanager_notifications_failed_total[$__range])"
    return [
        figure(
            "Watchdog",
            "The alert that always fires, to prove that rules work. SILENT: rules are not evaluated, nobody is paged. "
            "Whether it arrives outside only the receiver outside can tell. Runbook: PlimsollWatchdog.",
            'max(ALERTS{alertname="PlimsollWatchdog", alertstate="firing"}) or 0 * max(up)',
            words=BEATS,
        ),
        figure(
            "Notifications failed",
            "Messages that Alertmanager could not deliver within the time shown, all channels. Normal: 0. Red: which "
            "channel shows the plot below; test it with plimsoll drill page. Runbook: AlertmanagerFailedToSendAlerts.",
            f"ceil(sum({failed}))",
            words=NONE,
            otherwise=DANGER,
            every=SLOW,
        ),
        figure(
            "Request weight used",
            "Share of what the exchange allows this address per minute. Normal: below 50 %. Red from "
            f"{WEIGHT_SHARE:.0%} on: above 100 % requests are refused, then the address is banned, and nothing can be "
            "closed from here. Find what else calls from it. Runbook: ApiWeightHigh.",
            "max(binance_api_used_weight) / max(binance_api_weight_limit)",
            unit="percentunit",
            decimals=1,
            bound=WEIGHT_SHARE,
        ),
    ]
