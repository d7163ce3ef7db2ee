"""How far stops cover positions, and what is lost if they fill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

import builders
from plimsoll.model.account import Position
from plimsoll.model.orders import Order
from plimsoll.model.terms import Direction, PositionSide, PriceKind
from plimsoll.risk.assess import assess
from plimsoll.risk.at_stops import equity_at_stops
from plimsoll.risk.figures import AccountFigures
from plimsoll.risk.protection import lacks_stop, stop_distance
from plimsoll.risk.protection_figures import PositionProtection
from plimsoll.state.book import Book

LONG = builders.position("BTCUSDT", "2", "100")
SHORT = builders.position("BTCUSDT", "-2", "100")


def seen(
    orders: Iterable[Order] | None, *positions: Position, wallet: str = "100000", mark: str = "100", hedge: bool = False
) -> AccountFigures:
    """The figures of an account at one mark price for all; so rich that nothing is near liquidation."""
    held = positions or (LONG,)
    book = builders.book(held, [builders.balance(wallet=wallet)], orders, hedge=hedge)
    return assess(book, builders.market({row.symbol: mark for row in held}))


def one(orders: Iterable[Order] | None, *positions: Position, **more: str) -> PositionProtection:
    """The stops of the first position."""
    return seen(orders, *positions, **more).protection.positions[0]


def distances(figures: AccountFigures) -> list[Decimal | None]:
    """From the mark to the nearest stop of each position."""
    return [stop_distance(*pair) for pair in zip(figures.positions, figures.protection.positions, strict=True)]


def trailing(*, activated: bool | None, quantity: str = "2") -> Order:
    """A trailing stop of the long."""
    return builders.order(
        type_="TRAILING_STOP_MARKET",
        direction=Direction.SELL,
        quantity=quantity,
        order_id=9,
        activated=activated,
        reduce_only=True,
    )


def test_a_full_stop_covers_all():
    """Coverage, nearest stop, distance, watched price and loss of a long under one stop for all of it."""
    figures = seen([builders.stop(quantity="2", trigger="90", watches=PriceKind.MARK)])
    (row,) = figures.protection.positions
    assert row.coverage == 1
    assert row.stop_price == 90
    assert distances(figures) == [Decimal("0.1")]
    assert row.watches is PriceKind.MARK
    assert row.loss == 20
    assert (row.beyond_liquidation, row.may_open, row.over_covered) == (False, False, False)


def test_a_short_is_mirrored():
    """Towards the stop is upwards for a short, and so is the loss."""
    figures = seen([builders.stop(direction=Direction.BUY, quantity="2", trigger="105")], SHORT)
    (row,) = figures.protection.positions
    assert (row.coverage, row.stop_price, distances(figures), row.loss) == (1, 105, [Decimal("0.05")], 10)


def test_a_loss_in_a_coin_is_told_in_usd():
    """Prices of a symbol that is quoted in a coin are in that coin; what its stop loses follows the coin's price."""
    held = builders.position("ETHBTC", "2", "0.05", margin_asset="USDT")
    book = builders.book([held], [builders.balance(wallet="100000")], [builders.stop("ETHBTC", trigger="0.04")])
    for price, loss in (("90000", 900), ("80000", 800)):
        figures = assess(book, builders.market({"ETHBTC": "0.05", "BTCUSDT": price}))
        assert (figures.protection.positions[0].loss, figures.protection.loss) == (loss, loss)


def test_without_a_stop_nothing_is_covered():
    """Coverage is 0, and there is no stop to be near or to lose at."""
    figures = seen([builders.stop(type_="TAKE_PROFIT_MARKET", trigger="110", quantity="2")])
    row = figures.protection.positions[0]
    assert row.coverage == 0
    assert (row.stop_price, distances(figures), row.watches, row.loss) == (None, [None], None, None)
    assert (figures.protection.coverage, figures.protection.unprotected, figures.protection.loss) == (0, 200, 0)


def test_part_of_a_position_is_covered_by_a_smaller_stop():
    """A position that has grown beyond its stop is covered in part, and the loss is that of the part."""
    row = one([builders.stop(quantity="1", trigger="90")])
    assert (row.coverage, row.loss) == (Decimal("0.5"), 10)


def test_stops_add_up_and_cover_no_more_than_is_held():
    """Several stops add up, the nearest fills first, and beyond 105 % the position is over-covered."""
    near, far = builders.stop(quantity="1.5", trigger="95"), builders.stop(quantity="1.5", trigger="90", order_id=2)
    row = one([far, near])
    assert row.coverage == 1
    assert row.stop_price == 95
    assert row.loss == Decimal("7.5") + 5
    assert row.over_covered
    assert not one([builders.stop(quantity="2.1", trigger="95")]).over_covered


def test_a_closing_order_covers_whatever_is_left():
    """A closePosition order covers the whole position, and beside another stop what that one leaves."""
    closing = builders.stop(quantity="0", trigger="90", close_position=True, reduce_only=False, order_id=2)
    assert one([closing]).coverage == 1
    row = one([builders.stop(quantity="0.5", trigger="95"), closing])
    assert row.coverage == 1
    assert row.loss == Decimal("2.5") + 15


def test_a_stop_behind_a_closing_order_has_nothing_left():
    """What comes after a stop for all of it closes nothing more."""
    closing = builders.stop(quantity="0", trigger="95", close_position=True, reduce_only=False, order_id=2)
    assert one([builders.stop(quantity="2", trigger="90"), closing]).loss == 10


def test_a_stop_in_profit_keeps_a_gain():
    """A stop above the entry of a long loses less than nothing; one that the mark has passed is behind it."""
    figures = seen([builders.stop(quantity="2", trigger="105")], mark="104")
    assert figures.protection.positions[0].loss == -10
    assert distances(figures) == [Decimal(-1) / Decimal(104)]


def test_a_stop_that_may_open_covers_and_says_so():
    """A plain closing-side stop in one-way mode covers, and is flagged."""
    row = one([builders.stop(quantity="2", reduce_only=False)])
    assert (row.coverage, row.may_open) == (1, True)


def test_an_activated_trailing_stop_covers_at_an_unknown_price():
    """It covers; its price, and with it loss and distance, cannot be known."""
    figures = seen([trailing(activated=True)])
    row = figures.protection.positions[0]
    assert (row.coverage, row.stop_price, row.loss) == (1, None, None)
    assert figures.protection.loss is None
    assert equity_at_stops(figures) is None


def test_a_waiting_trailing_stop_covers_nothing():
    """Before its activation a trailing stop protects nothing."""
    assert one([trailing(activated=False)]).coverage == 0


def test_a_trailing_stop_of_untold_activation_makes_coverage_unknown():
    """The lists do not tell activation: coverage is unknown, unless other stops cover everything."""
    row = one([trailing(activated=None)])
    assert (row.coverage, row.loss, row.slices) == (None, None, ())
    figures = seen([trailing(activated=None)])
    assert (figures.protection.coverage, figures.protection.unprotected) == (None, None)
    assert one([trailing(activated=None), builders.stop(quantity="2")]).coverage == 1


def test_a_stop_beyond_the_liquidation_price_covers_nothing():
    """The exchange liquidates at the mark price before such a stop can trigger."""
    figures = seen([builders.stop(quantity="2", trigger="51")], wallet="100")
    assert figures.positions[0].liquidation_price is not None
    assert Decimal(50) < figures.positions[0].liquidation_price < Decimal(51)
    assert figures.protection.positions[0].coverage == 1
    row = one([builders.stop(quantity="2", trigger="50")], wallet="100")
    assert (row.coverage, row.beyond_liquidation, row.stop_price, row.loss) == (0, True, None, None)
    above = one([builders.stop(direction=Direction.BUY, quantity="2", trigger="151")], SHORT, wallet="100")
    assert (above.coverage, above.beyond_liquidation) == (0, True)


def test_the_shared_liquidation_price_of_a_hedge_threatens_one_side_only():
    """Both sides of a hedge show one price: it does not void the stop of the side that gains towards it."""
    legs = (
        builders.position("BTCUSDT", "3", position_side=PositionSide.LONG),
        builders.position("BTCUSDT", "-1", position_side=PositionSide.SHORT),
    )
    stops = [
        builders.stop(direction=Direction.BUY, trigger="110", position_side=PositionSide.SHORT),
        builders.stop(quantity="3", trigger="40", position_side=PositionSide.LONG, order_id=2),
    ]
    figures = seen(stops, *legs, wallet="100", hedge=True)
    price = figures.positions[0].liquidation_price
    assert price is not None
    assert Decimal(40) < price < Decimal(100)
    long, short = figures.protection.positions
    assert (long.beyond_liquidation, short.beyond_liquidation) == (True, False)
    assert short.coverage == 1


def test_everything_is_unknown_while_the_orders_are():
    """No series may say 0 or 1 of stops that cannot be seen."""
    figures = seen(None)
    row = figures.protection.positions[0]
    assert (row.coverage, row.beyond_liquidation, row.may_open, row.over_covered) == (None, None, None, None)
    account = figures.protection
    assert (account.coverage, account.unprotected, account.loss, account.orphans) == (None, None, None, None)
    assert equity_at_stops(figures) is None


def test_only_symbols_whose_orders_were_read_are_known():
    """Before all orders were read, the symbols that were read tell their coverage, the others and orphans do not."""
    held = [LONG, builders.position("ETHUSDT", "1")]
    book = replace(
        builders.book(held, orders=[builders.stop(quantity="2")]),
        orders_complete=False,
        order_symbols=frozenset({"BTCUSDT"}),
    )
    found = assess(book, builders.market({"BTCUSDT": "100", "ETHUSDT": "100"})).protection
    assert [row.coverage for row in found.positions] == [1, None]
    assert (found.coverage, found.orphans) == (None, None)


def test_lacking_a_stop_is_less_than_what_is_wanted():
    """Unknown stays unknown, nothing is never enough."""
    assert lacks_stop(one(None), Decimal(1)) is None
    half = one([builders.stop(quantity="1")])
    assert lacks_stop(half, Decimal(1))
    assert not lacks_stop(half, Decimal("0.5"))
    assert lacks_stop(one([]), Decimal(0))


def test_a_flat_account_is_covered():
    """Where nothing is held, coverage is 1, nothing is unprotected, nothing can be lost; a stop is an orphan."""
    book = builders.book((), orders=[builders.stop()])
    figures = assess(book, builders.market())
    found = figures.protection
    assert (found.coverage, found.unprotected, found.loss, found.orphans) == (1, 0, 0, 1)
    assert equity_at_stops(figures) == figures.equity


def test_without_a_mark_price_coverage_of_the_position_is_known_and_that_of_the_account_is_not():
    """Quantities need no price; shares of the exposure, distances and liquidation do."""
    book = builders.book([LONG], orders=[builders.stop(quantity="2")])
    figures = assess(book, builders.market({}, instruments=[builders.instrument()]))
    row = figures.protection.positions[0]
    assert (row.coverage, distances(figures), row.loss) == (1, [None], 20)
    assert (figures.protection.coverage, figures.protection.unprotected) == (None, None)
    assert equity_at_stops(figures) is None


def test_equity_at_the_stops_counts_the_way_from_the_mark_and_the_fee():
    """2 BTC from 104 to 95, and half a per mille of 190 for the taker."""
    figures = seen([builders.stop(quantity="2", trigger="95")], mark="104", wallet="1000")
    assert figures.equity == 1008
    assert equity_at_stops(figures) == 1008 - 18 - Decimal("0.095")
    assert equity_at_stops(figures, taker_fee=Decimal(0)) == 990
    short = seen([builders.stop(direction=Direction.BUY, quantity="2", trigger="105")], SHORT, wallet="1000")
    assert equity_at_stops(short, taker_fee=Decimal(0)) == 990


def test_equity_at_the_stops_is_unknown_while_anything_is_not_covered():
    """An uncovered part has no worst price, and a stop-limit without a price has no known fill."""
    assert equity_at_stops(seen([builders.stop(quantity="1")])) is None
    blind = builders.order(type_="STOP", direction=Direction.SELL, quantity="2", price="0", trigger="90")
    assert equity_at_stops(seen([blind])) is None


NOVEMBER: tuple[tuple[str, str, str, str, str, str], ...] = (
    # symbol, amount, entry, mark, type, trigger
    ("BNBUSDT", "-2.17", "896.80", "906.32534562", "STOP_MARKET", "914.74"),
    ("BTCUSDT", "-0.013", "91508.90", "92415.82307692", "STOP_MARKET", "93339.10"),
    ("SOLUSDT", "-2.4", "139.01", "139.81", "STOP_MARKET", "141.79"),
    ("DOTUSDT", "300", "2.6750", "2.69406667", "TAKE_PROFIT_MARKET", "2.755"),
)


def november() -> tuple[Book, dict[str, str]]:
    """The account of November, and its marks."""
    held = [builders.position(symbol, amount, entry) for symbol, amount, entry, *_ in NOVEMBER]
    orders = [
        builders.stop(
            symbol,
            Direction.BUY if amount.startswith("-") else Direction.SELL,
            amount.removeprefix("-"),
            trigger,
            type_=kind,
            order_id=number,
        )
        for number, (symbol, amount, _, _, kind, trigger) in enumerate(NOVEMBER)
    ]
    marks = {symbol: mark for symbol, _, _, mark, *_ in NOVEMBER}
    return builders.book(held, [builders.balance(wallet="5000")], orders), marks


@pytest.mark.parametrize(
    ("symbol", "coverage", "distance", "loss"),
    [
        ("BNBUSDT", 1, "0.0093", "38.93"),
        ("BTCUSDT", 1, "0.0100", "23.79"),
        ("SOLUSDT", 1, "0.0142", "6.67"),
        ("DOTUSDT", 0, None, None),
    ],
)
def test_the_table_of_november(symbol: str, coverage: int, distance: str | None, loss: str | None):
    """Coverage, distance and loss of each position are those of the record."""
    book, marks = november()
    figures = assess(book, builders.market(marks))
    pairs = zip(figures.protection.positions, distances(figures), strict=True)
    ((row, found),) = [pair for pair in pairs if pair[0].key[0] == symbol]
    assert row.coverage == coverage
    assert (found and round(found, 4)) == (distance and Decimal(distance))
    assert (row.loss and round(row.loss, 2)) == (loss and Decimal(loss))


def test_the_account_of_november():
    """81.3 % covered, 808.22 USD unprotected, 69.39 USD lost at the stops of the rest."""
    book, marks = november()
    found = assess(book, builders.market(marks)).protection
    assert found.coverage is not None
    assert found.unprotected is not None
    assert found.loss is not None
    assert round(found.coverage, 3) == Decimal("0.813")
    assert round(found.unprotected, 2) == Decimal("808.22")
    assert round(found.loss, 2) == Decimal("69.39")
    assert found.orphans == 0
