"""All dashboards, in the order of the questions that they answer."""

from __future__ import annotations

from tools.dashboards.account import account
from tools.dashboards.enforcement import enforcement
from tools.dashboards.fleet import fleet
from tools.dashboards.mirror import mirror
from tools.dashboards.orders import orders
from tools.dashboards.pipeline import pipeline
from tools.dashboards.stops import stops

BOARDS = (fleet(), account(), stops(), orders(), mirror(), enforcement(), pipeline())
