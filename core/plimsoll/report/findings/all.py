"""All rules, in the order in which a reader wants them among findings that are equally grave."""

from __future__ import annotations

from plimsoll.report.findings import (
    drawdown,
    enforcement,
    exposure,
    mirror,
    pipeline,
    refusals,
    stops_missing,
    stops_unknown,
    stops_working,
)
from plimsoll.report.model import Finding, Severity
from plimsoll.report.view import View

THEMES = (mirror, exposure, stops_missing, stops_working, stops_unknown, refusals, drawdown, enforcement, pipeline)
GRAVEST = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def all_findings(view: View) -> tuple[Finding, ...]:
    """Everything that the material tells, the gravest first."""
    found = [finding for theme in THEMES for finding in theme.findings(view)]
    return tuple(sorted(found, key=lambda one: GRAVEST.index(one.severity)))
