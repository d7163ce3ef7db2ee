"""All dashboards, in the order of the questions that they answer."""

from __future__ import annotations

from tools.dashboards.mirror import mirror

BOARDS = (mirror(),)
