"""Findings that neither incident has, each from material made by hand: what makes one, and what makes none."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import accumulate

import pytest

from plimsoll.database.closing import ClosingOrder
from plimsoll.model.flows import Flow, FlowSource
from plimsoll.report.build import build
from plimsoll.report.material import Curve, Material, Settings
from plimsoll.report.model import Certainty, Finding, MoneyRow, Period, Report, Severity, Source, SourceName

SINCE = 1_795_176_000.0
"""12:00:00 UTC."""

STEP = 2
LONG = {"symbol": "BTCUSDT", "side": "long"}
UP, EQUITY = "binance_account_up", "binance_account_equity_usd"
CALLS, FORCED = "binance_margin_calls_total", "binance_forced_closes_total"
STOP = ClosingOrder(
    symbol="BTCUSDT",
    book="algo",
    order_id=7,
    client_id="stop-7",
    direction="SELL",
    position_side="both",
    type="STOP_MARKET",
    purpose="stop",
    quantity="0.5",
    close_position=False,
    price="",
    trigger="90000",
    watches="mark",
    since=SINCE - 60,
)


def curve(name: str, *runs: tuple[int, str | None], **labels: str) -> Curve:
    """A curve with a point every 2 s: for so many seconds this value, then the next; ``None`` is a gap."""
    values = [value for seconds, value in runs for _ in range(0, seconds, STEP)]
    points = tuple((SINCE + STEP * n, None if value is None else Decimal(value)) for n, value in enumerate(values))
    return Curve(name=name, labels=labels, points=points)


def material(*curves: Curve, missing: SourceName | None = None) -> Material:
    """Ten minutes of the account ``eon``, whose equity does not move and which can be read unless a curve says so."""
    here = {one.name for one in curves}
    usual = (curve(UP, (600, "1")), curve(EQUITY, (600, "50000")))
    sources = (SourceName.STATE, SourceName.JOURNAL, SourceName.PROMETHEUS)
    whole = Material(
        account="eon",
        period=Period(since=SINCE, until=SINCE + 600, zone="UTC"),
        made_at=SINCE + 660,
        version="0.1.0",
        settings=Settings(names=("eon",)),
        sources=tuple(Source(name=name, present=name is not missing, detail="gone") for name in sources),
        curves=(*curves, *(one for one in usual if one.name not in here)),
    )
    return replace(whole, curves=()) if missing is SourceName.PROMETHEUS else whole


def found(report: Report, rule: str) -> list[Finding]:
    """The findings of a rule."""
    return [one for one in report.findings if one.rule == rule]


def only(report: Report, rule: str) -> Finding:
    """The one finding of a rule."""
    [finding] = found(report, rule)
    assert finding.evidence
    assert rule in {one.rule for one in report.remedies}
    return finding


def held(*coverage: tuple[int, str | None]) -> tuple[Curve, Curve]:
    """A long position as long as its coverage is told here, and that coverage."""
    seconds = list(accumulate(seconds for seconds, _ in coverage))[-1]
    return (
        curve("binance_position_quantity", (seconds, "0.5"), **LONG),
        curve("binance_position_stop_coverage_ratio", *coverage, **LONG),
    )


def test_a_margin_call_is_told_with_its_time():
    """The counter grew: how often, since when, and that holding less is what must be changed."""
    report = build(material(curve(CALLS, (200, "3"), (200, "4"), (200, "5"))))
    finding = only(report, "margin-call")
    assert finding.sentence == "The exchange sent 2 margin calls."
    assert finding.severity is Severity.CRITICAL
    assert [one.time for one in finding.evidence] == [SINCE + 200]
    assert "the exchange warned that it would close positions by itself" in report.summary.what


@pytest.mark.parametrize("kind", ["liquidation", "adl", "settlement"])
def test_what_the_exchange_closed_is_told_by_its_kind(kind: str):
    """Only the kind that grew, and the summary says who closed."""
    kinds = ("liquidation", "adl", "settlement")
    grown = [curve(FORCED, (300, "1"), (300, "2" if one == kind else "1"), kind=one) for one in kinds]
    report = build(material(*grown))
    said = {"liquidation": "liquidated", "adl": "deleveraged by force", "settlement": "settled"}[kind]
    assert only(report, "forced-close").sentence == f"The exchange itself closed something: 1 order, {said}."
    assert report.summary.what_ended_it == "The exchange itself closed positions."


def test_counters_that_stand_tell_nothing():
    """What was counted before the period, and kept over a gap, is not of this period."""
    gap: tuple[tuple[int, str | None], ...] = ((200, "4"), (100, None), (300, "4"))
    report = build(material(curve(CALLS, *gap), curve(FORCED, *gap, kind="liquidation")))
    assert report.findings == ()
    assert report.summary.what == "Nothing out of the ordinary is on record for the trading account eon."


def test_what_grew_while_nobody_looked_is_told():
    """A margin call in a gap is found when the counter is seen again."""
    finding = only(build(material(curve(CALLS, (200, "4"), (100, None), (300, "5")))), "margin-call")
    assert [one.time for one in finding.evidence] == [SINCE + 300]


@pytest.mark.parametrize("rule", ["margin-call", "forced-close", "stop-lost", "blind"])
def test_without_prometheus_nothing_of_it_is_claimed(rule: str):
    """Neither that it was so nor that it was not."""
    report = build(material(missing=SourceName.PROMETHEUS))
    assert found(report, rule) == []
    assert report.summary.what.endswith("cannot be known from what is left of it.")


def test_blindness_is_told_with_how_long_and_how_often():
    """Times in which the account was not live, of ten seconds or more; shorter ones are what a reconnect takes."""
    report = build(material(curve(UP, (100, "1"), (40, "0"), (100, "1"), (8, "0"), (100, "1"), (20, "0"), (232, "1"))))
    finding = only(report, "blind")
    assert finding.sentence.startswith("For 60 seconds in 2 interruptions the account could not be read: ")
    assert [one.time for one in finding.evidence] == [SINCE + 100, SINCE + 348]
    assert finding.certainty is Certainty.UNKNOWN
    assert report.summary.what == (
        "In the trading account eon this went wrong: for a part of the time nobody could see what the account held."
    )


def test_a_reconnect_and_an_exporter_that_is_down_are_no_blindness():
    """Eight seconds are none; where there is no series nobody says that the account could not be read."""
    report = build(material(curve(UP, (100, "1"), (8, "0"), (92, "1"), (200, None), (200, "1"))))
    assert report.findings == ()


@pytest.mark.parametrize(
    ("outcome", "how"),
    [("cancelled", "was cancelled"), ("expired", "expired"), ("gone", "disappeared"), ("filled", "was used up")],
)
def test_a_stop_that_ended_and_was_not_replaced_is_told(outcome: str, how: str):
    """How and when it ended, and for how long the position had none."""
    lost = replace(STOP, ended=SINCE + 99, outcome=outcome)
    report = build(replace(material(*held((100, "1"), (500, "0"))), closing=(lost,)))
    finding = only(report, "stop-lost")
    assert finding.sentence == (
        f"BTCUSDT's stop {how} at 12:01:39 UTC and was not replaced: the position had none for 8 minutes 18 seconds."
    )
    assert [one.source for one in finding.evidence] == [SourceName.STATE, SourceName.PROMETHEUS]
    assert found(report, "no-stop") == []


def test_a_stop_that_was_replaced_after_the_grace_was_replaced_too_late():
    """The report says that it came back, and how long there was none."""
    lost = replace(STOP, ended=SINCE + 99, outcome="cancelled")
    again = replace(STOP, order_id=8, client_id="stop-8", since=SINCE + 159)
    whole = replace(material(*held((100, "1"), (60, "0"), (440, "1"))), closing=(lost, again))
    assert only(build(whole), "stop-lost").sentence == (
        "BTCUSDT's stop was cancelled at 12:01:39 UTC and was replaced too late: the position had none for 60 seconds."
    )


def test_a_stop_that_was_replaced_within_the_grace_was_not_lost():
    """Moving a stop by cancelling it first is what bots do all day."""
    lost = replace(STOP, ended=SINCE + 99, outcome="cancelled")
    again = replace(STOP, order_id=8, client_id="stop-8", since=SINCE + 119)
    assert build(replace(material(*held((100, "1"), (20, "0"), (480, "1"))), closing=(lost, again))).findings == ()


def test_a_stop_that_ended_with_its_position_was_not_lost():
    """Nothing is held any more that it could protect."""
    ended = replace(STOP, ended=SINCE + 101, outcome="cancelled")
    quantity = curve("binance_position_quantity", (100, "0.5"), (500, None), **LONG)
    coverage = curve("binance_position_stop_coverage_ratio", (100, "1"), (500, None), **LONG)
    assert build(replace(material(quantity, coverage), closing=(ended,))).findings == ()


def test_without_the_state_database_a_lost_stop_is_no_stop_that_never_was():
    """Coverage tells that there was one; how it ended is not guessed."""
    report = build(material(*held((100, "1"), (500, "0")), missing=SourceName.STATE))
    finding = only(report, "stop-lost")
    assert finding.sentence == (
        "BTCUSDT's stop was gone by 12:01:40 UTC, how cannot be known, and was not replaced: the position had none "
        "for 8 minutes 18 seconds."
    )
    assert found(report, "no-stop") == []


def test_a_position_that_got_its_stop_late_had_none_for_so_long():
    """That it had none at all would be false; the stop that came in the end hides nothing."""
    for placed in (SINCE + 59, SINCE + 61):
        whole = replace(material(*held((60, "0"), (540, "1"))), closing=(replace(STOP, since=placed),))
        assert only(build(whole), "no-stop").sentence.startswith("BTCUSDT had no stop for 60 seconds; ")


def flow(usd: int) -> Flow:
    """Money that came (positive) or left five minutes after the beginning."""
    return Flow(
        asset="USDT",
        amount=Decimal(usd),
        usd=Decimal(usd),
        time_ms=int(SINCE * 1000) + 300_000,
        kind="TRANSFER",
        source=FlowSource.INCOME,
        booked_at=SINCE + 300,
    )


@pytest.mark.parametrize(
    ("usd", "end", "said"),
    [
        (8000, 60_000, "a gain of 10,000.00 USD (20 %), of which 8,000.00 USD were paid in."),
        (12_000, 60_000, "a gain of 10,000.00 USD (20 %), while 12,000.00 USD were paid in."),
        (1000, 45_000, "a loss of 5,000.00 USD (10 %), while 1,000.00 USD were paid in."),
        (-4000, 45_000, "a loss of 5,000.00 USD (10 %), of which 4,000.00 USD were taken out."),
        (-4000, 60_000, "a gain of 10,000.00 USD (20 %), while 4,000.00 USD were taken out."),
        (0, 45_000, "a loss of 5,000.00 USD (10 %)."),
    ],
)
def test_money_that_came_or_left_is_neither_won_nor_lost(usd: int, end: int, said: str):
    """It is a part of the change where it is one, beside it where it is not, and in the timeline and the table."""
    way = {"direction": "in" if usd > 0 else "out"}
    counter = curve("binance_account_external_flow_usd_total", (300, "0"), (300, str(abs(usd))), **way)
    whole = material(curve(EQUITY, (300, "50000"), (300, str(end))), counter)
    report = build(replace(whole, flows=(flow(usd),) if usd else ()))
    assert report.summary.how_much.endswith(said)
    assert row(report, "deposits and withdrawals").amount == usd
    told = [one.text for one in report.timeline if "no profit and no loss" in one.text]
    way_said = "came in" if usd > 0 else "left"
    assert told == ([f"{abs(usd):,}.00 USD {way_said} (TRANSFER); no profit and no loss."] if usd else [])


def test_a_withdrawal_is_no_loss_at_the_worst_moment():
    """Where money moved the lowest equity is said, not that the difference was lost."""
    whole = material(curve(EQUITY, (300, "50000"), (100, "40000"), (200, "49000")))
    assert build(whole).summary.how_much.endswith("; at the worst moment 10,000.00 USD were lost.")
    said = build(replace(whole, flows=(flow(-9000),))).summary.how_much
    assert said.endswith("while 9,000.00 USD were taken out; at the worst moment it was worth 40,000.00 USD.")


def test_without_their_counter_flows_are_unknown():
    """They are not taken for nothing."""
    assert row(build(material()), "deposits and withdrawals").amount is None


def row(report: Report, name: str) -> MoneyRow:
    """A row of the table of money."""
    return next(one for one in report.tables.money if one.name == name)
