"""The catalogue's metric of the fast lane: how the posts to Alertmanager end."""

from __future__ import annotations

from plimsoll.metrics.metric import Kind, Theme

FAST_LANE = Theme(
    "Fast lane",
    labels=(),
    about="Alerts that the exporter posts to Alertmanager itself. Exists from the start, configured or not.",
)

OUTCOMES = ("delivered", "refused", "timeout", "unreachable")
"""The values of the label ``outcome``."""

LANE_ALERTS = FAST_LANE.add(
    "plimsoll_fast_lane_alerts_total",
    "Alerts posted to Alertmanagers, each one every 10 s while it holds, by how the post ended.",
    unit="alerts",
    kind=Kind.COUNTER,
    labels=("outcome",),
    formula="count by outcome: delivered is an answer 2xx, refused any other, timeout none within 5 s",
    source="the exporter",
)
