"""Margin numbers against the worked example of the exchange facts and hand-made cases."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll_simulator import outside
from plimsoll_simulator.account import Account, Order
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.scenarios.placing import hold
from plimsoll_simulator.world import SteppedClock, World


def order(symbol: str, side: str, quantity: str, price: str, **more: object) -> Order:
    """A resting limit order."""
    return Order(
        order_id=0,
        client_id="",
        symbol=symbol,
        side=side,
        type="LIMIT",
        quantity=Decimal(quantity),
        price=Decimal(price),
        **more,
    )


@pytest.fixture
def world() -> World:
    """A world at the prices of the worked example."""
    world = World(clock=SteppedClock())
    world.market.set_price("BTCUSDT", Decimal("91912.34"))
    world.market.set_price("ETHUSDT", Decimal("3088.41"))
    return world


@pytest.fixture
def account(world: World) -> Account:
    """The account of the worked example: long BTC at 10x, short ETH at 5x, one BTC buy order."""
    account = world.add_account("example", {"USDT": Decimal(8250)})
    account.setting("BTCUSDT").leverage = 10
    account.setting("ETHUSDT").leverage = 5
    hold(world, account, "BTCUSDT", "0.150", "91240.5")
    hold(world, account, "ETHUSDT", "-2.000", "3105.20")
    outside.rest_order(world, account, order("BTCUSDT", "BUY", "0.010", "90000"))
    return account


def test_totals_of_the_worked_example(world: World, account: Account):
    """Equity, margins and what is available are those of the example, digit by digit."""
    total = account_figures(account, world.market).total
    assert total.margin_balance == Decimal("8384.35600000")
    assert total.initial_margin == Decimal("2704.04910000")
    assert total.order_margin == Decimal(90)
    assert total.maintenance == Decimal("79.85468400")
    assert total.available == Decimal("5680.30690000")
    assert total.max_withdraw == Decimal("5545.95090000")


@pytest.mark.parametrize(("symbol", "price"), [("BTCUSDT", "36326.65515395"), ("ETHUSDT", "7224.11782669")])
def test_liquidation_prices_of_the_worked_example(world: World, account: Account, symbol: str, price: str):
    """The cross formula gives the example's liquidation prices; ETH to six digits, as the sheet rounds it."""
    found = account_figures(account, world.market).liquidations[symbol, "BOTH"]
    assert found is not None
    assert abs(found - Decimal(price)) < Decimal("0.00001")


def test_liquidation_leaves_exactly_the_maintenance_margin(world: World, account: Account):
    """At the liquidation price the margin balance equals the maintenance margin."""
    found = account_figures(account, world.market).liquidations["BTCUSDT", "BOTH"]
    assert found is not None
    world.market.set_price("BTCUSDT", found)
    total = account_figures(account, world.market).total
    assert abs(total.margin_balance - total.maintenance) < Decimal("1E-15")


def test_liquidation_uses_the_bracket_at_the_liquidation_price(world: World):
    """A large short is liquidated in a higher bracket than the one it is in now."""
    account = world.add_account("large", {"USDT": Decimal(200_000)})
    hold(world, account, "BTCUSDT", "-3.2", "91912.34")
    found = account_figures(account, world.market).liquidations["BTCUSDT", "BOTH"]
    assert found is not None
    world.market.set_price("BTCUSDT", found)
    total = account_figures(account, world.market).total
    assert abs(total.margin_balance - total.maintenance) < Decimal("1E-15")
    assert Decimal("3.2") * found > Decimal(300_000)


def test_a_long_with_more_money_than_value_cannot_be_liquidated(world: World):
    """No positive price liquidates a long that the wallet pays in full."""
    account = world.add_account("rich", {"USDT": Decimal(100_000)})
    hold(world, account, "BTCUSDT", "0.1", "91912.34")
    assert account_figures(account, world.market).liquidations["BTCUSDT", "BOTH"] is None


@pytest.mark.parametrize(
    ("side", "quantity", "margin"),
    [("BUY", "0.100", "900"), ("SELL", "0.300", "0"), ("SELL", "0.400", "842.62980")],
)
def test_one_way_orders_bind_margin_for_the_larger_side(world: World, side: str, quantity: str, margin: str):
    """Orders bind max(|position + buys|, |position - sells|); closing less than twice the position is free."""
    account = world.add_account("one-way", {"USDT": Decimal(50_000)})
    account.setting("BTCUSDT").leverage = 10
    hold(world, account, "BTCUSDT", "0.150", "91240.5")
    outside.rest_order(world, account, order("BTCUSDT", side, quantity, "90000"))
    assert account_figures(account, world.market).total.order_margin == Decimal(margin)


def test_reduce_only_orders_bind_nothing(world: World, account: Account):
    """An order that can only reduce needs no margin."""
    before = account_figures(account, world.market).total.order_margin
    outside.rest_order(world, account, order("BTCUSDT", "SELL", "5", "95000", reduce_only=True))
    assert account_figures(account, world.market).total.order_margin == before


def test_hedge_legs_are_counted_apart_and_share_a_liquidation_price(world: World):
    """In hedge mode both legs bind margin, and LONG and SHORT show one liquidation price."""
    account = world.add_account("hedge", {"USDT": Decimal(10_000)})
    account.hedge = True
    for side, amount in (("LONG", "0.2"), ("SHORT", "-0.05")):
        position = account.position("BTCUSDT", side)
        position.amount, position.entry = Decimal(amount), Decimal(91000)
    account.setting("BTCUSDT").leverage = 10
    figures = account_figures(account, world.market)
    assert figures.total.position_margin == Decimal("0.25") * Decimal("91912.34") / 10
    assert figures.liquidations["BTCUSDT", "LONG"] == figures.liquidations["BTCUSDT", "SHORT"]


def test_an_isolated_position_keeps_its_own_money(world: World):
    """Isolated margin leaves the cross wallet, and the position's liquidation looks at that margin alone."""
    account = world.add_account("isolated", {"USDT": Decimal(10_000)})
    setting = account.setting("SOLUSDT")
    setting.margin_type, setting.leverage = "ISOLATED", 10
    world.market.set_price("SOLUSDT", Decimal("139.80"))
    outside.trade(world, account, "SOLUSDT", "BUY", Decimal(10), price=Decimal("139.80"))
    figures = account_figures(account, world.market)
    assert figures.total.cross_wallet == figures.total.wallet - Decimal("139.80")
    assert figures.total.available == figures.total.cross_wallet
    liquidation = figures.liquidations["SOLUSDT", "BOTH"]
    assert liquidation == (Decimal("139.80") - 1398) / (10 * Decimal("0.005") - 10)


def test_single_asset_mode_counts_usdt_alone(world: World, account: Account):
    """In single-asset mode the totals do not see other assets."""
    outside.transfer(world, account, "USDC", Decimal(1000))
    assert account_figures(account, world.market).total.margin_balance == Decimal("8384.356")


def test_multi_assets_mode_values_every_asset_with_its_haircut(world: World, account: Account):
    """In multi-assets mode the total is in USD: the bid rate values what is owned, the ask rate what is owed."""
    outside.transfer(world, account, "BTC", Decimal("0.1"))
    outside.transfer(world, account, "USDC", Decimal(-100))
    account.multi_assets = True
    total = account_figures(account, world.market).total
    owed = 100 * Decimal("0.9999") * Decimal("1.0001")
    assert total.margin_balance == Decimal("8384.356") + Decimal("9191.234") * Decimal("0.95") - owed


def test_multi_assets_mode_shares_what_is_available(world: World, account: Account):
    """An asset without balance may still draw on the collateral of the others."""
    account.multi_assets = True
    figures = account_figures(account, world.market)
    assert figures.wallets["USDC"].available == figures.total.available / Decimal("0.9999") / Decimal("0.9999")
