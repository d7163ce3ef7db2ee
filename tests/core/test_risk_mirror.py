"""How far a copy is from what it should hold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import book, market, position
from plimsoll.model.terms import PositionSide, Side
from plimsoll.risk.mirror import MirrorLeg, mirror_legs
from plimsoll.state.book import Book

MARKS = {"BTCUSDT": "85000", "ETHUSDT": "3125"}
PRICES = market(MARKS)
EIGHTH = Decimal("0.125")
TOLERANCE, MIN_USD = Decimal("0.05"), Decimal(500)
FLAT = book()

amounts = st.decimals(Decimal("0.001"), Decimal(1000), places=3, allow_nan=False, allow_infinity=False)
signed = st.one_of(amounts, amounts.map(lambda amount: -amount))
scales = st.decimals(Decimal("0.01"), Decimal(10), places=2, allow_nan=False, allow_infinity=False)


def one_way(**held: str) -> Book:
    """An account in one-way mode; symbols without their quote asset."""
    return book([position(f"{base}USDT", amount) for base, amount in held.items()])


def hedged(*, long: str | None = None, short: str | None = None) -> Book:
    """An account in hedge mode that holds BTC; amounts are absolute."""
    rows = [position("BTCUSDT", long, position_side=PositionSide.LONG)] if long else []
    rows += [position("BTCUSDT", f"-{short}", position_side=PositionSide.SHORT)] if short else []
    return book(rows, hedge=True)


def legs(source: Book, destination: Book) -> dict[tuple[str, Side | None], tuple[str, str, str]]:
    """Expected, actual and drift ratio of each leg at a scale of 0.125."""
    found = mirror_legs(source, destination, EIGHTH, PRICES)
    return {leg.key: (f"{leg.expected:f}", f"{leg.actual:f}", f"{leg.drift_ratio:f}") for leg in found}


def only(source: Book, destination: Book, scale: Decimal = EIGHTH) -> MirrorLeg:
    """The one leg of two accounts."""
    (leg,) = mirror_legs(source, destination, scale, PRICES)
    return leg


def test_the_first_fill_of_october_drifts():
    """Source holds 85,000 USD: expected are 10,625, actual are 85,000, so seven eighths are too much."""
    leg = only(one_way(BTC="1"), one_way(BTC="1"))
    assert (leg.expected * 85000, leg.actual * 85000) == (10_625, 85_000)
    assert (leg.drift_ratio, leg.drift_usd) == (Decimal("0.875"), 74_375)
    assert leg.drifts(TOLERANCE, MIN_USD) is True


def test_a_right_mirror_rounded_to_the_lot_does_not_drift():
    """0.125 of 1.012 BTC is 0.1265; with lots of 0.001 the copy holds 0.126, inside the tolerance."""
    assert only(one_way(BTC="1.012"), one_way(BTC="0.126")).drifts(TOLERANCE, MIN_USD) is False


def test_a_position_smaller_than_the_destinations_lot_does_not_drift():
    """0.125 of 0.004 BTC is half a lot: the copy holds nothing, a ratio of 1 over 43 USD, below the minimum."""
    leg = only(one_way(BTC="0.004"), FLAT)
    assert leg.drift_ratio == 1
    assert leg.drifts(TOLERANCE, MIN_USD) is False


@pytest.mark.parametrize(
    ("source", "destination", "wanted"),
    [
        (one_way(BTC="8"), FLAT, ("1.000", "0", "1")),
        (FLAT, one_way(BTC="-8"), ("0.000", "-8", "1")),
        (one_way(BTC="8"), one_way(BTC="-1"), ("1.000", "-1", "2")),
    ],
    ids=["not copied", "not closed", "opposite"],
)
def test_one_way_accounts_are_compared_by_sign(source: Book, destination: Book, wanted: tuple[str, str, str]):
    """What only one of them holds is off by 1; what is opposite and as large is off by 2."""
    leg = only(source, destination)
    assert (leg.key, leg.expected, leg.actual, leg.drift_ratio) == (("BTCUSDT", None), *map(Decimal, wanted))


def test_two_flat_accounts_have_no_legs():
    """A closed position leaves nothing behind."""
    assert mirror_legs(FLAT, FLAT, EIGHTH, PRICES) == ()


def test_symbols_are_sorted():
    """The order of the legs is that of their names, whoever holds them."""
    assert list(legs(one_way(ETH="8"), one_way(BTC="1"))) == [("BTCUSDT", None), ("ETHUSDT", None)]


def test_hedge_sides_are_never_netted():
    """Long 8 and short 8 are not flat: a copy without the short lacks one."""
    assert legs(hedged(long="8", short="8"), hedged(long="1")) == {
        ("BTCUSDT", Side.LONG): ("1.000", "1", "0"),
        ("BTCUSDT", Side.SHORT): ("-1.000", "0", "1"),
    }


def test_a_one_way_copy_of_a_hedged_account_counts_on_its_own_side():
    """It holds the net only, so both sides of the source are shown not to be copied."""
    assert legs(hedged(long="8", short="4"), one_way(BTC="0.5")) == {
        ("BTCUSDT", Side.LONG): ("1.000", "0.5", "0.5"),
        ("BTCUSDT", Side.SHORT): ("-0.500", "0", "1"),
    }


def test_without_a_price_the_minimum_cannot_be_judged():
    """A large ratio of unknown worth is unknown; one inside the tolerance drifts at no price."""
    (leg,) = mirror_legs(one_way(BTC="8"), FLAT, EIGHTH, market({}))
    assert leg.drift_usd is None
    assert leg.drifts(TOLERANCE, MIN_USD) is None
    assert leg.drifts(Decimal(1), MIN_USD) is False


@given(amount=signed, scale=scales)
def test_an_exact_copy_never_drifts(amount: Decimal, scale: Decimal) -> None:
    """Whatever is held and whatever the scale is."""
    leg = only(one_way(BTC=str(amount)), one_way(BTC=str(amount * scale)), scale)
    assert leg.drift_ratio == 0
    assert leg.drifts(TOLERANCE, MIN_USD) is False


@given(source=signed, destination=signed, scale=scales)
def test_the_ratio_is_bounded(source: Decimal, destination: Decimal, scale: Decimal) -> None:
    """It is 0..2, above 1 only where the signs differ, and the USD are the difference at the mark."""
    leg = only(one_way(BTC=str(source)), one_way(BTC=str(destination)), scale)
    same = (source > 0) == (destination > 0)
    assert 0 <= leg.drift_ratio <= (1 if same else 2)
    assert leg.drift_usd == abs(destination - source * scale) * 85000


@given(source=signed, destination=signed)
def test_turning_both_accounts_round_changes_no_drift(source: Decimal, destination: Decimal) -> None:
    """Shorts are judged as longs are."""
    leg = only(one_way(BTC=str(source)), one_way(BTC=str(destination)))
    turned = only(one_way(BTC=str(-source)), one_way(BTC=str(-destination)))
    assert (leg.drift_ratio, leg.drift_usd) == (turned.drift_ratio, turned.drift_usd)


@given(long=amounts, short=amounts, held=amounts)
def test_the_short_side_does_not_touch_the_long_one(long: Decimal, short: Decimal, held: Decimal) -> None:
    """In hedge mode the long leg is the same whatever stands on the other side."""
    with_short = mirror_legs(hedged(long=str(long), short=str(short)), hedged(long=str(held)), EIGHTH, PRICES)
    without = mirror_legs(hedged(long=str(long)), hedged(long=str(held)), EIGHTH, PRICES)
    assert with_short[0] == without[0]
