"""Money that moves by the exchange's own acts: transfers of every kind, automatic exchange, fees in BNB, funding."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll_simulator import outside
from plimsoll_simulator.account import Account
from plimsoll_simulator.acts.auto_exchange import exchange_debts
from plimsoll_simulator.acts.transfers import REASONS, move, reject_withdrawal
from plimsoll_simulator.fees import commission
from plimsoll_simulator.world import SteppedClock, World

Heard = list[dict]


@pytest.fixture
def world() -> World:
    """A world that stands still, with one account."""
    world = World(clock=SteppedClock())
    world.add_account("a", {"USDT": Decimal(1000)})
    return world


@pytest.mark.parametrize("kind", REASONS)
@pytest.mark.parametrize("amount", ["12.5", "-7"])
def test_every_kind_of_transfer_has_its_row_and_reason(
    world: World, account: Account, heard: Heard, kind: str, amount: str
):
    """The income row has the type, the event the reason and the signed change; the wallet follows."""
    move(world, account, "USDT", Decimal(amount), kind=kind)
    row = account.income[-1]
    assert (row.type, row.amount, account.wallets["USDT"]) == (kind, Decimal(amount), 1000 + Decimal(amount))
    coming, going = REASONS[kind]
    body = heard[-1]["a"]
    assert (body["m"], body["B"][0]["bc"]) == (coming if Decimal(amount) > 0 else going, amount)


def test_a_rejected_withdrawal_goes_and_comes(world: World, account: Account, heard: Heard):
    """WITHDRAW takes it out, WITHDRAW_REJECT gives it back; two rows, the same wallet."""
    reject_withdrawal(world, account, "USDT", Decimal(300))
    assert [(event["a"]["m"], event["a"]["B"][0]["wb"]) for event in heard] == [
        ("WITHDRAW", "700.00000000"),
        ("WITHDRAW_REJECT", "1000.00000000"),
    ]
    assert [row.amount for row in account.income] == [-300, 300]


def test_a_debt_beyond_its_limit_is_bought_with_other_assets(world: World, account: Account, heard: Heard):
    """Two AUTO_EXCHANGE rows and one event; what is owed is paid at the exchange's rates, the debt is gone."""
    account.multi_assets = True
    account.wallets |= {"USDT": Decimal(-10001), "BTC": Decimal(1), "USDC": Decimal(50)}
    exchange_debts(world, account)
    assert account.wallets["USDT"] == 0
    rate = world.market.exchange_bid("BTC")
    assert 1 - account.wallets["BTC"] == pytest.approx(Decimal(10001) / rate, abs=Decimal("1e-7"))
    assert {row.type for row in account.income} == {"AUTO_EXCHANGE"}
    assert [event["a"]["m"] for event in heard] == ["AUTO_EXCHANGE"]
    assert {each["a"]: each["bc"] for each in heard[0]["a"]["B"]}["USDT"] == "10001"


def test_a_debt_within_its_limit_stays(world: World, account: Account):
    """So does any debt in single-asset mode."""
    account.wallets |= {"USDT": Decimal(-9999), "BTC": Decimal(1)}
    for multi in (True, False):
        account.multi_assets = multi
        exchange_debts(world, account)
        account.wallets["USDT"] = Decimal(-10001)
    assert account.income == []


def test_a_debt_that_nothing_covers_takes_everything(world: World, account: Account):
    """The most valuable asset pays first, then the others; what is left of the debt stays."""
    account.multi_assets = True
    account.wallets |= {"USDT": Decimal(-20000), "BNB": Decimal(2), "BTC": Decimal("0.1")}
    exchange_debts(world, account)
    assert account.wallets["BNB"] == account.wallets["BTC"] == 0
    assert account.wallets["USDT"] < -8000
    assert [row.asset for row in account.income] == ["BTC", "USDT", "BNB", "USDT"]


def test_fees_are_burnt_in_bnb_where_there_is_some(world: World, account: Account, heard: Heard):
    """Ten per cent less, paid in BNB at its index price; the event names both wallets."""
    account.fee_burn = True
    account.wallets["BNB"] = Decimal(1)
    done = outside.trade(world, account, "BTCUSDT", "BUY", Decimal("0.01"), price=Decimal(92000))
    assert (done.commission_asset, done.commission) == ("BNB", Decimal("0.00045746"))
    assert account.wallets == {"USDT": Decimal(1000), "BNB": 1 - done.commission}
    assert [(row.type, row.asset) for row in account.income] == [("COMMISSION", "BNB")]
    balances = next(event["a"]["B"] for event in heard if event["e"] == "ACCOUNT_UPDATE")
    assert {each["a"] for each in balances} == {"USDT", "BNB"}


def test_fees_fall_back_to_the_quote_asset(world: World, account: Account):
    """Without enough BNB, or without the switch, the quote asset pays in full."""
    symbol = world.market.symbols["BTCUSDT"]
    for burn, owned in ((True, "0.0001"), (False, "5")):
        account.fee_burn, account.wallets["BNB"] = burn, Decimal(owned)
        due = commission(account, world.market, symbol, Decimal(920))
        assert (due.asset, due.amount) == ("USDT", Decimal("0.46"))
    assert commission(account, world.market, symbol, Decimal(920), maker=True).amount == Decimal("0.184")


def test_funding_of_an_isolated_position_names_it(world: World, account: Account, heard: Heard):
    """Cross funding tells the balance alone, isolated funding the position too; both carry the symbol."""
    outside.trade(world, account, "SOLUSDT", "BUY", Decimal(1), event=False)
    account.setting("ETHUSDT").margin_type = "ISOLATED"
    outside.trade(world, account, "ETHUSDT", "BUY", Decimal("0.1"), event=False)
    for symbol in ("SOLUSDT", "ETHUSDT"):
        outside.funding(world, symbol)
    assert [(each["a"]["S"], len(each["a"]["P"])) for each in heard] == [("SOLUSDT", 0), ("ETHUSDT", 1)]
    assert [row.type for row in account.income[-2:]] == ["FUNDING_FEE"] * 2
    assert [row.symbol for row in world.tape.fundings] == ["SOLUSDT", "ETHUSDT"]
