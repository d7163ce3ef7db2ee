"""The content of a finished incident report, as frozen values: what those who draw it need, and nothing else.

Times are Unix seconds; money, prices and quantities are decimals. ``None`` is for "unknown" wherever a figure may be
absent, never 0. Sentences are finished English; whoever draws the report adds headings, layout and forms of numbers.
The parts are in ``pictures`` and ``tables`` and are all to be had from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from plimsoll.report.pictures import Gallery, Marker, MarkerKind, Picture, PictureKind, Point, Role, Series, Unit
from plimsoll.report.tables import (
    MoneyRow,
    OrderRow,
    PositionRow,
    PositionsAt,
    SettingRow,
    StopRow,
    Tables,
)
from plimsoll.report.words import STRUCTURE, Severity, SourceName

__all__ = [
    "STRUCTURE",
    "Certainty",
    "Counterfactual",
    "EntryKind",
    "Evidence",
    "Finding",
    "Gallery",
    "Marker",
    "MarkerKind",
    "MoneyRow",
    "OrderRow",
    "Period",
    "Picture",
    "PictureKind",
    "Point",
    "PositionRow",
    "PositionsAt",
    "Remedy",
    "Report",
    "Role",
    "Series",
    "SettingRow",
    "Severity",
    "Source",
    "SourceName",
    "StopRow",
    "Summary",
    "Tables",
    "TimelineEntry",
    "Unit",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From when to when, and in which zone times are shown beside UTC.

    Attributes:
        since: First moment, Unix seconds.
        until: Last moment, Unix seconds; later than ``since``.
        zone: A name of the time zone database, e.g. ``Europe/Berlin``; ``UTC`` where none was chosen.
    """

    since: float
    until: float
    zone: str = field(default="UTC", metadata=STRUCTURE)

    def __post_init__(self) -> None:
        if not self.since < self.until:
            raise ValueError("a period ends after it begins")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One source of the report, and what became of asking it.

    Attributes:
        present: Whether the report could use it.
        detail: In words: what was found there, or why it is missing.
        place: Where it was looked for: a path or an address without login.
    """

    name: SourceName
    present: bool
    detail: str
    place: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """Five sentences for a person outside the trade."""

    what: str
    when: str
    how_much: str
    what_ended_it: str
    what_is_open: str

    def sentences(self) -> tuple[str, str, str, str, str]:
        """All five, in the order in which they are read."""
        return self.what, self.when, self.how_much, self.what_ended_it, self.what_is_open


class EntryKind(StrEnum):
    """What a line of the timeline is about."""

    LIMIT = "limit"
    ALERT = "alert"
    DELIVERY = "delivery"
    ENTRY = "entry"
    EXIT = "exit"
    ORDER = "order"
    REJECTION = "rejection"
    STOP = "stop"
    FLOW = "flow"
    GAP = "gap"
    ENFORCEMENT = "enforcement"
    BUTTON = "button"
    CHANGE = "change"


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """One thing that happened.

    Attributes:
        text: One sentence or clause, finished.
        symbol: Empty where it is about the whole account.
        until: When it was over, for what lasts (alerts, gaps); ``None`` for a moment, and while it still goes on.
    """

    time: float
    kind: EntryKind
    text: str
    source: SourceName
    severity: Severity = Severity.INFO
    symbol: str = field(default="", metadata=STRUCTURE)
    until: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a finding stands on.

    Attributes:
        time: When it was so; ``None`` for what has no moment (a configuration, a count over the period).
    """

    text: str
    source: SourceName
    time: float | None = None


class Certainty(StrEnum):
    """Whether a finding states something, or that something cannot be known."""

    ESTABLISHED = "established"
    UNKNOWN = "cannot be known"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One statement of the report, with what it stands on.

    Attributes:
        rule: Id of the rule that made it, as in the table of ``docs/report.md``.
        sentence: One finished sentence.
        evidence: At least one, oldest first.
        certainty: ``UNKNOWN`` says that the evidence is missing and that nothing is claimed or denied.
        symbol: Empty where it is about the whole account.
        plain: The same as a clause for people outside the trade, of which the summary is made; empty where the summary
            does not need it.
    """

    rule: str = field(metadata=STRUCTURE)
    sentence: str
    evidence: tuple[Evidence, ...]
    severity: Severity = Severity.WARNING
    certainty: Certainty = Certainty.ESTABLISHED
    symbol: str = field(default="", metadata=STRUCTURE)
    plain: str = ""

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"{self.rule}: a finding without evidence")


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterfactual:
    """The first moment at which a limit or an alert could have stopped it.

    Attributes:
        name: The alert's name, or the limit's (``drawdown rule tmad``).
        at: That moment; ``None`` where it never came.
        equity: Equity then, USD; ``None`` where it is unknown or the moment never came.
        saved: By how much equity then was above that at the end of the period, before the costs of closing, USD;
            ``None`` if unknown, and where acting on it would have changed nothing of the loss.
        sentence: All of it in words.
    """

    name: str
    at: float | None
    equity: Decimal | None
    saved: Decimal | None
    sentence: str
    source: SourceName


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """What must be changed so that something found does not come again.

    Attributes:
        rule: Id of the rule whose finding asks for it.
    """

    sentence: str
    rule: str = field(metadata=STRUCTURE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A finished report.

    Attributes:
        account: The account's name; masked where masking was asked for.
        made_at: When it was made, Unix seconds.
        version: Of the program that made it.
        findings: The gravest first.
        timeline: In one order of time.
    """

    account: str
    period: Period
    made_at: float
    version: str = field(metadata=STRUCTURE)
    sources: tuple[Source, ...]
    summary: Summary
    timeline: tuple[TimelineEntry, ...]
    pictures: Gallery
    tables: Tables
    findings: tuple[Finding, ...]
    counterfactuals: tuple[Counterfactual, ...]
    remedies: tuple[Remedy, ...] = ()
