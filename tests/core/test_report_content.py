"""Summary, tables, timeline, pictures and what would have changed it, for the two incidents as they were recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum

import pytest

from plimsoll.report.build import build
from plimsoll.report.masking import masked
from plimsoll.report.model import EntryKind, PictureKind, Role, SourceName
from plimsoll.report.pictures import MarkerKind
from report_recordings import recorded
from report_scenes import NAMES


def cents(amount: Decimal | None) -> str:
    """An amount as people read it."""
    return "" if amount is None else f"{amount:.2f}"


def timeless(text: str) -> str:
    """A text without times of day and dates."""
    return re.sub(r"\d+ [A-Z][a-z]+ \d{4}, T", "DAY, T", re.sub(r"\d\d:\d\d:\d\d", "T", text))


def test_october_in_five_sentences():
    """What, when, how much, what ended it, what is open: for somebody who knows nothing of trading."""
    armed = build(recorded("october-armed")).summary
    assert timeless(armed.what) == (
        "In the trading account eon this went wrong: the program that copies trades into the account made it hold "
        "8 times as much as it should at first; 9 orders of that program, some of which were to end the loss, were "
        "refused for lack of money; it logged this itself and did not act on it; it lost more than its limit tmad "
        "allows, 10 % of 50,000.00 USD; no stop order at the exchange limited the loss on BTCUSDT and ETHUSDT."
    )
    assert timeless(armed.when) == "It began at DAY, T UTC, and was at its worst at T UTC."
    assert armed.how_much == (
        "The account was worth 50,000.00 USD at first and 44,796.78 USD at the end, a loss of 5,203.22 USD (10.41 %)."
    )
    assert timeless(armed.what_ended_it) == (
        "It ended at T UTC when the automatic emergency close stepped in, and everything was closed within less than "
        "a second."
    )
    assert armed.what_is_open == (
        "At the end nothing was open, and the account is locked: whatever is opened is closed again."
    )
    dry = build(recorded("october-dry-run")).summary
    assert dry.how_much.endswith("at the end, a loss of 7,777.97 USD (15.56 %).")
    assert dry.what_ended_it.startswith("Nothing ended it: the automatic emergency close was only set to rehearse")
    assert "BTCUSDT (bet on rising, 164,900.00 USD)" in dry.what_is_open
    assert dry.what_is_open.endswith("no stop order at the exchange limits the loss on BTCUSDT and ETHUSDT.")
    assert timeless(build(recorded("november")).summary.when) == (
        "It was already so when the record begins, at DAY, T UTC; the report ends at T UTC."
    )


def test_october_tells_executed_and_rejected_orders_apart():
    """Three entries filled, nine orders were refused; armed, the enforcer closed both positions."""
    for name, closes in (("october-dry-run", 0), ("october-armed", 2)):
        tables = build(recorded(name)).tables
        assert len(tables.rejected) == 9
        assert [row.intent for row in tables.executed].count("open") == 3
        assert [row.intent for row in tables.executed].count("close") == closes
        assert {row.reason for row in tables.rejected} == {"for lack of margin"}
        assert tables.orders_note == ""


def test_money_adds_up_to_the_change_of_equity():
    """Every recording: the parts are the whole, and nothing is left unexplained."""
    for name in NAMES:
        rows = {row.name: row.amount for row in build(recorded(name)).tables.money}
        assert "not explained" not in rows, name
        change = rows.pop("change of equity")
        assert cents(sum((amount or Decimal(0) for amount in rows.values()), Decimal(0))) == cents(change)


def test_november_expected_and_real_losses():
    """The stop that slipped cost more than planned, the open ones less, and DOT had none at all."""
    rows = {row.symbol: row for row in build(recorded("november-gap")).tables.stops}
    bnb, btc, dot = rows["BNBUSDT"], rows["BTCUSDT"], rows["DOTUSDT"]
    assert [cents(one) for one in (bnb.expected, bnb.real, bnb.difference)] == ["38.93", "52.51", "13.58"]
    assert bnb.closed
    assert bnb.explanation == ("slippage: filled at 921.00 instead of 914.74 (0.68 %), 13.58 USD",)
    assert [cents(btc.expected), cents(btc.real)] == ["23.79", "11.79"]
    assert not btc.closed
    assert dot.expected is None
    assert dot.explanation == (
        (
            "missing stop: no order at the exchange would have ended a loss; even at its worst it stood at a profit of "
            "5.72 USD"
        ),
    )
    (doubled,) = (row for row in build(recorded("november-partial")).tables.stops if row.symbol == "BNBUSDT")
    assert "size above plan: 4.34 instead of 2.17, and the stop stayed as it was" in doubled.explanation


def test_november_positions_at_three_moments():
    """Four at the start, one of them without stop; after the gap three."""
    start, worst, end = build(recorded("november-gap")).tables.positions
    assert [(row.symbol, row.protection) for row in start.rows or ()] == [
        ("DOTUSDT", "no stop"),
        ("BNBUSDT", "covered"),
        ("BTCUSDT", "covered"),
        ("SOLUSDT", "covered"),
    ]
    assert (cents(start.equity), cents(worst.equity), len(end.rows or ())) == ("4971.34", "4938.50", 3)


def test_october_timeline_is_one_story():
    """Entries, limits, alerts, refusals, the run step by step and its close, in one order, each with its source."""
    lines = build(recorded("october-armed")).timeline
    assert [line.time for line in lines] == sorted(line.time for line in lines)
    kinds = (EntryKind.ENTRY, EntryKind.LIMIT, EntryKind.REJECTION, EntryKind.ENFORCEMENT, EntryKind.EXIT)
    first = [next(number for number, line in enumerate(lines) if line.kind is kind) for kind in kinds]
    assert first == sorted(first)
    said = [line.text for line in lines]
    assert sum(line.kind is EntryKind.REJECTION for line in lines) == 9
    assert any("answered: BTCUSDT: filled" in text for text in said)
    assert any(line.kind is EntryKind.DELIVERY and "telegram" in line.text for line in lines)
    assert {SourceName.STATE, SourceName.JOURNAL, SourceName.PROMETHEUS} == {line.source for line in lines}
    fired = [line for line in lines if line.text.startswith("DrawdownLimitBreached")]
    assert [line.text for line in fired] == ["DrawdownLimitBreached (tmad) fires: the loss has reached its limit."]


def test_november_timeline_tells_the_stop_that_filled():
    """With its slippage; and that DOT was without any."""
    said = [line.text for line in build(recorded("november-gap")).timeline]
    filled = "Stop filled: STOP_MARKET BUY 2.17 BNBUSDT, trigger 914.74 (mark price), at 921.00"
    assert f"{filled}, 0.68 % worse than its trigger." in said
    assert "DOTUSDT (long) is without a stop." in said


def test_what_would_have_changed_it():
    """Each critical alert at its first firing, with what equity was then; the first of them comes first."""
    told = build(recorded("october-dry-run")).counterfactuals
    assert {one.name for one in told[:2]} == {"AccountLeverageAboveLimit", "SymbolLeverageAboveLimit (BTCUSDT)"}
    assert [one.at for one in told] == sorted(one.at or 0 for one in told)
    assert cents(told[0].equity) == "49914.80"
    assert cents(told[0].saved) == "7692.77"
    (breach,) = (one for one in told if one.name == "DrawdownLimitBreached (tmad)")
    assert breach.equity is not None
    assert breach.equity < 45_000
    near = [one for one in told if one.name.startswith("DrawdownNearLimit")]
    assert [one.name for one in near] == ["DrawdownNearLimit (tmad, warning)", "DrawdownNearLimit (tmad, critical)"]
    lines = [line for line in build(recorded("october-dry-run")).timeline if line.text.startswith("DrawdownNearLimit")]
    assert [(line.text.split(" fires")[0], line.time) for line in lines] == [(one.name, one.at) for one in near]


def test_an_alert_about_a_position_that_lost_nothing_saves_nothing():
    """DOTUSDT's alert could not have saved what BNBUSDT lost."""
    (told,) = build(recorded("november-gap")).counterfactuals
    assert told.saved is None
    assert told.sentence.endswith("it warned of what might have been lost; DOTUSDT has lost nothing since.")


def test_positions_at_the_worst_moment_are_the_last_before_everything_was_closed():
    """The close's own costs made equity lowest when nothing was held any more."""
    worst = build(recorded("october-armed")).tables.positions[1]
    assert [row.symbol for row in worst.rows or ()] == ["BTCUSDT", "ETHUSDT"]
    assert "when everything had been closed" in worst.note
    assert build(recorded("october-dry-run")).tables.positions[1].note == ""


def test_pictures_say_what_the_eye_may_miss():
    """A peak between two ends, lines that hide one another, an axis that does not begin at 0, margin that ran out."""
    said = {picture.title: picture.said for picture in build(recorded("october-dry-run")).pictures.pictures}
    btc = said["BTCUSDT: held and asked for by the mirror"]
    assert "Asked for by the mirror: from 0.125 to 0, highest 0.625 at" in btc
    assert said["Exposure"].endswith("Gross exposure and of it without stop are the same line.")
    assert said["BTCUSDT (long)"].endswith("The axis does not begin at 0.")
    assert "lowest 2.36 %" in said["Available margin, share of equity"]
    assert "Limit: 2.00 times equity throughout." in said["Leverage of ETHUSDT"]


def test_what_is_configured_is_said():
    """Limits, the mirror's scale, and whether the enforcer may close anything."""
    rows = {row.name: row.value for row in build(recorded("october-dry-run")).tables.settings}
    assert rows["enforcer"] == "dry run: rehearses, closes nothing"
    assert rows["drawdown limit tmad"] == "10 % below the reference (high-water); on breach: flatten"
    assert rows["mirror of source"] == "scale 0.125, tolerance 5 %, grace 10 seconds"


def test_who_closed_is_named_and_a_rehearsal_is_called_one():
    """The journal proves which of our programs sent an order."""
    armed, dry = (build(recorded(name)) for name in ("october-armed", "october-dry-run"))
    assert all("closed by the enforcer" in row.explanation for row in armed.tables.stops)
    assert any(line.text.startswith("The enforcer sold 2.000 BTCUSDT") for line in armed.timeline)
    (ran,) = (line.text for line in dry.timeline if line.text.startswith("EnforcementRan"))
    assert ran.endswith("the enforcer has rehearsed, in dry run, and closed nothing.")


def test_october_pictures():
    """All five groups; what was expected of the mirror is another line than what was held; refusals are marked."""
    pictures = build(recorded("october-armed")).pictures
    assert all(pictures.of(kind) for kind in PictureKind)
    assert all(picture.alternative and picture.series for picture in pictures.pictures)
    (btc,) = (one for one in pictures.of(PictureKind.MIRROR) if one.symbol == "BTCUSDT")
    assert {series.role for series in btc.series} == {Role.MEASURED, Role.EXPECTED}
    (marks,) = (one for one in pictures.of(PictureKind.MARKS) if one.symbol == "BTCUSDT")
    kinds = [marker.kind for marker in marks.markers]
    assert kinds.count(MarkerKind.ENTRY) == 2
    assert kinds.count(MarkerKind.REJECTED) == 4
    assert kinds.count(MarkerKind.ENFORCED) == 1
    assert all(marker.value is not None for marker in marks.markers if marker.kind is not MarkerKind.REJECTED)


def texts(value: object) -> Iterator[str]:
    """Every text of a report."""
    if isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif isinstance(value, tuple):
        yield from (text for one in value for text in texts(one))
    elif is_dataclass(value):
        yield from (text for one in fields(value) for text in texts(getattr(value, one.name)))


@pytest.mark.parametrize("name", ["october-armed", "november"])
def test_masking_hides_every_name_and_nothing_else(name: str):
    """The same name becomes the same words in every text; symbols, rules and figures stay."""
    material = recorded(name)
    report = build(replace(material, audit=()))
    hidden = masked(report, material.settings.names)
    for one in material.settings.names:
        assert not [text for text in texts(hidden) if re.search(rf"\b{one}\b", text, re.IGNORECASE)]
    assert hidden.account == "account-A"
    assert [finding.rule for finding in hidden.findings] == [finding.rule for finding in report.findings]
    assert hidden.tables.money == report.tables.money
    assert [picture.series for picture in hidden.pictures.pictures] == [one.series for one in report.pictures.pictures]
    assert masked(hidden, ["account-A"]).account == "account-A"


def test_masking_finds_names_in_what_people_wrote():
    """In any case of letters and next to punctuation, but not inside other words."""
    report = build(recorded("november"))
    said = replace(report.summary, what="Live's desk (LIVE) delivered to live-2, eon.")
    hidden = masked(replace(report, summary=said), ["live", "eon", "live-2"])
    assert hidden.summary.what == "account-A's desk (account-A) delivered to account-C, account-B."


def test_nothing_secret_is_in_a_report():
    """What a bot, a log or a person wrote may hold a key or a signature: a report has stars in its place."""
    material = recorded("october-armed")
    leak = "POST /fapi/v1/order?symbol=BTCUSDT&signature=c0ffee77: X-MBX-APIKEY: made-up-key-77"
    orders = tuple(replace(order, message=leak) for order in material.orders)
    lock = replace(material.lockouts[0], released=material.period.until - 1, released_by="ann", released_why=leak)
    said = list(texts(build(replace(material, orders=orders, lockouts=(lock,)))))
    assert sum("signature=***" in text for text in said) > 10
    assert not [text for text in said if "c0ffee77" in text or "made-up-key-77" in text]
