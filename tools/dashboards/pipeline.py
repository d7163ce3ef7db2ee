"""The dashboard *Pipeline*: can what is shown be believed, and would a page get out?

It is about all accounts until some are chosen; exporter, enforcer, Prometheus and Alertmanager stand below them.
Prometheus reads itself and Alertmanager every 15 s, which their queries say.
"""

from __future__ import annotations

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.board import Board, link_to
from tools.dashboards.palette import DANGER, FINE, LIMIT, LIVENESS, MAIN, NEAR, SECOND, Word
from tools.dashboards.panels import plot
from tools.dashboards.pipeline_alerts import alarming, alerts
from tools.dashboards.pipeline_verdict import AGE, JOBS, LIVE, PROMISED, verdict
from tools.dashboards.query import CHOSEN, SLOW, USD, Column, Query, worst
from tools.dashboards.rule_numbers import CLOCK_SECONDS, STALE_SECONDS
from tools.dashboards.tables import matrix

STREAM = (Word(value=0, text="BROKEN", color=DANGER), Word(value=1, text="open", color=FINE))
ANSWERS = (Word(value=0, text="DOWN", color=DANGER), Word(value=1, text="yes", color=FINE))

SOURCES = '{account=~"$account",source!="stream"}'


def pipeline() -> Board:
    """Build it."""
    return Board(
        slug="pipeline",
        title="Pipeline",
        question="Can what is shown be believed, and would a page get out?",
        sections=[
            ("", verdict()),
            ("Accounts: how old is what is shown?", [_accounts(), _sources()]),
            ("The way to the exchange", [_delay(), _calls(), _mended(), _clock()]),
            ("Will a page get out?", alerts()),
            ("The programs themselves", [_programs()]),
        ],
        one_account=False,
        all_accounts=True,
        kin=["enforcement"],
    )


def _accounts() -> Builder[models.Panel]:
    return matrix(
        "Accounts, oldest data first",
        "Seconds since the last trusted sample, against the age at which AccountDataStale pages: what the product "
        f"promises at the present load and {STALE_SECONDS} s. Normal: live, a few seconds, stream open. Not live, or "
        "too old: look at the account on the exchange's own page, then at the exporter's log.",
        [
            Column(title="Live", expr=LIVE, words=LIVENESS, width=100),
            Column(title="Data age", expr=AGE, unit="suffix:s", decimals=1, width=100),
            Column(title="Allowed", expr=PROMISED, unit="suffix:s", decimals=0, width=100),
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
        no_value="no event came, or the exporter is down: see Programs",
    )


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
    return alarming(panel)


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
        no_value="nothing broken, nothing corrected, or the exporter is down: see Programs",
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
