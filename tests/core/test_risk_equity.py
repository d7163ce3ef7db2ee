"""What the account is worth: which assets count, at what price, and what makes it unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from builders import balance, book, market, position, rate
from plimsoll.risk.assess import assess
from plimsoll.risk.equity import counted_assets
from plimsoll.risk.unknown import INFINITY, share, times, total


def test_equity_is_wallet_plus_unrealised_pnl_of_both_sides() -> None:
    """A long that gained 10 and a short that lost 4 make a wallet of 1,000 worth 1,006."""
    account = assess(
        book([position("BTCUSDT", "1", "100"), position("ETHUSDT", "-2", "10")]),
        market({"BTCUSDT": "110", "ETHUSDT": "12"}),
    )
    assert (account.wallet, account.unrealized_pnl, account.equity) == (1000, 6, 1006)


def test_isolated_margin_and_pnl_are_part_of_equity() -> None:
    """Margin set aside for an isolated position is still the account's money."""
    held = position(entry="100", isolated_wallet="300")
    account = assess(book([held], [balance(wallet="1000", cross_wallet="700")]), market({"BTCUSDT": "90"}))
    assert account.equity == 990


def test_assets_that_margin_nothing_are_valued_apart() -> None:
    """BNB kept for fees is no equity; it is told as other assets."""
    account = assess(book([], [balance(), balance("USDC", "50"), balance("BNB", "2")]), market({"BNBUSDT": "600"}))
    assert (account.equity, account.other_assets) == (1050, 1200)


def test_other_asset_without_a_price_is_unknown_and_leaves_equity_alone() -> None:
    """An airdropped coin that has no mark makes only the value of other assets unknown."""
    account = assess(book([], [balance(), balance("LDX", "5")]), market())
    assert account.other_assets is None
    assert account.equity == 1000


def test_counting_asset_without_a_price_makes_equity_unknown() -> None:
    """BTC that margins ETHBTC cannot be valued without BTCUSDT's mark."""
    account = assess(book([], [balance(), balance("BTC", "1")]), market({}, margin_assets=["USDT", "BTC"]))
    assert account.wallet is None
    assert account.equity is None


@pytest.mark.parametrize("multi", [False, True])
def test_zero_balances_never_make_anything_unknown(*, multi: bool) -> None:
    """The exchange lists every asset; those without money need no price."""
    rows = [balance(), balance("BTC", "0"), balance("LDX", "0")]
    account = assess(book([], rows, multi=multi), market({}, margin_assets=["USDT", "BTC"]))
    assert (account.equity, account.other_assets, account.available) == (1000, 0, 1000)


def test_equity_is_unknown_until_the_exchanges_rules_are_read() -> None:
    """Without margin assets nobody can say what counts; PnL is known all the same."""
    account = assess(book([position(entry="90")]), market(margin_assets=[]))
    assert (account.equity, account.wallet, account.other_assets, account.available) == (None, None, None, None)
    assert account.unrealized_pnl == 10
    assert account.margin_ratio is not None


def test_credits_and_settling_assets_count_though_no_instrument_names_them() -> None:
    """European credits always count; an asset whose symbols stopped trading counts while a position settles in it."""
    held = position("XRPFDUSD", "1", "2", margin_asset="FDUSD")
    assert counted_assets(book(), market()) == {"USDT", "USDC", "BNFCR"}
    assert counted_assets(book([held]), market()) == {"USDT", "USDC", "BNFCR", "FDUSD"}


def test_coin_margined_pair_is_valued_through_its_margin_asset() -> None:
    """ETHBTC gains 0.01 BTC a unit: at 50,000 that is 500 USD each."""
    held = position("ETHBTC", "2", "0.04")
    prices = market({"ETHBTC": "0.05", "BTCUSDT": "50000"}, margin_assets=["USDT", "BTC"])
    account = assess(book([held], [balance(), balance("BTC", "0.1")]), prices)
    assert (account.wallet, account.unrealized_pnl, account.equity) == (6000, 1000, 7000)
    assert account.gross_exposure == 5000
    assert account.positions[0].unrealized_pnl == 1000


@pytest.mark.parametrize(
    ("wallet", "expected"),
    [("2", Decimal(180)), ("-2", Decimal(-220))],
    ids=["owned at the bid", "owed at the ask"],
)
def test_multi_assets_mode_takes_the_rate_for_the_sign(wallet: str, expected: Decimal) -> None:
    """The index has a haircut on both sides: bid for what is owned, ask for what is owed."""
    rows = [balance("USDT", "1000"), balance("BTC", wallet)]
    account = assess(book([], rows, multi=True), market(rates=[rate("BTC", "90", "110")]))
    assert account.wallet == 1000 + expected
    assert account.other_assets == 0


def test_multi_assets_mode_values_pnl_by_its_settling_asset() -> None:
    """A loss of 100 USDT is bought at USDT's ask, a gain of 50 USDC counts at USDC's bid."""
    held = [position("BTCUSDT", "-1", "100"), position("ETHUSDC", "1", "50")]
    prices = market(
        {"BTCUSDT": "200", "ETHUSDC": "100"}, rates=[rate("USDT", "0.99", "1.01"), rate("USDC", "0.98", "1.02")]
    )
    account = assess(book(held, [balance("USDT", "1000")], multi=True), prices)
    assert account.wallet == 990
    assert account.unrealized_pnl == Decimal(-101) + Decimal(49)


def test_multi_assets_mode_without_a_rate_is_unknown_for_coins_only() -> None:
    """A USD asset without a rate counts 1; a coin without one makes equity unknown."""
    prices = market(margin_assets=[])
    assert assess(book([], [balance()], multi=True), prices).equity == 1000
    assert assess(book([], [balance(), balance("BTC", "1")], multi=True), prices).equity is None


def test_unknown_spreads_through_sums_products_and_shares() -> None:
    """One unknown part makes a sum unknown; no burden is 0 on anything; a burden on nothing is infinite."""
    one = Decimal(1)
    assert total([one, None]) is None
    assert total([]) == 0
    assert (times(one, None), times(None, one), times(one, one)) == (None, None, 1)
    assert (share(None, one), share(one, None), share(Decimal(0), None)) == (None, None, 0)
    assert (share(one, Decimal(0)), share(one, -one), share(one, Decimal(2))) == (INFINITY, INFINITY, Decimal("0.5"))
