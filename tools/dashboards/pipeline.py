"""The dashboard *Pipeline*: can what is shown be believed, and would a page get out?

It is about all accounts until some are chosen; exporter, enforcer, Prometheus and Alertmanager stand below them.
Prometheus reads itself and Alertmanager every 15 s, which their queries say.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.board import Board, link_to
from tools.dashboards.palette import DANGER, FINE, LIMIT, LIVENESS, MAIN, NEAR, REFERENCE, SECOND, Word
from tools.dashboards.panels import figure, matrix, plot
from tools.dashboards.query import CHOSEN, SLOW, USD, Column, Query, named, worst
from tools.dashboards.risk import age, known
from tools.dashboards.rule_numbers import CLOCK_SECONDS, STALE_SECONDS, WEIGHT_SHARE

JOBS = '{job=~"plimsoll|plimsoll-enforcer|prometheus|alertmanager"}'

ALL_LIVE = (Word(value=0, text="NOT ALL LIVE", color=DANGER), Word(value=1, text="all live", color=FINE))
ALL_ANSWER = (Word(value=0, text="ONE IS DOWN", color=DANGER), Word(value=1, text="all answer", color=FINE))
NONE = (Word(value=0, text="none", color=FINE),)
BEATS = (Word(value=0, text="SILENT", color=DANGER), Word(value=1, text="beats", color=FINE))
STREAM = (Word(value=0, text="BROKEN", color=DANGER), Word(value=1, text="open", color=FINE))
ANSWERS = (Word(value=0, text="DOWN", color=DANGER), Word(value=1, text="yes", color=FINE))

SOURCES = '{account=~"$account",source!="stream"}'
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


def pipeline() -> Board:
    """Build it."""
    return Board(
        slug="pipeline",
        title="Pipeline",
        question="Can what is shown be believed, and would a page get out?",
        sections=[
            ("", _verdict()),
            ("Accounts: how old is what is shown?", [_accounts(), _sources()]),
            ("The way to the exchange", [_delay(), _calls(), _mended(), _clock()]),
            ("Will a page get out?", [_handed_on(), _delivered(), _evaluation()]),
            ("The programs themselves", [_programs()]),
        ],
        one_account=False,
        all_accounts=True,
        kin=["enforcement"],
    )


def _verdict() -> list[Builder[models.Panel]]:
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


def _accounts() -> Builder[models.Panel]:
    return matrix(
        "Accounts, oldest data first",
        "Seconds since the last trusted sample, against the age at which AccountDataStale pages: what the product "
        f"promises at the present load and {STALE_SECONDS} s. Normal: live, a few seconds, stream open. Not live, or "
        "too old: look at the account on the exchange's own page, then at the exporter's log.",
        [
            Column(title="Live", expr=LIVE, words=LIVENESS, width=100),
            Column(title="Data age", expr=AGE, unit="s", decimals=1, width=100),
            Column(title="Allowed", expr=PROMISED, unit="s", decimals=0, width=100),
            Column(
                title="Stream",
                expr=worst(f"binance_stream_connected{CHOSEN}", how="min"),
                words=STREAM,
                width=100,
            ),
            Column(
                title="Unexplained",
                expr=worst(f"binance_account_unexplained_change_usd{CHOSEN}"),
                unit=USD,
                decimals=2,
            ),
        ],
        labels={"account": "Account"},
        sort="Data age",
        links={"account": link_to("account", account="${__value.text}")},
        no_value="no account was known within a day",
        width=12,
    )


def _sources() -> Builder[models.Panel]:
    return plot(
        "Age of each source, worst account",
        "Seconds since the last success of each source. Normal: marks below 3 s, readings as a saw whose teeth are as "
        "long as the allowed age at most. One that only grows has failed: calls that fail, below, say why. The stream "
        "has no line: it is silent while nothing happens. Runbook: AccountDataStale.",
        [
            Query(
                expr=f"max by (source) (time() - binance_source_success_timestamp_seconds{SOURCES})",
                legend="{{source}}",
            )
        ],
        unit="s",
        decimals=0,
        lowest=0,
        by_order=True,
    )


def _delay() -> Builder[models.Panel]:
    buckets = "sum by (le) (rate(binance_stream_event_delay_seconds_bucket[$__rate_interval]))"
    return plot(
        "Delay of events",
        "From the exchange's sending of an event to the account's state, all streams. Normal: well below 1 s. Where "
        "the slowest stay above: is the network slow, or the machine busy? A gap: no event came.",
        [
            Query(expr=f"histogram_quantile(0.5, {buckets})", legend="half are faster", color=MAIN),
            Query(expr=f"histogram_quantile(0.99, {buckets})", legend="99 % are faster", color=SECOND),
        ],
        unit="s",
        lowest=0,
        no_value="no event came",
    )


def _alarming(panel: timeseries.Panel) -> timeseries.Panel:
    """The same panel with its lines that tell of something lost or refused in the colour of danger."""
    color = models.DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": DANGER})
    return panel.override_by_regexp("/[Ff]ailed|FAILED|dropped|missed|refused|timeout|unreachable/", [color])


def _calls() -> Builder[models.Panel]:
    failures = "sum by (kind) (rate(binance_api_failures_total[$__rate_interval])) > 0"
    panel = plot(
        "Calls of the exchange",
        "All calls, and those that failed by what the failure calls for: throttled and banned (too many calls), key, "
        "clock, unavailable (network or exchange), refused, malformed. Normal: no line but that of all calls. "
        "Runbook: AccountDataStale, ApiWeightHigh, ClockSkew.",
        [
            Query(expr="sum(rate(binance_api_requests_total[$__rate_interval]))", legend="all calls", color=MAIN),
            Query(expr=failures, legend="failed: {{kind}}"),
        ],
        unit="reqps",
        decimals=2,
        lowest=0,
    )
    return _alarming(panel)


def _mended() -> Builder[models.Panel]:
    broken = "sum by (stream) (increase(binance_stream_reconnects_total[$__rate_interval])) > 0"
    fields = f"sum by (account, field) (increase(binance_reconcile_corrections_total{CHOSEN}[$__rate_interval])) > 0"
    return plot(
        "Streams broken, figures corrected",
        "Streams that were opened again after a loss, and differences that a reading found and no stream told. "
        "Normal: nothing. Again and again: network or exchange (runbook: StreamFlapping), or a stream that leaves "
        "events out (ReconcileCorrections).",
        [
            Query(expr=broken, legend="stream {{stream}} opened again", color=NEAR),
            Query(expr=fields, legend="{{account}}: {{field}} corrected"),
        ],
        decimals=1,
        lowest=0,
        no_value="nothing broken, nothing corrected",
    )


def _clock() -> Builder[models.Panel]:
    return plot(
        "Clock against the exchange's",
        "How far this machine's clock is from the exchange's, whichever way. Plimsoll corrects for it. Normal: below "
        f"0.1 s. From {CLOCK_SECONDS} s on (dashed) others on this machine get their orders refused: switch NTP on. "
        "Runbook: ClockSkew.",
        [
            Query(
                expr="max by (instance) (abs(binance_clock_offset_seconds))",
                legend="{{instance}}",
                color=MAIN,
            ),
            Query(expr=f"vector({CLOCK_SECONDS})", legend="ClockSkew", color=LIMIT, dashed=True),
        ],
        unit="s",
        decimals=3,
        lowest=0,
    )


def _handed_on() -> Builder[models.Panel]:
    rules = {
        "by rules": "sum(rate(prometheus_notifications_sent_total[$__rate_interval]))",
        "by rules, failed": "sum(rate(prometheus_notifications_errors_total[$__rate_interval])) > 0",
        "by rules, dropped": "sum(rate(prometheus_notifications_dropped_total[$__rate_interval])) > 0",
    }
    received = "sum(rate(alertmanager_alerts_received_total[$__rate_interval]))"
    fast = "sum by (outcome) (rate(plimsoll_fast_lane_alerts_total[$__rate_interval])) > 0"
    panel = plot(
        "Alerts handed to Alertmanager, by lane",
        "Rules send what fires every 15 s again; the exporter's fast lane posts breaches and refused orders by itself, "
        "every 10 s while they hold. Normal: by rules never 0 (the watchdog fires), fast lane: delivered, or no line "
        "while nothing holds; received is both. Anything else: runbook PrometheusErrorSendingAlerts, FastLaneFailing.",
        [
            Query(expr=named("what", rules), legend="{{what}}", every=SLOW),
            Query(expr=fast, legend="fast lane: {{outcome}}"),
            Query(expr=received, legend="received by Alertmanager", color=REFERENCE, dashed=True, every=SLOW),
        ],
        unit="suffix: /s",
        decimals=2,
        lowest=0,
        by_order=True,
        width=8,
    )
    return _alarming(panel)


def _delivered() -> Builder[models.Panel]:
    by = "sum by (receiver_name, integration)"
    messages = {
        "sent to": f"{by} (increase(alertmanager_notifications_total[$__rate_interval])) > 0",
        "FAILED to": f"{by} (increase(alertmanager_notifications_failed_total[$__rate_interval])) > 0",
    }
    panel = plot(
        "Notifications by channel",
        "What Alertmanager sent to each receiver, and what failed; within each step. Normal: the enforcer once a "
        "minute (the probe), the heartbeat once a minute where there is one, others as alerts come; nothing failed. "
        "Test a channel with plimsoll drill page. Runbook: AlertmanagerFailedToSendAlerts, EnforcerChainBroken.",
        [
            Query(
                expr=named("what", messages),
                legend="{{what}} {{receiver_name}} ({{integration}})",
                every=SLOW,
            ),
        ],
        decimals=0,
        lowest=0,
        by_order=True,
        no_value="nothing was sent",
        width=8,
    )
    return _alarming(panel)


def _evaluation() -> Builder[models.Panel]:
    shares = {
        "slowest group, of its interval": (
            "max(prometheus_rule_group_last_duration_seconds / prometheus_rule_group_interval_seconds)"
        ),
        "evaluations missed": (
            "sum(rate(prometheus_rule_group_iterations_missed_total[$__rate_interval]))"
            " / sum(rate(prometheus_rule_group_iterations_total[$__rate_interval]))"
        ),
        "queue, of its length": (
            "max(prometheus_notifications_queue_length / prometheus_notifications_queue_capacity)"
        ),
    }
    panel = plot(
        "Prometheus: has it the time?",
        "How much of its interval the slowest group of rules takes, which share of evaluations was left out, and how "
        "full the queue to Alertmanager is. Normal: all near 0. Slowest group near 100 %, or evaluations missed: pages "
        "come late, give it processor time. Runbook: PrometheusMissingRuleEvaluations, PrometheusAlertsDropped.",
        [
            Query(expr=named("what", shares), legend="{{what}}", every=SLOW),
        ],
        unit="percentunit",
        decimals=1,
        lowest=0,
        by_order=True,
        width=8,
    )
    return _alarming(panel)


def _programs() -> Builder[models.Panel]:
    def by_program(series: str, how: str = "max") -> str:
        return worst(series, "job, instance", how)

    return matrix(
        "Program by program",
        "Each program that Prometheus reads. Normal: answers; read in well below its time-out of 2 s (exporter and "
        "enforcer); memory that does not grow for days; processor below one core; open files far below what is "
        "allowed. DOWN: start it. Runbook: ExporterDown, EnforcerDown, AlertmanagerDown, PrometheusSelfScrapeDown.",
        [
            Column(title="Answers", expr=by_program(f"up{JOBS}", "min"), words=ANSWERS, width=100),
            Column(title="Read in", expr=by_program(f"scrape_duration_seconds{JOBS}"), unit="s", decimals=3),
            Column(title="Memory", expr=by_program(f"process_resident_memory_bytes{JOBS}"), unit="bytes", decimals=0),
            Column(
                title="Processor cores",
                expr=by_program(f"rate(process_cpu_seconds_total{JOBS}[$__rate_interval])"),
                decimals=2,
                every=SLOW,
            ),
            Column(
                title="Open files, of those allowed",
                expr=by_program(f"process_open_fds{JOBS} / process_max_fds{JOBS}"),
                unit="percentunit",
                decimals=2,
            ),
        ],
        labels={"job": "Program", "instance": "Address"},
        sort="Program",
        descending=False,
        no_value="Prometheus reads nothing",
        height=7,
    )
