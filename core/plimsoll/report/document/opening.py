"""The sections that say what happened in sentences: summary, findings, what would have changed it, sources."""

from __future__ import annotations

from plimsoll.report.document.blocks import Cell, Column, Paragraph, Section, Statement, Table
from plimsoll.report.document.cells import moment_cells, moment_columns, money_cell, signed_cell, text_cell
from plimsoll.report.document.forms import UNKNOWN, Moments
from plimsoll.report.model import Certainty, Counterfactual, Evidence, Finding, Report, Severity, Source

LEADS = ("What happened", "When", "How much", "What ended it", "What is open")
"""Of the five sentences of the summary."""

NEVER = "never came"
"""Of a moment that did not come."""


def summary(report: Report) -> Section:
    """The five sentences, and which sources are missing."""
    told = tuple(Paragraph(text=text, lead=lead) for lead, text in zip(LEADS, report.summary.sentences(), strict=True))
    return Section(anchor="summary", title="Summary", blocks=told + _missing(report.sources))


def _missing(sources: tuple[Source, ...]) -> tuple[Paragraph, ...]:
    return tuple(
        Paragraph(
            text=f"{one.name.value}: {one.detail.rstrip('.')}. What only this source can tell is not in this report.",
            lead="Missing source",
            severity=Severity.WARNING,
        )
        for one in sources
        if not one.present
    )


def findings(report: Report, moments: Moments) -> Section:
    """Each statement with its evidence; the gravest first."""
    blocks: tuple[Paragraph | Statement, ...] = tuple(_statement(one, moments) for one in report.findings)
    if not blocks:
        blocks = (Paragraph(text="No rule of the documentation made a finding from what the sources hold."),)
    return Section(anchor="findings", title="Findings", blocks=blocks)


def _statement(finding: Finding, moments: Moments) -> Statement:
    unknown = finding.certainty is Certainty.UNKNOWN
    word = Certainty.UNKNOWN.value if unknown else finding.severity.value
    return Statement(
        text=finding.sentence,
        word=word,
        severity=finding.severity,
        grounds=tuple(_ground(one, moments) for one in finding.evidence),
        mark=finding.rule,
    )


def _ground(evidence: Evidence, moments: Moments) -> str:
    when = "" if evidence.time is None else f"{moments.said(evidence.time)}: "
    return f"{when}{evidence.text} [{evidence.source.value}]"


def counterfactuals(report: Report, moments: Moments) -> Section:
    """The first moments at which something could have stopped it."""
    columns = (
        Column(title="Limit or alert", name="name"),
        *moment_columns(moments, "First moment", "first"),
        Column(title="Equity then, USD", name="equity_usd", number=True),
        Column(title="Above the end, USD", name="above_end_usd", number=True),
        Column(title="Remark", name="sentence", wide=True),
        Column(title="Source", name="source"),
    )
    table = Table(
        name="what-would-have-changed-it",
        caption="The first moment at which each limit or alert could have stopped it",
        columns=columns,
        rows=tuple(_chance(one, moments) for one in report.counterfactuals),
        empty="No limit and no alert is known that could have stopped anything in this period.",
        note="Above the end: equity then less equity at the end of the period, before the costs of closing; only had "
        "everything been closed at that moment and nothing opened again. An alert by itself closes nothing.",
        hidden=frozenset({"source"}),
    )
    return Section(anchor="changed", title="What would have changed it", blocks=(table,))


def _chance(one: Counterfactual, moments: Moments) -> tuple[Cell, ...]:
    absent = UNKNOWN if one.at is not None else "-"
    nothing = absent if one.equity is None else "nothing"
    saved = money_cell(None, nothing) if one.saved is None else signed_cell(one.saved)
    return (
        text_cell(one.name),
        *moment_cells(moments, one.at, NEVER),
        money_cell(one.equity, absent),
        saved,
        text_cell(one.sentence, shown=one.sentence if one.saved is None else ""),
        text_cell(one.source.value),
    )


def sources(report: Report) -> Section:
    """What the report was made from."""
    rows = tuple(
        (
            text_cell(one.name.value),
            text_cell("used" if one.present else "missing", Severity.INFO if one.present else Severity.WARNING),
            text_cell(one.detail),
            text_cell(one.place),
        )
        for one in report.sources
    )
    columns = tuple(
        Column(title=title, name=title.lower(), wide=title in {"Detail", "Place"})
        for title in ("Source", "State", "Detail", "Place")
    )
    table = Table(name="sources", caption="What this report was made from", columns=columns, rows=rows)
    return Section(anchor="sources-section", title="Sources", blocks=(table,))
