"""The single catalogue: every metric that the exporter shows, theme by theme.

``docs/metrics.md`` is generated from it and tests hold the exposition against it, both ways. A new metric is one entry
in the file of its theme.
"""

from __future__ import annotations

from plimsoll.metrics.program import PROGRAM
from plimsoll_exporter.catalogue_account import ACCOUNT, SYMBOL
from plimsoll_exporter.catalogue_drawdown import DRAWDOWN
from plimsoll_exporter.catalogue_fast_lane import FAST_LANE
from plimsoll_exporter.catalogue_ledger import LEDGER, STATE
from plimsoll_exporter.catalogue_limits import LIMITS
from plimsoll_exporter.catalogue_mirror import MIRROR
from plimsoll_exporter.catalogue_pipeline import EXCHANGE, PIPELINE
from plimsoll_exporter.catalogue_position import ORDERS, POSITION
from plimsoll_exporter.catalogue_rejections import REJECTIONS
from plimsoll_exporter.catalogue_stops import ACCOUNT_STOPS, STOPS

THEMES = (
    ACCOUNT,
    DRAWDOWN,
    SYMBOL,
    POSITION,
    STOPS,
    ACCOUNT_STOPS,
    ORDERS,
    REJECTIONS,
    LIMITS,
    MIRROR,
    LEDGER,
    PIPELINE,
    EXCHANGE,
    STATE,
    FAST_LANE,
    PROGRAM,
)
"""The sections of the documentation, in its order."""

CATALOGUE = tuple(metric for theme in THEMES for metric in theme.metrics)
"""Every metric."""
