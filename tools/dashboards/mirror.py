"""The dashboard *Mirror*: does a follower hold what its source holds, at its scale?"""

from __future__ import annotations

from tools.dashboards.board import Board
from tools.dashboards.palette import LIMIT, MAIN
from tools.dashboards.panels import plot
from tools.dashboards.query import Query


def mirror() -> Board:
    """Build it."""
    drift = plot(
        "Drift",
        "Difference between what is held and what is expected. Normal is below the dashed line.",
        [
            Query(
                expr='max by (symbol) (binance_mirror_drift_ratio{destination="$account"})',
                legend="{{symbol}}",
                color=MAIN,
            ),
            Query(
                expr='max(binance_mirror_tolerance_ratio{destination="$account"})',
                legend="tolerance",
                color=LIMIT,
                dashed=True,
            ),
        ],
        unit="percentunit",
    )
    return Board(
        slug="mirror", title="Mirror", question="Does it hold what its source holds?", sections=[("", [drift])]
    )
