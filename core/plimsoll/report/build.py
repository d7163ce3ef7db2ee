"""``build``: a finished report out of what was gathered. Pure."""

from __future__ import annotations

from plimsoll.report.findings.all import all_findings
from plimsoll.report.masking import cleaned
from plimsoll.report.material import Material
from plimsoll.report.model import Report, Tables
from plimsoll.report.telling import orders
from plimsoll.report.telling.changed import counterfactuals
from plimsoll.report.telling.configured import configured
from plimsoll.report.telling.gallery import gallery
from plimsoll.report.telling.money import money
from plimsoll.report.telling.positions import positions
from plimsoll.report.telling.remedies import remedies
from plimsoll.report.telling.stops import stop_rows
from plimsoll.report.telling.summary import summary
from plimsoll.report.timeline.merge import timeline
from plimsoll.report.view import View


def build(material: Material) -> Report:
    """The report, with nothing in it that looks like a secret."""
    view = View(material)
    findings, held = all_findings(view), positions(view)
    report = Report(
        account=material.account,
        period=material.period,
        made_at=material.made_at,
        version=material.version,
        sources=material.sources,
        summary=summary(view, findings, held),
        timeline=timeline(view),
        pictures=gallery(view),
        tables=Tables(
            positions=held,
            executed=orders.executed(view),
            rejected=orders.rejected(view),
            orders_note=orders.note(view),
            money=money(view),
            stops=stop_rows(view),
            settings=configured(view),
        ),
        findings=findings,
        counterfactuals=counterfactuals(view),
        remedies=remedies(view, findings),
    )
    return cleaned(report)
