"""What the exchange does to accounts by itself: margin calls, liquidation, deleveraging, settlement."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll_simulator import outside
from plimsoll_simulator.account import Account, AlgoOrder, Order
from plimsoll_simulator.acts.deleveraging import deleverage
from plimsoll_simulator.acts.pools import pools
from plimsoll_simulator.acts.settlement import set_status
from plimsoll_simulator.events import margin_call
from plimsoll_simulator.figures import account_figures
from plimsoll_simulator.living import pass_second, wake
from plimsoll_simulator.rest.refusal import Refused
from plimsoll_simulator.trading.engine import submit
from plimsoll_simulator.trading.request import OrderRequest
from plimsoll_simulator.world import SteppedClock, World

Heard = list[dict]


@pytest.fixture
def world() -> World:
    """A world that stands still, with one account at five times leverage."""
    world = World(clock=SteppedClock())
    world.add_account("a", {"USDT": Decimal(1000)})
    wake(world)
    return world


def short(events: Heard) -> list[tuple[str, ...]]:
    """Events in a few words."""
    rows = []
    for event in events:
        if event["e"] == "ORDER_TRADE_UPDATE":
            rows.append((event["o"]["x"], event["o"]["X"]))
        elif event["e"] == "ACCOUNT_UPDATE":
            rows.append((event["e"], event["a"]["m"]))
        else:
            rows.append((event["e"],))
    return rows


def move(world: World, symbol: str, mark: str) -> None:
    """A price moves and a second passes."""
    world.market.set_price(symbol, Decimal(mark))
    pass_second(world)


def long_bitcoin(world: World, account: Account) -> None:
    """0.1 BTC at 92,000: at a wallet of 1,000 the margin is gone near 82,375."""
    outside.trade(world, account, "BTCUSDT", "BUY", Decimal("0.1"), price=Decimal(92000), event=False)


def test_a_margin_call_comes_once_at_four_fifths(world: World, account: Account, heard: Heard):
    """It is sent when maintenance margin reaches 80 % of the balance, and again only after it was below."""
    long_bitcoin(world, account)
    move(world, "BTCUSDT", "83000")
    assert heard == []
    for mark in ("82450", "82440", "83000", "82450"):
        move(world, "BTCUSDT", mark)
    assert [event["e"] for event in heard] == ["MARGIN_CALL"] * 2
    row = heard[0]["p"][0]
    assert (row["s"], row["pa"], row["mt"], row["mp"]) == ("BTCUSDT", "0.100", "CROSSED", "82450")


def test_liquidation_runs_its_course(world: World, account: Account, heard: Heard):
    """Orders end first with reason 5, then the position is sold by an autoclose order, and the fund takes its fee."""
    long_bitcoin(world, account)
    resting = Order(
        order_id=0, client_id="", symbol="ETHUSDT", side="BUY", type="LIMIT", quantity=Decimal(1), price=Decimal(2000)
    )
    outside.rest_order(world, account, resting, event=False)
    stop = AlgoOrder(
        algo_id=0, client_id="", symbol="BTCUSDT", side="SELL", type="STOP_MARKET", quantity=Decimal("0.1"),
        trigger_price=Decimal(70000),
    )  # fmt: skip
    outside.rest_algo_order(world, account, stop, event=False)
    world.market.set_price("BTCUSDT", Decimal(82300))
    pass_second(world)
    assert short(heard) == [("MARGIN_CALL",), ("EXPIRED", "EXPIRED"), ("ALGO_UPDATE",)]
    assert heard[1]["o"]["er"] == "5"
    assert (resting.status, stop.status, account.liquidating) == ("EXPIRED", "EXPIRED", True)
    del heard[:]
    pass_second(world)
    assert short(heard) == [
        ("NEW", "NEW"),
        ("CALCULATED", "FILLED"),
        ("ACCOUNT_UPDATE", "ORDER"),
        ("ACCOUNT_UPDATE", "INSURANCE_CLEAR"),
    ]
    sold = heard[1]["o"]
    assert sold["c"].startswith("autoclose-")
    assert (sold["o"], sold["f"], sold["S"], sold["V"], sold["z"]) == ("LIQUIDATION", "IOC", "SELL", "NONE", "0.100")
    assert Decimal(sold["p"]) <= Decimal(sold["ap"]) < 82300
    assert (account.open_positions(), account.liquidating) == ([], False)
    assert [row.type for row in account.income][-3:] == ["REALIZED_PNL", "COMMISSION", "INSURANCE_CLEAR"]
    assert account.wallets["USDT"] >= 0


def test_no_order_is_taken_while_the_account_is_liquidated(world: World, account: Account):
    """-2023 from the moment the liquidation begins until it has ended."""
    long_bitcoin(world, account)
    order = OrderRequest(symbol="ETHUSDT", side="BUY", type="MARKET", quantity=Decimal("0.01"))
    move(world, "BTCUSDT", "82300")
    with pytest.raises(Refused) as refused:
        submit(world, account, order)
    assert refused.value.code == -2023
    move(world, "BTCUSDT", "82300")
    account.wallets["USDT"] += 1000
    assert submit(world, account, order).status == "FILLED"


def test_a_gap_cannot_leave_debts(world: World, account: Account):
    """Where the price fell past everything, the insurance fund takes the position over at the bankruptcy price."""
    long_bitcoin(world, account)
    for _ in range(3):
        move(world, "BTCUSDT", "60000")
    assert account.open_positions() == []
    assert account.wallets["USDT"] == 0
    assert sum(row.amount for row in account.income) == -1000


def test_the_neediest_position_goes_first_and_no_more_than_needed(world: World, account: Account):
    """One position a second, the one with the most maintenance margin first; what its own gain carries stays."""
    long_bitcoin(world, account)
    outside.trade(world, account, "SOLUSDT", "BUY", Decimal(1), price=Decimal(100))
    move(world, "BTCUSDT", "81900")
    assert len(account.open_positions()) == 2
    for _ in range(3):
        move(world, "BTCUSDT", "81900")
        assert [each.symbol for each in account.open_positions()] == ["SOLUSDT"]
    assert not account.liquidating


def test_an_isolated_position_is_lost_alone(world: World, account: Account, heard: Heard):
    """It falls with its own margin, commission and fee included; the cross position and the rest of the wallet stay."""
    account.setting("ETHUSDT").margin_type = "ISOLATED"
    account.setting("ETHUSDT").leverage = 10
    outside.trade(world, account, "ETHUSDT", "BUY", Decimal(1), price=Decimal(3090))
    outside.trade(world, account, "SOLUSDT", "BUY", Decimal(1), price=Decimal("139.8"))
    before = account.wallets["USDT"]
    move(world, "ETHUSDT", "2790")
    move(world, "ETHUSDT", "2790")
    assert [each.symbol for each in account.open_positions()] == ["SOLUSDT"]
    assert account.position("ETHUSDT").isolated_wallet == 0
    assert account.wallets["USDT"] == before - 309
    call = next(event for event in heard if event["e"] == "MARGIN_CALL")
    assert "ISOLATED" in {row["mt"] for row in call["p"]}
    assert Decimal(call["cw"]) == before - 309
    account.position("SOLUSDT").amount = Decimal(0)
    assert "cw" not in margin_call(world, account)


def test_a_loss_in_multi_assets_mode_is_paid_with_the_other_assets(world: World, account: Account, heard: Heard):
    """After the liquidation the debt in USDT is bought with BTC at once, however small it is."""
    account.multi_assets = True
    account.wallets = {"USDT": Decimal(0), "BTC": Decimal("0.02")}
    outside.trade(world, account, "ETHUSDT", "BUY", Decimal(2), price=Decimal(3090), event=False)
    for _ in range(3):
        move(world, "ETHUSDT", "2225")
    reasons = [event["a"]["m"] for event in heard if event["e"] == "ACCOUNT_UPDATE"]
    assert reasons[0] == "ORDER"
    assert "AUTO_EXCHANGE" in reasons
    assert account.open_positions() == []
    assert min(account.wallets.values()) >= 0
    for asset, amount in (("USDT", 0), ("BTC", Decimal("0.02"))):
        assert account.wallets[asset] == amount + sum(row.amount for row in account.income if row.asset == asset)


def test_both_legs_of_a_hedge_stand_and_fall_together(world: World, account: Account):
    """The leg with the larger need goes first, on its own side; the smaller one may stay."""
    account.hedge = True
    outside.trade(
        world, account, "BTCUSDT", "BUY", Decimal("0.1"), position_side="LONG", price=Decimal(92000), event=False
    )
    outside.trade(
        world, account, "BTCUSDT", "SELL", Decimal("0.01"), position_side="SHORT", price=Decimal(92000), event=False
    )
    for _ in range(3):
        move(world, "BTCUSDT", "81340")
    assert [(each.side, each.amount) for each in account.open_positions()] == [("SHORT", Decimal("-0.01"))]
    forced = [order for order in account.orders.values() if order.forced]
    assert [(order.side, order.position_side) for order in forced] == [("SELL", "LONG")]


def test_pools_agree_with_the_account(world: World, account: Account):
    """The lean arithmetic of the watch gives what the account endpoints report, in both asset modes."""
    account.wallets |= {"BTC": Decimal("0.01"), "USDC": Decimal(300)}
    long_bitcoin(world, account)
    outside.trade(world, account, "ETHUSDC", "SELL", Decimal("0.2"), price=Decimal(3090))
    for multi in (False, True):
        account.multi_assets = multi
        figures = account_figures(account, world.market)
        found = {pool.asset: (pool.maintenance, pool.balance) for pool in pools(account, world.market)}
        if multi:
            total = figures.total
            assert found["USD"][0] == pytest.approx(total.maintenance)
            assert found["USD"][1] == pytest.approx(total.margin_balance)
        else:
            assert set(found) == {"USDT", "USDC"}
            for asset, numbers in found.items():
                wallet = figures.wallets[asset]
                assert numbers == (wallet.maintenance, wallet.margin_balance)


def test_an_unwatchful_exchange_lets_margins_be(world: World, account: Account, heard: Heard):
    """Switched off, any price is without consequence."""
    world.watchful = False
    long_bitcoin(world, account)
    move(world, "BTCUSDT", "1000")
    assert heard == []


def test_deleveraging_takes_a_part_or_all(world: World, account: Account, heard: Heard):
    """An adl_autoclose order, executed as CALCULATED, without fee."""
    long_bitcoin(world, account)
    deleverage(world, account, account.position("BTCUSDT"), quantity=Decimal("0.04"), price=Decimal(93000))
    assert short(heard) == [("NEW", "NEW"), ("CALCULATED", "FILLED"), ("ACCOUNT_UPDATE", "ORDER")]
    assert (heard[1]["o"]["c"], heard[1]["o"]["rp"], heard[1]["o"]["n"]) == (
        "adl_autoclose",
        "40.00000000",
        "0.00000000",
    )
    deleverage(world, account, account.position("BTCUSDT"))
    assert account.open_positions() == []
    assert [row.type for row in account.income] == ["COMMISSION", "REALIZED_PNL"]


def test_settlement_closes_everybody_at_the_mark(world: World, account: Account, heard: Heard):
    """Orders end with reason 7, the position is settled at the mark price, and the symbol takes no more orders."""
    long_bitcoin(world, account)
    resting = Order(
        order_id=0, client_id="", symbol="BTCUSDT", side="BUY", type="LIMIT", quantity=Decimal(1), price=Decimal(50000)
    )
    outside.rest_order(world, account, resting, event=False)
    world.market.set_price("BTCUSDT", Decimal("93000.04"))
    set_status(world, "BTCUSDT", "SETTLING")
    assert resting.expiry == 7
    settled = heard[2]["o"]
    assert settled["c"].startswith("settlement_autoclose-")
    assert (settled["x"], settled["ap"], settled["rp"]) == ("CALCULATED", "93000", "100.00000000")
    assert account.income[-1].type == "DELIVERED_SETTELMENT"
    assert account.open_positions() == []
    with pytest.raises(Refused):
        submit(world, account, OrderRequest(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=Decimal("0.01")))


def test_an_isolated_position_that_gapped_takes_nothing_from_the_cross_wallet(world: World, account: Account):
    """Past its bankruptcy price nothing is left for commission or fee; with BNB burning, BNB stays too."""
    account.setting("ETHUSDT").margin_type = "ISOLATED"
    account.setting("ETHUSDT").leverage = 10
    outside.trade(world, account, "ETHUSDT", "BUY", Decimal(1), price=Decimal(3090))
    account.fee_burn, account.wallets["BNB"] = True, Decimal(1)
    before = account.wallets["USDT"]
    for _ in range(2):
        move(world, "ETHUSDT", "2000")
    assert account.open_positions() == []
    assert (account.wallets["USDT"], account.wallets["BNB"]) == (before - 309, 1)
    assert [row.type for row in account.income] == ["COMMISSION", "REALIZED_PNL"]


def test_a_margin_call_tells_the_wallet_of_the_pool_in_danger(world: World, account: Account, heard: Heard):
    """USDC positions have a pool of their own: its call comes by itself, with its cross wallet."""
    account.wallets["USDC"] = Decimal(100)
    long_bitcoin(world, account)
    outside.trade(world, account, "ETHUSDC", "BUY", Decimal(1), price=Decimal(3090), event=False)
    move(world, "ETHUSDC", "3005")
    assert [event["cw"] for event in heard] == ["98.45500000"]
    move(world, "BTCUSDT", "82450")
    assert [event["cw"] for event in heard] == ["98.45500000", "995.40000000"]
    move(world, "BTCUSDT", "82450")
    assert len(heard) == 2


def test_a_lost_cross_pool_owes_nothing_while_other_positions_stand(world: World, account: Account):
    """The fund pays the debt at once; the isolated position and the pool of another asset keep all of theirs."""
    account.wallets["USDC"] = Decimal(500)
    account.setting("ETHUSDT").margin_type = "ISOLATED"
    outside.trade(world, account, "ETHUSDT", "BUY", Decimal("0.1"), price=Decimal(3090), event=False)
    outside.trade(world, account, "ETHUSDC", "BUY", Decimal("0.1"), price=Decimal(3090), event=False)
    long_bitcoin(world, account)
    kept = account.position("ETHUSDT").isolated_wallet
    for _ in range(3):
        move(world, "BTCUSDT", "60000")
    assert {each.symbol for each in account.open_positions()} == {"ETHUSDT", "ETHUSDC"}
    assert account.wallets["USDT"] == kept
    assert account.wallets["USDC"] == 500 - Decimal("0.1545")
    assert account.income[-1].type == "INSURANCE_CLEAR"
    assert account.income[-1].amount > 0
    assert not account.liquidating
