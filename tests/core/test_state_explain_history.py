"""Rows of the history that are dated otherwise than the wallet, listed one by one, or found when all was given up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

import builders
from plimsoll.model.account import Income
from plimsoll.state import explain
from plimsoll.state.explain import Unexplained, Window
from plimsoll.state.explain_history import after_flow, after_income
from plimsoll.state.income_rows import keyed

MARKET = builders.market({"BTCUSDT": "100", "BNBUSDT": "600"})
TOLERANCE = Decimal(5)
X = Decimal(5000)


def row(amount: Decimal | str, time_ms: int) -> Income:
    """A transfer."""
    return Income(
        kind="TRANSFER",
        asset="USDT",
        amount=Decimal(amount),
        symbol="",
        time_ms=time_ms,
        transaction_id="0",
        trade_id="",
    )


def missing(amount: Decimal | str, *, start_ms: int = 100, end_ms: int = 200, told: str = "0") -> Unexplained:
    """A wallet of which so much is unexplained since a gap."""
    window = Window(start_ms=start_ms, end_ms=end_ms, told=Decimal(told))
    return Unexplained(rest={"USDT": Decimal(amount)}, windows={"USDT": window})


def asked(known: Unexplained, *rows: Income) -> Unexplained:
    """After an answer."""
    return after_income(known, rows, MARKET, TOLERANCE)


def found(known: Unexplained, *rows: Income) -> Unexplained:
    """After these were found to be flows that nobody told."""
    for item in keyed(rows):
        known = after_flow(known, item, since_ms=50)
    return known


@pytest.mark.parametrize("time_ms", [200, 201, 9000])
def test_a_row_dated_after_the_gap_explains_it_to_the_last_cent(time_ms: int):
    """The exchange dates the wallet otherwise than the history; nothing is left and no window is open."""
    known = asked(missing(X), row(X, time_ms))
    assert known.whole
    assert known.windows == {}
    assert len(known.rows) == 1


def test_a_row_dated_after_the_gap_explains_no_other_amount():
    """Within the tolerance is not enough for a row that need not belong to the gap."""
    assert asked(missing(3), row(2, 201)).rest == {"USDT": Decimal(3)}
    assert asked(missing(X), row(X - 1, 201)).rest == {"USDT": X}


def test_no_row_explains_twice():
    """What explained one gap is left out of the next, though by its time it lies in both."""
    known = asked(missing(X), row(X, 201))
    known = replace(known, rest={"USDT": -X}, windows={"USDT": Window(start_ms=200, end_ms=300)})
    known = asked(known, row(X, 201))
    assert known.rest == {"USDT": -X}
    assert asked(known, row(X, 201), row(-X, 300)).whole


def test_no_rows_explain_nothing():
    """An answer without rows leaves even a small rest, and what late events may explain, as they are."""
    known = missing(3)
    assert asked(known) == known


def test_what_the_stream_told_is_not_taken_again():
    """The rows of a gap hold what the stream told since it was opened; the row of that may come later."""
    known = asked(missing(X, told="3"), row(X, 150))
    assert known.rest == {"USDT": Decimal(3)}
    assert known.windows["USDT"].told == 0
    assert asked(known, row(X, 150), row(3, 160)).whole


def test_a_flow_explains_its_money_without_any_gap():
    """One leg of a coming and going is listed: the other one is missing now, and is looked for until it is found."""
    known = found(Unexplained(), row(X, 150))
    assert known.rest == {"USDT": -X}
    assert known.windows["USDT"].start_ms == 50
    assert found(known, row(X, 150)) == known
    assert asked(known, row(X, 150), row(-X, 400)).whole
    assert found(known, row(-X, 140)).whole


def test_a_late_event_of_a_flow_that_was_found_explains_nothing_again():
    """The flow's time is included from then on."""
    assert found(missing(X), row(X, 150)).included_ms == {"USDT": 150}


def test_what_passes_for_performance_and_its_opposite_are_two_riddles():
    """Their sum is nothing and yet not explained; the history may tell them together, or one by one."""
    known = explain.accept(missing(X))
    assert (known.fresh, known.whole) == ({}, False)
    known = replace(known, rest={})
    assert known.fresh == {"USDT": -X}
    assert not known.whole
    assert asked(known).fresh == {"USDT": -X}
    assert asked(known, row(X, 150), row(-X, 160)).whole
    first, second = found(known, row(X, 150)), found(known, row(-X, 160))
    assert (first.accepted, first.fresh) == ({}, {"USDT": -X})
    assert (second.accepted, second.fresh) == ({"USDT": X}, {})
    assert found(first, row(-X, 160)).whole
    assert found(second, row(X, 150)).whole


def test_half_a_trade_leaves_what_passes_for_performance_alone():
    """Its other half follows: only what makes the sum nothing explains the accepted money."""
    known = explain.accept(missing(-100))
    half = explain.lessened(known, "USDT", Decimal(-5))
    assert (half.accepted, half.fresh) == ({"USDT": Decimal(-100)}, {"USDT": Decimal(5)})
    assert explain.lessened(known, "USDT", Decimal(-100)).whole


def test_giving_up_one_part_keeps_the_other_waiting():
    """What was accepted is forgotten after its time; what came on top of it keeps its gap."""
    known = replace(explain.accept(missing(X)), rest={"USDT": X - 70})
    left = explain.forgive(known, known.accepted)
    assert (left.rest, left.fresh) == ({"USDT": Decimal(-70)}, {"USDT": Decimal(-70)})
    assert left.windows.keys() == {"USDT"}
    assert left.given_up == {"USDT": X}


def test_a_flow_found_after_it_was_given_up_is_no_new_riddle():
    """It is what was forgotten; the next one of the same size is not."""
    known = missing(X)
    known = found(explain.forgive(known, known.rest), row(X, 150))
    assert known.whole
    assert found(known, row(X, 160)).rest == {"USDT": -X}
