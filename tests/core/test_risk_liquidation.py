"""Liquidation price: cross, hedge, multi-assets and isolated, against recorded values and by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from builders import balance, book, bracket, market, position, rate
from plimsoll.model.account import Position
from plimsoll.model.market import Bracket
from plimsoll.model.terms import PositionSide
from plimsoll.risk.assess import assess
from plimsoll.risk.brackets import maintenance_margin
from risk_examples import figures, worked_example

STEEP = (
    bracket("0", "500", maintenance_ratio="0.01"),
    bracket("500", "1000", maintenance_ratio="0.05", deduction="20"),
    bracket("1000", "2000", maintenance_ratio="0.2", deduction="170"),
)


@pytest.mark.parametrize(("symbol", "expected"), [("BTCUSDT", "36326.65515395"), ("ETHUSDT", "7224.11782669")])
def test_cross_price_of_the_worked_example(symbol: str, expected: str) -> None:
    """The facts sheet's account: both prices to the eighth decimal."""
    price = figures(*worked_example())[symbol].liquidation_price
    assert price is not None
    assert abs(price - Decimal(expected)) < Decimal("2e-8")


def test_recorded_multi_assets_account() -> None:
    """What the exchange once told of a real account, within 0.001 %; its rates of that moment are not recorded."""
    held = [position("BTCUSDT", "0.009", "67445.9")]
    account = book(held, [balance("USDT", "3.72964781"), balance("USDC", "21.99645279")], multi=True)
    price = figures(account, market({"BTCUSDT": "67000"}))["BTCUSDT"].liquidation_price
    assert price is not None
    assert abs(price / Decimal("64846.98753790") - 1) < Decimal("0.00001")


def solve(held: list[Position], wallet: str, table: tuple[Bracket, ...] = STEEP) -> Decimal | None:
    """Liquidation price of BTCUSDT with a wallet in USDT."""
    account = book(held, [balance(wallet=wallet)], brackets={"BTCUSDT": table})
    return assess(account, market({"BTCUSDT": "100"})).positions[0].liquidation_price


@pytest.mark.parametrize(
    ("amount", "wallet"), [("9", "400"), ("9", "600"), ("-4", "150"), ("-4", "300"), ("18", "900")]
)
def test_bracket_of_the_liquidation_notional_counts(amount: str, wallet: str) -> None:
    """The price is right although the notional there lies in another bracket than the notional at the mark."""
    price = solve([position(amount=amount)], wallet)
    assert price is not None
    needed = maintenance_margin(STEEP, Decimal(amount) * price)
    assert needed is not None
    balance_there = Decimal(wallet) + Decimal(amount) * (price - 100)
    assert abs(balance_there - needed) < Decimal("1e-18")


@pytest.mark.parametrize(
    ("amount", "wallet"),
    [("1", "100"), ("1", "5000"), ("-1", "-200")],
    ids=["long paid in full", "long with money to spare", "short already under water at any price"],
)
def test_no_price_at_or_below_zero(amount: str, wallet: str) -> None:
    """Such a position cannot be liquidated by price: there is none to tell."""
    assert solve([position(amount=amount)], wallet) is None


def test_hedge_sides_share_one_price_and_isolated_ones_do_not() -> None:
    """Cross: one price for both rows, from the net. Isolated: each side by its own margin."""

    def sides(isolated: str | None) -> list[Position]:
        return [
            position(amount="3", position_side=PositionSide.LONG, isolated_wallet=isolated),
            position(amount="-1", position_side=PositionSide.SHORT, isolated_wallet=isolated),
        ]

    long, short = assess(book(sides(None), [balance(wallet="100")], hedge=True), market()).positions
    assert long.liquidation_price is not None
    assert long.liquidation_price == short.liquidation_price == Decimal(100) / Decimal("1.984")
    rows = [balance(wallet="100", cross_wallet="40")]
    long, short = assess(book(sides("30"), rows, hedge=True), market()).positions
    assert long.liquidation_price == Decimal(270) / Decimal("2.988")
    assert short.liquidation_price == Decimal(130) / Decimal("1.004")


def test_equal_hedge_is_liquidated_by_growth_of_both_sides_only() -> None:
    """Without a net position only maintenance margin moves: wallet / (2 x rate)."""
    sides = [
        position(amount="1", position_side=PositionSide.LONG),
        position(amount="-1", position_side=PositionSide.SHORT),
    ]
    assert solve(sides, "10", table=(bracket(),)) == 1250


def test_slope_of_zero_has_no_solution() -> None:
    """Where the balance falls as fast as the margin, no price is the one."""
    assert solve([position()], "50", table=(bracket(maintenance_ratio="1"),)) is None


def test_table_that_contradicts_itself_ends_as_unknown() -> None:
    """Two brackets that send the search back and forth stop it at its bound."""
    table = (bracket("0", "60", maintenance_ratio="0.5"), bracket("60", "1000"))
    assert solve([position()], "50", table=table) is None


def test_other_positions_of_the_same_asset_count_and_those_of_others_do_not() -> None:
    """A loss in USDT brings the price nearer; one in USDC leaves it where it is."""

    def price(*others: Position) -> Decimal:
        rows = [balance(wallet="50"), balance("USDC", "1000")]
        marks = {"BTCUSDT": "100", "ETHUSDT": "100", "ETHUSDC": "100"}
        result = figures(book([position(), *others], rows), market(marks))["BTCUSDT"].liquidation_price
        assert result is not None
        return result

    assert price(position("ETHUSDC", "1", "110")) == price()
    assert price(position("ETHUSDT", "1", "110")) == (Decimal(100) - 50 + 10 + Decimal("0.4")) / Decimal("0.996")


def test_isolated_price_ignores_the_rest_of_the_account() -> None:
    """Only the margin set aside counts."""
    held = position(isolated_wallet="10")
    for wallet in ("10", "100000"):
        rows = [balance(wallet=wallet, cross_wallet="0")]
        assert assess(book([held], rows), market()).positions[0].liquidation_price == Decimal(90) / Decimal("0.996")


def test_coin_quoted_symbol_is_solved_in_its_own_units() -> None:
    """ETHBTC's price is in BTC; what BTC costs in USD does not matter."""
    held = position("ETHBTC", "10", "0.05")
    for dollars in ("50000", "20000"):
        prices = market({"ETHBTC": "0.05", "BTCUSDT": dollars}, margin_assets=["BTC"])
        row = assess(book([held], [balance("BTC", "0.1")]), prices).positions[0]
        assert row.liquidation_price is not None
        assert abs(row.liquidation_price - Decimal("0.4") / Decimal("9.96")) < Decimal("1e-20")


def test_multi_assets_price_takes_the_ask_where_the_asset_is_at_a_loss() -> None:
    """40 lost USDT are bought at 1.25: 50 USD less collateral, minus what stays bound."""
    prices = market(rates=[rate("USDT", "0.8", "1.25"), rate("USDC", "1")])
    row = assess(book([position()], [balance("USDC", "50")], multi=True), prices).positions[0]
    assert row.liquidation_price == (Decimal(125) - 50) / (Decimal("1.25") - Decimal("0.004"))


@pytest.mark.parametrize("isolated", [None, "10"])
def test_missing_brackets_make_the_price_unknown(isolated: str | None) -> None:
    """Without the table nobody can say how much margin is needed."""
    account = assess(book([position(isolated_wallet=isolated)], brackets={"BTCUSDT": ()}), market())
    assert account.positions[0].liquidation_price is None


def test_uncounted_wallet_of_the_pool_makes_the_price_unknown() -> None:
    """In multi-assets mode a coin without a rate may or may not back the position."""
    account = assess(book([position()], [balance(), balance("BTC", "1")], multi=True), market())
    assert account.positions[0].liquidation_price is None


@pytest.mark.parametrize("isolated", [None, "10"])
def test_unknown_currency_makes_the_price_unknown(isolated: str | None) -> None:
    """A symbol that settles in a coin without a price has no price of its own to tell."""
    held = position("ETHBTC", "10", "0.05", isolated_wallet=isolated)
    row = assess(book([held], [balance("BTC", "0.1")]), market({"ETHBTC": "0.05"})).positions[0]
    assert (row.liquidation_price, row.notional) == (None, None)


def test_distance_is_a_share_of_the_mark_and_unknown_without_a_price() -> None:
    """|mark - price| / mark on either side; nothing where no price liquidates."""
    account = assess(book([position(entry="100")], [balance(wallet="20.32")]), market())
    assert account.positions[0].liquidation_distance == Decimal("0.2")
    assert assess(book([position()]), market()).positions[0].liquidation_distance is None
