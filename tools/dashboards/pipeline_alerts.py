"""The row of *Pipeline* that says whether a page gets out: both lanes, every channel, and the time that rules have."""

from __future__ import annotations

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from tools.dashboards.palette import DANGER, FINE, REFERENCE, Word
from tools.dashboards.panels import plot
from tools.dashboards.query import SLOW, Column, Query, named
from tools.dashboards.tables import matrix

NONE = (Word(value=0, text="none", color=FINE),)


def alerts() -> list[Builder[models.Panel]]:
    """Its panels."""
    return [_handed_on(), _delivered(), _evaluation()]


def alarming(panel: timeseries.Panel) -> timeseries.Panel:
    """The same panel with its lines that tell of something lost or refused in the colour of danger."""
    color = models.DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": DANGER})
    return panel.override_by_regexp("/[Ff]ailed|FAILED|dropped|missed|refused|timeout|unreachable/", [color])


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
        unit="suffix:/s",
        decimals=2,
        lowest=0,
        by_order=True,
        width=8,
    )
    return alarming(panel)


def _delivered() -> Builder[models.Panel]:
    by = "receiver_name, integration"

    def grown(kind: str) -> str:
        """Exactly what was counted in the time shown; a restart of Alertmanager begins anew."""
        counter = f"alertmanager_{kind}_total"
        return f"sum by ({by}) ({counter} - min_over_time({counter}[$__range]))"

    failed = grown("notifications_failed")
    return matrix(
        "Notifications by channel",
        "What Alertmanager sent to each receiver within the time shown, and what failed, which it tries again. Normal: "
        "the enforcer once a minute (the probe), the heartbeat once a minute where there is one, others as alerts "
        "come; none failed. A channel that is not here is not set up. Test one with plimsoll drill page. Runbook: "
        "AlertmanagerFailedToSendAlerts, EnforcerChainBroken.",
        [
            Column(title="Failed", expr=failed, words=NONE, decimals=0, width=70, otherwise=DANGER),
            Column(title="Sent", expr=grown("notifications"), decimals=0, width=70),
        ],
        labels={"receiver_name": "Receiver", "integration": "By"},
        sort="Failed",
        no_value="not known: Alertmanager does not answer",
        width=8,
    )


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
    return alarming(panel)
