"""Dashboards without Grafana: drawn from their classic JSON and a running Prometheus.

For tests: ``shown`` says what a panel prints, ``unsupported`` what the preview does not draw as Grafana would.
For people: ``python -m tools.dashboards.preview`` writes pages, ``tools.dashboards.preview.server`` serves them live.
"""

from __future__ import annotations

from tools.dashboards.preview.board import Board, load, read
from tools.dashboards.preview.shown import shown
from tools.dashboards.preview.source import Prometheus, SourceError
from tools.dashboards.preview.unsupported import unsupported

__all__ = ["Board", "Prometheus", "SourceError", "load", "read", "shown", "unsupported"]
