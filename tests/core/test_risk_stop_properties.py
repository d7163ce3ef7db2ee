"""What holds of stop coverage whatever the orders: bounds, order of arrival, mirror images."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

import builders
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction
from plimsoll.risk.assess import assess, ready
from plimsoll.risk.at_stops import equity_at_stops
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.protection import stop_distance

QUANTITIES = st.integers(1, 40).map(lambda tenths: str(Decimal(tenths) / 10))
TYPES = ("STOP_MARKET", "STOP", "TRAILING_STOP_MARKET", "TAKE_PROFIT_MARKET", "LIMIT")


@st.composite
def orders(draw: st.DrawFn) -> list[Order]:
    """Any orders on the closing side of a long, in either list, in any state."""
    count = draw(st.integers(0, 6))
    return [
        builders.order(
            direction=Direction.SELL,
            quantity=draw(QUANTITIES),
            price=draw(st.sampled_from(["0", "85", "95"])),
            order_id=number,
            type_=draw(st.sampled_from(TYPES)),
            trigger=str(draw(st.integers(60, 120))),
            reduce_only=draw(st.booleans()),
            close_position=draw(st.booleans()),
            status=draw(st.sampled_from(["NEW", "TRIGGERED", "REJECTED"])),
            activated=draw(st.sampled_from([True, False, None])),
        )
        for number in range(count)
    ]


def figures(found: Sequence[Order], *, short: bool = False) -> AccountFigures:
    """A position of 2 at 100 with some orders; far from liquidation."""
    held = builders.position(amount="-2" if short else "2", entry="100")
    return assess(builders.book([held], [builders.balance(wallet="100000")], found), builders.market())


def distance(seen: AccountFigures) -> Decimal | None:
    """From the mark to the stop of the one position."""
    return stop_distance(seen.positions[0], seen.protection.positions[0])


@given(orders())
def test_coverage_is_a_share(found: list[Order]):
    """Coverage lies between 0 and 1, unprotected is the rest, and a loss is told only where something is covered."""
    seen = figures(found)
    (row,) = seen.protection.positions
    if row.coverage is None:
        assert seen.protection.coverage is None
        return
    assert 0 <= row.coverage <= 1
    assert seen.protection.coverage == row.coverage
    assert seen.protection.unprotected == 200 * (1 - row.coverage)
    assert row.loss is None or row.coverage > 0


@given(orders(), st.randoms(use_true_random=False))
def test_the_order_in_which_orders_were_learned_does_not_matter(found: list[Order], random: Random):
    """Two readings of the same orders give the same coverage, price and loss."""
    mixed = list(found)
    random.shuffle(mixed)
    one, other = figures(found).protection, figures(mixed).protection
    assert (one.coverage, one.unprotected) == (other.coverage, other.unprotected)
    assert one.positions[0].stop_price == other.positions[0].stop_price


@given(orders(), QUANTITIES)
def test_another_stop_never_covers_less(found: list[Order], quantity: str):
    """A further market stop adds to what is known to be covered."""
    more = builders.stop(quantity=quantity, order_id=100)
    before, after = figures(found).protection.coverage, figures([*found, more]).protection.coverage
    assert before is None or after is None or after >= before
    if before is not None:
        assert after is not None


@given(st.integers(60, 99), QUANTITIES)
def test_a_short_is_the_mirror_image_of_a_long(trigger: int, quantity: str):
    """A stop as far above a short as below a long covers as much, at the same distance and loss."""
    long = figures([builders.stop(quantity=quantity, trigger=str(trigger))])
    mirrored = builders.stop(direction=Direction.BUY, quantity=quantity, trigger=str(200 - trigger))
    short = figures([mirrored], short=True)
    for name in ("coverage", "loss"):
        assert getattr(long.protection.positions[0], name) == getattr(short.protection.positions[0], name)
    assert distance(long) == distance(short)


@given(orders())
def test_equity_at_the_stops_is_told_only_where_everything_is_covered(found: list[Order]):
    """A part without a stop has no worst price."""
    seen = figures(found)
    if equity_at_stops(seen) is not None:
        assert seen.protection.coverage == 1


@given(orders(), st.lists(st.integers(50, 150), min_size=1, max_size=4))
def test_an_account_made_ready_once_is_assessed_as_anew_at_every_price(found: list[Order], prices: list[int]):
    """Also where the liquidation price comes nearer than the stops and goes again: what is kept changes nothing."""
    held = builders.position(amount="2", entry="100")
    account = builders.book([held], [builders.balance(wallet="60")], found)
    kept = ready(account)
    for price in prices:
        market = builders.market({"BTCUSDT": str(price)})
        assert kept(market) == assess(account, market)
