"""A finished report made by hand: every kind of entry, gaps, unknown figures, and texts of people who mean no good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from plimsoll.report.model import (
    Certainty,
    Counterfactual,
    EntryKind,
    Evidence,
    Finding,
    Gallery,
    Marker,
    MarkerKind,
    MoneyRow,
    OrderRow,
    Period,
    Picture,
    PictureKind,
    Point,
    PositionRow,
    PositionsAt,
    Report,
    Role,
    Series,
    Severity,
    Source,
    SourceName,
    StopRow,
    Summary,
    Tables,
    TimelineEntry,
    Unit,
)

SINCE = 1_791_720_000.0
UNTIL = SINCE + 600
PERIOD = Period(since=SINCE, until=UNTIL, zone="Europe/Berlin")

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(2)'>",
    "</table></svg></title><b>bold</b>&amp;",
    '=HYPERLINK("http://evil.example","pay")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "| pipe | [link](javascript:alert(3)) `code` **bold** ![x](http://evil.example/x.png)",
    "two\nlines\r\nand $\\frac{1}{2}$ --> <!-- ]]>",
)
"""Texts that a bot, an operator or an exchange may have sent."""


def report(account: str = "eon", zone: str = "Europe/Berlin", texts: Sequence[str] = ()) -> Report:
    """A report of ten minutes.

    Args:
        account: Whose; its name stands in several texts.
        zone: In which times stand besides UTC.
        texts: Words of others, put wherever words of others can stand.
    """
    return Report(
        account=account,
        period=replace(PERIOD, zone=zone),
        made_at=UNTIL + 60,
        version="0.1.0",
        sources=sources(account),
        summary=summary(account),
        timeline=timeline(account, texts),
        pictures=gallery(account),
        tables=tables(texts),
        findings=findings(account, texts),
        counterfactuals=counterfactuals(),
    )


def sources(account: str) -> tuple[Source, ...]:
    """Two that were used and one that is missing."""
    return (
        Source(name=SourceName.STATE, present=True, detail="14 orders, 2 flows.", place="/data/exporter/state.sqlite"),
        Source(name=SourceName.PROMETHEUS, present=True, detail=f"31 series of {account}.", place="127.0.0.1:9090"),
        Source(name=SourceName.JOURNAL, present=False, detail="There is no such file", place="/data/enforcer/j.sqlite"),
    )


def summary(account: str) -> Summary:
    """Five sentences."""
    return Summary(
        what=f"The mirror into {account} bought eight times what it should have, and the market fell.",
        when="It began at 12:00:40 UTC and lasted seven minutes.",
        how_much="The account lost 5,312.40 USD, 10.6 % of what it had.",
        what_ended_it="The enforcer closed everything at 12:07:01 UTC.",
        what_is_open="Nothing is open; the account is locked out until it is released by hand.",
    )


def timeline(account: str, texts: Sequence[str] = ()) -> tuple[TimelineEntry, ...]:
    """One entry of every kind, and one for each text."""
    words = {
        EntryKind.ENTRY: "Bought 0.68 BTCUSDT at 125,000.00.",
        EntryKind.REJECTION: "The entry of 27.2 ETHUSDT was refused: margin is insufficient.",
        EntryKind.GAP: "The private stream was cut.",
        EntryKind.BUTTON: f"alice pressed the button for {account}.",
    }
    entries = [
        TimelineEntry(
            time=SINCE + 40 * number,
            kind=kind,
            text=words.get(kind, f"Something of kind {kind.value}."),
            source=SourceName.STATE,
            severity=Severity.CRITICAL if kind in {EntryKind.REJECTION, EntryKind.LIMIT} else Severity.INFO,
            symbol="BTCUSDT" if kind is EntryKind.ENTRY else "",
            until=SINCE + 40 * number + 12.5 if kind is EntryKind.GAP else None,
        )
        for number, kind in enumerate(EntryKind)
    ]
    entries += [
        TimelineEntry(time=UNTIL - 20 + n, kind=EntryKind.REJECTION, text=text, source=SourceName.STATE)
        for n, text in enumerate(texts)
    ]
    return tuple(entries)


def gallery(account: str = "eon") -> Gallery:
    """One picture of each kind; the equity has a gap, a leverage is infinite at the end."""
    equity = curve(50_000, -5_300, gap=range(20, 30))
    leverage = (*curve(0, 5), (UNTIL, Decimal("Infinity")))
    marks = curve(125_000, -4_000)
    return Gallery(
        pictures=(
            Picture(
                kind=PictureKind.EQUITY,
                title="Equity with floor and reference",
                unit=Unit.USD,
                series=(
                    Series(name="equity", unit=Unit.USD, role=Role.MEASURED, points=equity),
                    flat("floor (tmad)", Role.LIMIT, 45_000, Unit.USD),
                    flat("reference (tmad)", Role.REFERENCE, 50_000, Unit.USD),
                ),
                alternative=f"Equity of {account} fell from 50,000.00 to 44,700.00 USD.",
            ),
            Picture(
                kind=PictureKind.EXPOSURE,
                title="Leverage against limits",
                unit=Unit.TIMES,
                series=(
                    Series(name="leverage", unit=Unit.TIMES, role=Role.MEASURED, points=leverage),
                    Series(name="BTCUSDT", unit=Unit.TIMES, role=Role.MEASURED, points=curve(0, 3)),
                    flat("limit of the account", Role.LIMIT, 3, Unit.TIMES),
                ),
                alternative="Leverage rose to 5.1 times, above its limit of 3.",
            ),
            Picture(
                kind=PictureKind.MIRROR,
                title="BTCUSDT: what the mirror should hold and what it held",
                unit=Unit.QUANTITY,
                symbol="BTCUSDT",
                series=(
                    Series(name="actual", unit=Unit.QUANTITY, role=Role.MEASURED, points=curve(0, Decimal("1.36"))),
                    Series(name="expected", unit=Unit.QUANTITY, role=Role.EXPECTED, points=curve(0, Decimal("0.17"))),
                ),
                alternative="The mirror held eight times what it should have.",
            ),
            Picture(
                kind=PictureKind.MARKS,
                title="BTCUSDT: mark price with entries and exits",
                unit=Unit.PRICE,
                symbol="BTCUSDT",
                series=(Series(name="mark price", unit=Unit.PRICE, role=Role.MEASURED, points=marks),),
                alternative="The price fell by 3.2 %.",
                markers=markers(),
            ),
        ),
        missing="The drawdown is missing: Prometheus knows no rule.",
    )


def curve(start: float | Decimal, change: float | Decimal, gap: range = range(0)) -> tuple[Point, ...]:
    """A point every ten seconds, from a value on evenly by a change."""
    step = Decimal(change) / 60
    return tuple(
        (SINCE + 10 * number, None if number in gap else Decimal(start) + step * number) for number in range(61)
    )


def flat(name: str, role: Role, value: int, unit: Unit) -> Series:
    """A line that stays where it is."""
    return Series(name=name, unit=unit, role=role, points=((SINCE, Decimal(value)), (UNTIL, Decimal(value))))


def markers() -> tuple[Marker, ...]:
    """One of each kind, the last without a price."""
    return tuple(
        Marker(
            time=SINCE + 40 + 100 * number,
            kind=kind,
            text=f"{kind.value} of 0.68",
            value=None if kind is MarkerKind.REJECTED else Decimal(124_500 - 700 * number),
        )
        for number, kind in enumerate(MarkerKind)
    )


def tables(texts: Sequence[str] = ()) -> Tables:
    """Every table, with unknown figures in each."""
    return Tables(
        positions=(
            PositionsAt(moment="start", time=SINCE, equity=Decimal(50_000), rows=()),
            PositionsAt(moment="worst", time=SINCE + 420, equity=Decimal("44687.6"), rows=(position(), naked())),
            PositionsAt(moment="end", time=UNTIL, equity=None, rows=None),
        ),
        executed=tuple(order(n, "filled", "open") for n in range(3)),
        rejected=(
            refused(order(4, "rejected", "open")),
            refused(order(5, "rejected", "close")),
            *(replace(refused(order(6, "rejected", "open")), message=text, reason=text) for text in texts),
        ),
        orders_note="Orders that ended before the last 1,000 are not kept.",
        money=(
            MoneyRow(name="fees", amount=Decimal("-120.4"), note="from the fills"),
            MoneyRow(name="funding", amount=None, note="no funding was due, or Prometheus did not see it"),
            *(MoneyRow(name=text, amount=Decimal(-1), note=text) for text in texts),
        ),
        stops=(
            StopRow(
                symbol="BNBUSDT",
                side="short",
                expected=Decimal("38.93"),
                real=Decimal("52.52"),
                closed=True,
                difference=Decimal("13.59"),
                explanation=("slippage of 0.68 %", *texts),
            ),
            StopRow(
                symbol="DOTUSDT",
                side="long",
                expected=None,
                real=Decimal("-5.72"),
                closed=False,
                difference=None,
                explanation=("there was no stop",),
            ),
        ),
    )


def position() -> PositionRow:
    """A position with a stop."""
    return PositionRow(
        symbol="BNBUSDT",
        side="short",
        quantity=Decimal("2.170"),
        notional=Decimal("1966.726"),
        entry=Decimal("896.80"),
        mark=Decimal("906.32534562"),
        unrealized=Decimal("-20.67"),
        stop=Decimal("914.74"),
        coverage=Decimal(1),
        loss_at_stop=Decimal("38.93"),
        protection="covered",
    )


def naked() -> PositionRow:
    """A position without a stop."""
    return replace(
        position(),
        symbol="DOTUSDT",
        side="long",
        stop=None,
        coverage=Decimal(0),
        loss_at_stop=None,
        protection="no stop",
    )


def order(number: int, outcome: str, intent: str) -> OrderRow:
    """An order that ended."""
    return OrderRow(
        time=SINCE + 40 + 10 * number,
        symbol="BTCUSDT",
        direction="BUY" if intent == "open" else "SELL",
        type="MARKET",
        quantity="0.68",
        intent=intent,
        outcome=outcome,
        told_by="stream",
    )


def refused(found: OrderRow) -> OrderRow:
    """The same order, refused."""
    return replace(
        found, reason="margin is insufficient", code=-2019, message="Margin is insufficient.", told_by="report"
    )


def findings(account: str, texts: Sequence[str] = ()) -> tuple[Finding, ...]:
    """One that is established, one that cannot be known, and one for each text."""
    ground = Evidence(text="No order closed DOTUSDT but a take-profit.", source=SourceName.STATE, time=SINCE + 30)
    return (
        Finding(
            rule="no-stop",
            sentence=f"DOTUSDT of {account} had no stop; its only closing order was a take-profit.",
            evidence=(ground, Evidence(text="stop_grace is 30 s.", source=SourceName.CONFIGURATION)),
            severity=Severity.CRITICAL,
            symbol="DOTUSDT",
        ),
        Finding(
            rule="delivery",
            sentence="Whether anybody was told cannot be known.",
            evidence=(Evidence(text="Alertmanager keeps no history.", source=SourceName.PROMETHEUS),),
            certainty=Certainty.UNKNOWN,
        ),
        *(
            Finding(rule="refused", sentence=text, evidence=(Evidence(text=text, source=SourceName.STATE),))
            for text in texts
        ),
    )


def counterfactuals() -> tuple[Counterfactual, ...]:
    """One that came and one that did not."""
    return (
        Counterfactual(
            name="MirrorDrift",
            at=SINCE + 52,
            equity=Decimal("49950.1"),
            saved=Decimal("5262.5"),
            sentence="MirrorDrift fired 12 s after the first fill.",
            source=SourceName.PROMETHEUS,
        ),
        Counterfactual(
            name="LiquidationNear",
            at=None,
            equity=None,
            saved=None,
            sentence="LiquidationNear did not fire.",
            source=SourceName.PROMETHEUS,
        ),
    )
