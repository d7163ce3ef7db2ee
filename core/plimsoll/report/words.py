"""Words that every part of a report shares: where something is from, how grave it is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

STRUCTURE: Mapping[str, bool] = MappingProxyType({"structure": True})
"""Metadata of a field whose text is a name of the product or of the exchange, so that masking leaves it alone."""


class SourceName(StrEnum):
    """Where a statement of the report is from."""

    STATE = "state database"
    JOURNAL = "enforcer journal"
    RED_BUTTON = "red-button records"
    PROMETHEUS = "Prometheus"
    CONFIGURATION = "configuration"


class Severity(StrEnum):
    """How grave something is."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
