"""What reports find out about the two incidents, sentence by sentence: nothing missing, nothing false.

The material is what runs of the real programs left (``tests/support/report_scenes.py`` makes it anew).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from plimsoll.report.build import build
from plimsoll.report.material import Material
from plimsoll.report.model import Certainty, Finding, SourceName
from report_recordings import recorded
from report_scenes import NAMES

ROOT = Path(__file__).resolve().parents[2]

DOT = "DOTUSDT had no stop; its only closing order was a take-profit."
ALL = "No stop failed: price never reached BNBUSDT's, BTCUSDT's or SOLUSDT's trigger."
OTHERS = "Price never reached BNBUSDT's or SOLUSDT's trigger."

MARGIN = (
    "From T UTC {} less than 10 % of the equity was free as margin (at the lowest {} %); an order is refused at any "
    "time when its own margin is more than what is free (9 orders before)."
)
REFUSED = "7 entries and 2 closes were refused for lack of margin"
UNNOTICED = f"{REFUSED} while the mirror believed them filled: each is an order of its own, and none was sent again."
APART = (
    "From T UTC on the copied account (source) held nothing of BTCUSDT and ETHUSDT any more, and the account still did"
)

OCTOBER = {
    (
        "The account's exposure was 8 times what the mirror's scale asks for; later, after more had been asked for and "
        "refused, 3.2 times for BTCUSDT and 2.7 times for ETHUSDT."
    ),
    UNNOTICED,
    "BTCUSDT had no stop; no other order would have closed it either.",
    "ETHUSDT had no stop; no other order would have closed it either.",
    "By T UTC equity had fallen below its floor of 45,000.00 USD: the drawdown limit tmad (10 %) was breached.",
}

FOUND = {
    "october-dry-run": {
        *OCTOBER,
        "The account held 5.9 times its equity; its limit is 3.",
        "BTCUSDT alone was 3.9 times the equity; its limit is 2.",
        f"{APART}.",
        MARGIN.format("on", "2.36"),
        "The enforcer answered at T UTC in dry run and closed nothing; it would have closed BTCUSDT and ETHUSDT.",
    },
    "october-armed": {
        *OCTOBER,
        "The account held 5.5 times its equity; its limit is 3.",
        "BTCUSDT alone was 3.7 times the equity; its limit is 2.",
        f"{APART}, until T UTC.",
        MARGIN.format("until T UTC", "7.58"),
        "The enforcer closed everything within less than a second from T UTC on; equity was then 44,796.78 USD.",
    },
    "november": {DOT, ALL},
    "november-overrun-mark": {
        DOT,
        (
            "The mark price of BTCUSDT passed its stop's trigger 93,339.10 and nothing triggered: the stop "
            "watches the last price, not the mark price by which the exchange liquidates."
        ),
        OTHERS,
    },
    "november-overrun-watched": {
        DOT,
        (
            "The price that BTCUSDT's stop watches passed its trigger 93,339.10 and the order went on "
            "working: the exchange should have triggered it."
        ),
        OTHERS,
    },
    "november-gap": {
        DOT,
        (
            "BNBUSDT's stop at 914.74 filled at 921.00, 0.68 % worse than its trigger, which cost 13.58 USD more than "
            "planned."
        ),
        (
            "No stop failed: price never reached BTCUSDT's or SOLUSDT's trigger, and BNBUSDT's filled, 0.68 % worse "
            "than its trigger."
        ),
    },
    "november-rejected": {
        DOT,
        (
            "BNBUSDT's stop triggered at T UTC and the exchange rejected it (Margin is insufficient): from "
            "then on nothing protected the position."
        ),
        "Price never reached BTCUSDT's or SOLUSDT's trigger.",
    },
    "november-partial": {
        DOT,
        (
            "BNBUSDT's stop covered only 50 % of the position: a further entry made it 4.34 instead of 2.17 "
            "and the stop kept its quantity."
        ),
        ALL,
    },
    "november-plain-stop": {DOT, ALL},
    "november-source-down": {
        DOT.replace(".", " (known until T UTC)."),
        (
            "From T UTC on, for a while, nobody can say what was protected: the list of conditional orders "
            "could not be read."
        ),
        ALL.replace("trigger.", "trigger (known until T UTC)."),
    },
}
"""All that is found out, by recording; times of day and how long a list could not be read aside."""


def said(findings: tuple[Finding, ...]) -> list[str]:
    """The sentences without what differs from run to run."""
    texts = (re.sub(r"\d\d:\d\d:\d\d", "T", finding.sentence) for finding in findings)
    return sorted(re.sub(r"for [\d.]+ (seconds|minutes)( \d+ seconds?)?", "for a while", text) for text in texts)


def without(material: Material, *names: SourceName) -> Material:
    """The same material as if these sources had been missing."""
    parts: dict[SourceName, Callable[[Material], Material]] = {
        SourceName.PROMETHEUS: lambda one: replace(one, curves=(), alerts=()),
        SourceName.STATE: lambda one: replace(one, orders=(), closing=(), flows=(), audit=()),
        SourceName.JOURNAL: lambda one: replace(one, runs=(), lockouts=()),
    }
    for name in names:
        material = parts[name](material)
    sources = tuple(replace(one, present=one.name not in names, detail="gone") for one in material.sources)
    return replace(material, sources=sources)


@pytest.mark.parametrize("name", NAMES)
def test_a_report_states_what_happened_and_nothing_else(name: str):
    """Each incident and each variant: exactly these findings, each with evidence, oldest first."""
    report = build(recorded(name))
    assert said(report.findings) == sorted(FOUND[name])
    for finding in report.findings:
        assert finding.evidence
        assert all(one.source is not None and one.text for one in finding.evidence)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("missing", [SourceName.PROMETHEUS, SourceName.STATE, SourceName.JOURNAL])
def test_what_a_missing_source_would_tell_is_neither_claimed_nor_denied(name: str, missing: SourceName):
    """Every finding without it was one with it, tells what is left of one, or says that it cannot be known."""
    whole = recorded(name)
    report = build(without(whole, missing))
    known = {finding.rule for finding in build(whole).findings}
    left = {"orders-refused", "stop-lost"}  # of mirror-refused and stop-rejected, without what tells more
    for finding in report.findings:
        assert finding.certainty is Certainty.UNKNOWN or finding.rule in known | left, finding
        assert finding.certainty is Certainty.UNKNOWN or all(one.source is not missing for one in finding.evidence)
    if missing is SourceName.PROMETHEUS:
        rules = {finding.rule for finding in report.findings if finding.certainty is Certainty.UNKNOWN}
        assert "stops-unknown" in rules
        assert ("drawdown-breached" in rules) is name.startswith("october")


def test_without_the_state_database_other_orders_are_unknown():
    """A position without stop is still one; what else was to close it cannot be said, nor who was refused."""
    found = said(build(without(recorded("november"), SourceName.STATE)).findings)
    assert "DOTUSDT had no stop; what other orders were to close it cannot be known." in found
    found = said(build(without(recorded("october-dry-run"), SourceName.STATE)).findings)
    assert "7 entries and 2 closes were refused for lack of margin; which ones cannot be known." in found


def test_without_the_journal_a_breach_has_an_unknown_end():
    """Whether anybody closed anything is not guessed."""
    found = said(build(without(recorded("october-dry-run"), SourceName.JOURNAL)).findings)
    assert "Whether the enforcer did anything after the breach of tmad cannot be known." in found
    assert not any("closed nothing" in one for one in found)


def test_without_any_source_a_report_still_comes():
    """It says what cannot be known and claims nothing."""
    report = build(without(recorded("october-armed"), SourceName.PROMETHEUS, SourceName.STATE, SourceName.JOURNAL))
    assert {finding.certainty for finding in report.findings} == {Certainty.UNKNOWN}
    assert report.summary.what == "What happened in the trading account eon cannot be known from what is left of it."
    assert "cannot be known" in report.summary.how_much
    assert report.pictures.missing
    assert report.timeline == ()


def test_a_breach_that_nobody_answers_is_told():
    """With a journal without a run the enforcer did nothing, and its mode says why."""
    material = replace(recorded("october-dry-run"), runs=())
    assert "No run of the enforcer followed the breach of tmad: it was dry-run." in said(build(material).findings)


def test_a_stop_that_filled_just_before_its_position_was_first_seen_is_no_stop_that_was_not_reached():
    """Prometheus shows a position up to a scrape late: what closed it may have happened before that."""
    whole = recorded("november-gap")
    seen = min(curve.points[0][0] for curve in whole.curves if curve.name == "binance_position_quantity")
    early = tuple(replace(one, ended=seen - 1) if one.outcome == "filled" else one for one in whole.closing)
    assert said(build(replace(whole, closing=early)).findings) == sorted(FOUND["november-gap"])


def test_refused_orders_that_were_sent_again_are_told_without_a_word_of_the_mirror():
    """Something smaller makes up for nothing; the whole quantity does, and what was refused is told all the same."""
    whole = recorded("october-dry-run")
    first = next(order for order in whole.orders if order.outcome == "rejected")
    for quantity, sentence in (("0.1", UNNOTICED), ("1.000", f"{REFUSED}.")):
        again = replace(first, time=first.time + 1, outcome="filled", quantity=quantity, reason="", client_id="m")
        found = said(build(replace(whole, orders=(*whole.orders, again))).findings)
        assert [one for one in found if one.startswith(REFUSED)] == [sentence]


@pytest.mark.parametrize(
    ("outcome", "age", "expected"),
    [
        ("running", 5, "was at it when this report ends."),
        ("running", 60, "has not ended: 500.00 USD were left open."),
        ("not_flat", 60, "ended before everything was closed: 500.00 USD were left open."),
    ],
)
def test_a_run_that_is_not_flat_is_told_as_what_it_is(outcome: str, age: float, expected: str):
    """Still at it, late, or given up."""
    whole = recorded("october-armed")
    run = replace(
        whole.runs[0],
        outcome=outcome,
        seconds_to_flat=None,
        residual=Decimal(500),
        began=whole.period.until - age,
    )
    found = said(build(replace(whole, runs=(run,))).findings)
    assert f"The enforcer began to close everything at T UTC and {expected}" in found


def grounds(name: str, rule: str) -> list[str]:
    """What the findings of a rule stand on, in one recording."""
    found = [finding for finding in build(recorded(name)).findings if finding.rule == rule]
    return [one.text for finding in found for one in finding.evidence]


def test_what_is_not_recorded_is_not_claimed():
    """No recorded price reached the stop that filled; whether a refused close was reduce-only nobody recorded."""
    way = (
        "BNBUSDT: no recorded mark price reached the trigger (highest 906.32534562, a point every 2 s); how price "
        "moved in between is not recorded"
    )
    assert way in grounds("november-gap", "stop-slipped")
    closes = [text for text in grounds("october-armed", "mirror-refused") if "close" in text]
    assert len(closes) == 2
    assert closes[0] == (
        "SELL 5.000 BTCUSDT, close, order mirror-9: Margin is insufficient. (-2019); only 2 were held (whether it was "
        "reduce-only is not recorded)"
    )


def test_a_breach_is_told_by_the_figure_that_was_decided_on():
    """The enforcer decided before Prometheus showed the breach, on an equity that was not yet that of its closes."""
    first, *_ = grounds("october-armed", "drawdown-breached")
    assert first.startswith("the enforcer decided: rule tmad: confirmed: equity is 44925.03 USD")


def test_what_must_be_changed_follows_from_what_was_found():
    """One sentence for each kind of fault, none for what worked, none for what is not there."""
    found = {name: {one.rule: one.sentence for one in build(recorded(name)).remedies} for name in NAMES}
    assert found["november"] == {"no-stop": "Give DOTUSDT a stop; a take-profit limits no loss."}
    october = found["october-dry-run"]
    assert october["dry-run"].startswith("Arm the enforcer")
    assert "dry-run" not in found["october-armed"]
    assert october["mirror-scale"].endswith("the scale configured here is 0.125.")
    assert october["no-stop"].startswith("Give BTCUSDT and ETHUSDT a stop")
    assert "must not count a refused order as filled" in october["mirror-refused"]
    for name, told in found.items():
        assert told.keys() <= {finding.rule for finding in build(recorded(name)).findings}


def test_every_rule_is_documented():
    """``docs/report.md`` lists each rule that the code has, and no other."""
    code = "\n".join(path.read_text() for path in (ROOT / "core/plimsoll/report/findings").glob("*.py"))
    rules = set(re.findall(r'rule="([a-z-]+)"', code))
    listed = set(re.findall(r"^\| `([a-z][a-z-]*)` \|", (ROOT / "docs" / "report.md").read_text(), re.MULTILINE))
    assert rules == listed
