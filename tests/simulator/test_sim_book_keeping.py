"""What fills do to positions, wallets and history."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll_simulator import outside
from plimsoll_simulator.account import Order
from plimsoll_simulator.book_keeping import break_even, fill, isolated_wallet_after
from plimsoll_simulator.trading.fills import fill as filled
from plimsoll_simulator.world import SteppedClock, World

AMOUNTS = st.decimals(min_value=-100, max_value=100, places=3).filter(bool)
Texts = tuple[str, ...]
PRICES = st.decimals(min_value=1, max_value=1000, places=2)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (("2", "100"), ("2", "110"), ("4", "105", "0")),
        (("2", "100"), ("-1", "110"), ("1", "100", "10")),
        (("2", "100"), ("-2", "90"), ("0", "0", "-20")),
        (("2", "100"), ("-3", "110"), ("-1", "110", "20")),
        (("-2", "100"), ("1", "90"), ("-1", "100", "10")),
    ],
)
def test_a_fill_increases_reduces_closes_or_turns(before: Texts, change: Texts, after: Texts):
    """Amount, entry price and realised profit follow from the fill in each of the four cases."""
    found = fill(*map(Decimal, before), *map(Decimal, change))
    assert (found.amount, found.entry, found.realised) == tuple(map(Decimal, after))


@given(AMOUNTS, PRICES, AMOUNTS, PRICES)
def test_a_fill_keeps_what_the_position_is_worth(amount: Decimal, entry: Decimal, change: Decimal, price: Decimal):
    """At the price of the fill, realised and unrealised profit together are what they were before it."""
    found = fill(amount, entry, change, price)
    before = amount * (price - entry)
    assert abs(found.realised + found.amount * (price - found.entry) - before) < Decimal("0.00001")


def test_isolated_money_follows_the_position():
    """More is set aside when a position grows, its share returns when it shrinks, all of it when it closes."""
    grown = fill(Decimal(1), Decimal(100), Decimal(1), Decimal(110))
    assert isolated_wallet_after(Decimal(10), Decimal(1), grown, Decimal(110), 10) == Decimal(21)
    shrunk = fill(Decimal(2), Decimal(100), Decimal(-1), Decimal(110))
    assert isolated_wallet_after(Decimal(20), Decimal(2), shrunk, Decimal(110), 10) == Decimal(10)
    closed = fill(Decimal(2), Decimal(100), Decimal(-2), Decimal(110))
    assert isolated_wallet_after(Decimal(20), Decimal(2), closed, Decimal(110), 10) == 0
    turned = fill(Decimal(2), Decimal(100), Decimal(-3), Decimal(110))
    assert isolated_wallet_after(Decimal(20), Decimal(2), turned, Decimal(110), 10) == Decimal(11)


@pytest.fixture
def world() -> World:
    """A world that stands still, with one account."""
    world = World(clock=SteppedClock())
    world.add_account("a", {"USDT": Decimal(1000)})
    return world


def test_the_wallet_is_the_sum_of_its_income(world: World):
    """Whatever happens, the wallet changes by exactly what the income history says."""
    account = world.accounts["a"]
    outside.trade(world, account, "SOLUSDT", "BUY", Decimal(3), price=Decimal("139.87"))
    outside.transfer(world, account, "USDT", Decimal("-20.5"))
    outside.funding(world, "SOLUSDT")
    outside.trade(world, account, "SOLUSDT", "SELL", Decimal("1.5"), price=Decimal("141.23"))
    assert account.wallets["USDT"] == 1000 + sum(row.amount for row in account.income)
    assert [row.type for row in account.income] == [
        "COMMISSION",
        "TRANSFER",
        "FUNDING_FEE",
        "REALIZED_PNL",
        "COMMISSION",
    ]


def test_funding_moves_money_from_longs_to_shorts(world: World):
    """A positive rate costs the long what the short receives."""
    long, short = world.accounts["a"], world.add_account("b", {"USDT": Decimal(1000)})
    for account, side in ((long, "BUY"), (short, "SELL")):
        outside.trade(world, account, "BTCUSDT", side, Decimal("0.01"))
    outside.funding(world, "BTCUSDT")
    paid, got = (account.income[-1].amount for account in (long, short))
    assert paid == -got == Decimal("-0.09200000")


def test_an_event_that_is_to_be_lost_is_not_sent(world: World):
    """With ``event`` false everything happens but nobody is told."""
    heard = []
    world.listeners.append(lambda _, event: heard.append(event["e"]))
    account = world.accounts["a"]
    outside.trade(world, account, "BTCUSDT", "BUY", Decimal("0.01"), event=False)
    outside.transfer(world, account, "USDT", Decimal(5), event=False)
    outside.funding(world, "BTCUSDT", event=False)
    assert (heard, len(account.trades), len(account.income)) == ([], 1, 3)


def even(world: World) -> Decimal:
    """The break-even price of the account's SOL."""
    position = world.accounts["a"].position("SOLUSDT")
    return break_even(position.amount, position.entry, position.entry_fees)


def test_break_even_earns_back_the_fees_that_were_paid(world: World):
    """Maker, taker and BNB fees differ; a share closed takes its share of them along, and a turn begins afresh."""
    account = world.accounts["a"]
    outside.trade(world, account, "SOLUSDT", "BUY", Decimal(2), price=Decimal(100))
    assert even(world) == Decimal("100.05")
    outside.trade(world, account, "SOLUSDT", "SELL", Decimal(1), price=Decimal(130))
    assert even(world) == Decimal("100.05")
    account.fee_burn, account.wallets["BNB"] = True, Decimal(5)
    outside.trade(world, account, "SOLUSDT", "BUY", Decimal(1), price=Decimal(100))
    assert abs(even(world) - Decimal("100.0475")) < Decimal("0.0001")
    account.fee_burn = False
    outside.trade(world, account, "SOLUSDT", "SELL", Decimal(4), price=Decimal(100))
    assert even(world) == Decimal("99.95")
    resting = Order(order_id=0, client_id="", symbol="SOLUSDT", side="SELL", type="LIMIT", quantity=Decimal(2),
                    price=Decimal(100))  # fmt: skip
    outside.rest_order(world, account, resting)
    filled(world, account, resting, Decimal(2), Decimal(100), maker=True)
    assert even(world) == Decimal("99.965")
    outside.trade(world, account, "SOLUSDT", "BUY", Decimal(4), price=Decimal(100))
    assert even(world) == 0
