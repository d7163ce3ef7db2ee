"""How closing a leg goes on after each kind of answer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from plimsoll_enforcer.flatten.codes import MEANINGS, WORDS, Meaning
from plimsoll_enforcer.flatten.ladder import (
    CHASE,
    FRESH,
    LADDER,
    LATEST,
    PATIENT,
    RARELY,
    SMALLEST_SHARE,
    SOONEST,
    Standing,
    chased,
    failed,
    filled,
    meaning_of,
    next_form,
    refused,
)
from plimsoll_enforcer.trading.port import OrderForm

MARKET, BAND, OPPONENT, MARK = LADDER
NOW = 50.0
ONE = Decimal(1)


def after(code: int | None, standing: Standing = FRESH, **more: object) -> Standing:
    """The standing after a refusal of one unit."""
    return refused(standing, code, sent=ONE, now=NOW, **more)  # type: ignore[arg-type]


def test_every_meaning_has_words():
    """Whatever a refusal means can be told to people."""
    assert set(WORDS) == set(Meaning)
    assert set(MEANINGS.values()) == set(Meaning) - {Meaning.UNKNOWN}
    assert meaning_of(None) is Meaning.UNKNOWN
    assert meaning_of(-12345) is Meaning.UNKNOWN


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        *((code, Meaning.CONFLICT) for code in (-2022, -4118)),
        *((code, Meaning.NEXT_FORM) for code in (-4131, -4164, -4016, -4024, -4139, -1112)),
        *((code, Meaning.BUSY) for code in (-2023, -4105, -4106, -4107, -4189, -4400, -1008, -4087)),
        *((code, Meaning.MODE) for code in (-4061, -1106, -4062)),
        *((code, Meaning.CLOSED) for code in (-4140, -4141)),
        *((code, Meaning.STEP) for code in (-1111, -4023)),
        *((code, Meaning.RESIDUAL) for code in (-4003, -4004)),
        *((code, Meaning.BARRED) for code in (-4088, -2015)),
        (-2019, Meaning.MARGIN),
        (-4005, Meaning.SPLIT),
        (-1021, Meaning.CLOCK),
        (-1015, Meaning.ORDER_LIMIT),
        (-4116, Meaning.DUPLICATE),
    ],
)
def test_codes_of_a_close(code: int, meaning: Meaning):
    """Each code asks for what ``binance-usdm.md`` 9.2 says."""
    assert meaning_of(code) is meaning


def test_the_ladder_goes_round():
    """After the last form the first comes again."""
    assert [next_form(form) for form in LADDER] == [BAND, OPPONENT, MARK, MARKET]


def test_progress_keeps_the_form():
    """A partial fill clears every failure, and the form that gave it stays."""
    standing = replace(FRESH, form=BAND, failures=3, conflicts=2, short=True, in_turn=True, why="x")
    taken = filled(standing, executed=ONE, rests=False, client_id="a", now=NOW)
    assert taken == replace(FRESH, form=BAND, not_before=NOW)


def test_nothing_filled_takes_the_next_form():
    """An order that nobody met climbs the ladder."""
    taken = filled(FRESH, executed=Decimal(0), rests=False, client_id="a", now=NOW)
    assert taken.form is BAND
    assert taken.not_before == NOW + SOONEST
    assert "nobody" in taken.why


def test_a_resting_order_is_left_alone_for_a_while_and_then_chased():
    """It keeps its time, and afterwards the ladder begins anew."""
    resting = filled(replace(FRESH, form=MARK), executed=Decimal(0), rests=True, client_id="a", now=NOW)
    assert (resting.resting, resting.not_before) == ("a", NOW + CHASE)
    assert chased(resting) == FRESH


def test_a_second_conflict_strips_protection():
    """Protective orders stay after the first conflict, and go after the second."""
    once = after(-2022)
    assert not once.strips
    assert after(-4118, once).strips


def test_conflicts_with_plain_orders_do_not_strip():
    """While plain orders stood in the way they are to blame, unless that does not end."""
    standing = FRESH
    for _ in range(PATIENT - 1):
        standing = after(-2022, standing, plain_orders=True)
        assert not standing.strips
    assert after(-2022, standing, plain_orders=True).strips
    assert not replace(FRESH, failures=PATIENT).strips


def test_price_refusals_climb():
    """What this form cannot do, the next may."""
    assert after(-4131).form is BAND
    assert after(-4024, replace(FRESH, form=BAND)).form is OPPONENT
    assert after(-4139).form is BAND


def test_an_unknown_code_tries_another_way():
    """A code that nobody knows, or none at all, leads to the next form and is told."""
    assert after(-9999).form is BAND
    assert "-9999" in after(-9999).why
    assert after(None).why == WORDS[Meaning.UNKNOWN]


def test_margin_halves_the_order_down_to_a_sixteenth():
    """Short of margin, orders get smaller and go in turn, but never vanish."""
    standing = FRESH
    for share in (Decimal("0.5"), Decimal("0.25"), Decimal("0.125"), SMALLEST_SHARE, SMALLEST_SHARE):
        standing = after(-2019, standing)
        assert (standing.share, standing.in_turn, standing.short) == (share, True, True)


def test_too_large_is_halved():
    """What was too large for one order is sent in halves."""
    assert after(-4005).most == Decimal("0.5")


def test_off_the_step_is_rounded_coarser():
    """Each refusal makes the step ten times as coarse, and after the third it begins anew."""
    standing = FRESH
    for coarser in (1, 2, 3, 0):
        standing = after(-1111, standing)
        assert (standing.coarser, standing.form) == (coarser, MARKET)
    assert after(-1111, replace(FRESH, form=BAND)).form is OPPONENT


def test_a_residual_is_tried_as_a_limit_order():
    """Under the least market order a limit order comes next; where that is refused too, it is tried rarely."""
    first = after(-4004)
    assert (first.form, first.residual, first.not_before) == (BAND, True, NOW + SOONEST)
    second = after(-4004, first)
    assert (second.form, second.residual, second.not_before) == (BAND, True, NOW + RARELY)


@pytest.mark.parametrize("code", [-4140, -4141, -4088, -2015])
def test_closed_and_barred_wait(code: int):
    """A market that is closed, or a right that is gone, is tried again every ten seconds."""
    assert after(code).not_before == NOW + RARELY
    assert after(code).form is MARKET


def test_busy_goes_in_turn():
    """Under overload orders go one at a time."""
    assert after(-1008).in_turn


@pytest.mark.parametrize("code", [-4061, -1021, -4116, -1015])
def test_what_is_mended_elsewhere_changes_nothing(code: int):
    """Mode, clock and limits are no fault of the order."""
    standing = after(code)
    assert replace(standing, failures=0, not_before=FRESH.not_before, why="") == FRESH


def test_the_exchange_may_ask_for_a_longer_wait():
    """Its time counts where it is longer than ours."""
    assert after(-1015, wait=7.0).not_before == NOW + 7
    assert after(-1015, wait=0.0).not_before == NOW + SOONEST


def test_waits_double_up_to_the_longest():
    """Failures in a row are waited for longer and longer, within bounds."""
    waits, standing = [], FRESH
    for _ in range(8):
        standing = failed(standing, "no connection", now=NOW)
        waits.append(standing.not_before - NOW)
    assert waits[:3] == pytest.approx([SOONEST, 2 * SOONEST, 4 * SOONEST])
    assert waits[-1] == LATEST
    assert standing.why == "no connection"


def test_forms_are_those_of_the_port():
    """The ladder has every form once."""
    assert set(LADDER) == set(OrderForm)
