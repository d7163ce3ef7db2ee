"""``document``: a report in the order in which it is read."""

from __future__ import annotations

from plimsoll.report.document import closing, course, ledgers, opening
from plimsoll.report.document.blocks import Document
from plimsoll.report.document.forms import Moments
from plimsoll.report.document.orders import orders
from plimsoll.report.model import Report


def document(report: Report) -> Document:
    """The whole report.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: The period's zone does not exist.
    """
    moments, tables = Moments(report.period.zone), report.tables
    return Document(
        title=f"Incident report: {report.account}",
        facts=(
            ("From", moments.said(report.period.since)),
            ("To", moments.said(report.period.until)),
            ("Made", moments.said(report.made_at)),
            ("By", f"Plimsoll {report.version}"),
        ),
        sections=(
            opening.summary(report),
            opening.findings(report, moments),
            closing.remedies(report.remedies),
            opening.counterfactuals(report, moments),
            ledgers.costs(tables),
            course.timeline(report, moments),
            course.pictures(report.pictures),
            orders(tables, moments),
            ledgers.positions(tables, moments),
            ledgers.stops(tables),
            closing.configured(tables),
            opening.sources(report),
            closing.words(),
        ),
        zone=report.period.zone,
    )
