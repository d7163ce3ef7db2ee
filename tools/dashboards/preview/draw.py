"""Which kind of panel is drawn by what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tools.dashboards.preview import figures, table, timeline, timeseries
from tools.dashboards.preview.context import Context, Drawn, View

KINDS: Mapping[str, Callable[[View, Context], Drawn]] = {
    "stat": figures.stat,
    "bargauge": figures.bar_gauge,
    "text": figures.words,
    "table": table.table,
    "timeseries": timeseries.time_series,
    "state-timeline": timeline.state_timeline,
}
"""The panels that are understood, by Grafana's name."""


def draw(view: View, context: Context) -> Drawn:
    """A panel's body; of a kind that is not understood, nothing but its name."""
    drawing = KINDS.get(view.panel.kind)
    return Drawn(body="") if drawing is None else drawing(view, context)
