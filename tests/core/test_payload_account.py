"""What the signed reads of an account say in the product's language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payload_files import MISSING, changed, payload
from plimsoll.errors import Malformed
from plimsoll.exchange.payload import account
from plimsoll.model.account import AccountSettings, Balance, Income, KeyPermissions, SymbolSettings
from plimsoll.model.terms import AssetMode, MarginMode, PositionMode, PositionSide


def test_wallet_of_a_single_asset_account():
    """Every asset is told, empty ones included, with the exchange's own totals."""
    wallet = account.wallet(payload("rest_account_single"))
    assert wallet.balances[1] == Balance(
        asset="USDC", wallet=Decimal("812.5"), cross_wallet=Decimal("512.5"), updated_ms=1795165102000
    )
    assert [balance.asset for balance in wallet.balances] == ["USDT", "USDC", "BNB"]
    assert wallet.margin_balances == {"USDT": Decimal(12610), "USDC": Decimal("831.25"), "BNB": Decimal(0)}
    assert wallet.margin_balance == 12610
    assert wallet.initial_margin == Decimal("1234.33333333")
    assert wallet.maintenance_margin == Decimal("37.03")
    assert wallet.available == Decimal("11375.66666667")


def test_wallet_may_be_negative_and_have_fields_we_do_not_know():
    """A negative balance in multi-assets mode is kept with its sign; unknown fields are ignored."""
    assert account.wallet(payload("rest_account_multi")).balances[0].wallet == Decimal("-146.25")


@pytest.mark.parametrize("field", ["asset", "walletBalance", "crossWalletBalance", "marginBalance", "updateTime"])
@pytest.mark.parametrize("value", [MISSING, None, "", ["x"]])
def test_one_broken_balance_refuses_the_wallet(field: str, value: object):
    """Half a wallet is no wallet."""
    with pytest.raises(Malformed, match=rf"GET /fapi/v3/account assets \[1\]: {field}"):
        account.wallet(changed(payload("rest_account_single"), ("assets", 1, field), value))


@pytest.mark.parametrize("field", ["totalMarginBalance", "totalInitialMargin", "totalMaintMargin", "availableBalance"])
def test_a_missing_total_refuses_the_wallet(field: str):
    """The exchange's totals are what ours are reconciled with, so they must be there."""
    with pytest.raises(Malformed, match=f"account: {field} is missing"):
        account.wallet(changed(payload("rest_account_single"), (field,), MISSING))


def test_an_asset_listed_twice_refuses_the_wallet():
    """Money told twice would be counted twice."""
    with pytest.raises(Malformed, match="listed twice"):
        account.wallet(changed(payload("rest_account_single"), ("assets", 1, "asset"), "USDT"))


def test_positions_in_one_way_mode():
    """Rows of zero are left out; money set aside makes a position isolated; a liquidation price of "0" is none."""
    long, short = account.position_reports(payload("rest_positions_one_way"))
    assert (long.position.symbol, long.position.amount, long.position.entry_price) == ("SOLUSDT", 40, Decimal("182.40"))
    assert (long.position.position_side, long.position.margin_mode) == (PositionSide.BOTH, MarginMode.CROSS)
    assert (long.liquidation_price, long.mark_price) == (None, Decimal("185.15"))
    assert (long.unrealized_pnl, long.maintenance_margin) == (110, Decimal("37.03"))
    assert long.position_margin == Decimal("1234.33333333")
    assert (short.position.amount, short.position.margin_mode) == (-3, MarginMode.ISOLATED)
    assert (short.position.isolated_wallet, short.position.margin_asset) == (300, "USDC")
    assert short.liquidation_price == Decimal("998.17234")
    assert short.position.updated_ms == 1795165102000


def test_positions_in_hedge_mode():
    """A symbol may be held both ways, one row a side."""
    reports = account.position_reports(payload("rest_positions_hedge"))
    assert [report.position.key for report in reports] == [
        ("SOLUSDT", PositionSide.LONG),
        ("SOLUSDT", PositionSide.SHORT),
    ]


def test_an_isolated_position_whose_wallet_is_used_up_is_still_isolated():
    """Either of the two isolated figures tells the mode."""
    json = changed(payload("rest_positions_one_way"), (1, "isolatedWallet"), "0")
    assert account.position_reports(json)[1].position.margin_mode is MarginMode.ISOLATED


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("entryPrice", "0.0", "entry price should be above zero"),
        ("entryPrice", "-1", "entry price should be above zero"),
        ("markPrice", "0", "markPrice should be above zero"),
        ("positionSide", "NET", "positionSide should be one of BOTH, LONG, SHORT, found 'NET'"),
        ("positionSide", "SHORT", "amount has the wrong sign for the short side"),
        ("positionAmt", "NaN", "positionAmt should be a number"),
        ("maintMargin", MISSING, "maintMargin is missing"),
        ("symbol", "", "symbol should not be empty"),
        ("marginAsset", None, "marginAsset should not be null"),
        ("liquidationPrice", "none", "liquidationPrice should be a number"),
    ],
)
def test_one_broken_position_refuses_all(field: str, value: object, fault: str):
    """An open position that cannot be believed makes the whole answer unusable, and is named."""
    with pytest.raises(Malformed, match=rf"positionRisk \[0\]: {fault}"):
        account.position_reports(changed(payload("rest_positions_hedge"), (0, field), value))


def test_a_position_listed_twice_refuses_all():
    """A position told twice would be counted twice."""
    json = changed(payload("rest_positions_one_way"), (1, "symbol"), "SOLUSDT")
    with pytest.raises(Malformed, match="listed twice"):
        account.position_reports(json)


@pytest.mark.parametrize("value", [MISSING, "", None])
def test_a_liquidation_price_may_be_absent(value: object):
    """Where the exchange gives no liquidation price, there is none."""
    json = changed(payload("rest_positions_hedge"), (0, "liquidationPrice"), value)
    assert account.position_reports(json)[0].liquidation_price is None


def test_settings():
    """The two account-wide switches and the right to trade."""
    assert account.settings(payload("rest_account_config")) == AccountSettings(
        position_mode=PositionMode.HEDGE, asset_mode=AssetMode.MULTI, can_trade=True
    )
    assert account.settings(payload("rest_account_config_plain")) == AccountSettings(
        position_mode=PositionMode.ONE_WAY, asset_mode=AssetMode.SINGLE, can_trade=False
    )


def test_symbol_settings_leave_broken_rows_out():
    """Both spellings of the margin mode and of the leverage are read; a row that is not understood is left out."""
    assert account.symbol_settings(payload("rest_symbol_config")) == (
        SymbolSettings(symbol="SOLUSDT", leverage=6, margin_mode=MarginMode.CROSS),
        SymbolSettings(symbol="BNBUSDC", leverage=10, margin_mode=MarginMode.ISOLATED),
    )


@pytest.mark.parametrize("word", ["cross", "CROSSED", "Cross"])
def test_every_spelling_of_cross(word: str):
    """REST and stream spell the margin mode differently and mean the same."""
    json = changed(payload("rest_symbol_config"), (0, "marginType"), word)
    assert account.symbol_settings(json)[0].margin_mode is MarginMode.CROSS


def test_incomes():
    """A transfer without symbol or trade, a commission with ids beyond 2^53, an id as text."""
    transfer, commission, funding = account.incomes(payload("rest_income"))
    assert transfer == Income(
        kind="TRANSFER",
        asset="USDT",
        amount=Decimal(-250),
        symbol="",
        time_ms=1795165100000,
        transaction_id="0",
        trade_id="",
    )
    assert (commission.transaction_id, commission.trade_id) == ("1900000000007712001", "881200455")
    assert (funding.transaction_id, funding.trade_id) == ("1900000000007712002", "")


def test_one_broken_income_refuses_all():
    """A ledger with a hole in it explains nothing."""
    with pytest.raises(Malformed, match=r"income \[1\]: income should be a number"):
        account.incomes(changed(payload("rest_income"), (1, "income"), "-Infinity"))


def test_key_permissions():
    """Either of the two transfer rights counts as transfer."""
    assert account.key_permissions(payload("sapi_key_permissions")) == KeyPermissions(
        read=True, trade=True, withdraw=False, transfer=True, ip_restricted=True, portfolio_margin=True
    )


def test_key_permissions_of_an_older_answer():
    """Truth values as words, and no portfolio-margin right, as answers had them before."""
    assert account.key_permissions(payload("sapi_key_permissions_old")) == KeyPermissions(
        read=True, trade=False, withdraw=True, transfer=False, ip_restricted=False, portfolio_margin=False
    )


@pytest.mark.parametrize("right", ["enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer"])
def test_a_right_that_is_not_told_is_not_taken_as_no(right: str):
    """A dangerous right must be told; its absence is no denial."""
    with pytest.raises(Malformed, match=f"{right} is missing"):
        account.key_permissions(changed(payload("sapi_key_permissions"), (right,), MISSING))


def test_sound_positions_leave_out_what_is_broken():
    """Who must close what can be closed gets every sound row, and none that is broken, empty or listed twice."""
    rows = payload("rest_positions_hedge")
    assert account.sound_position_reports(rows) == account.position_reports(rows)
    first, second = account.position_reports(rows)[:2]
    broken = changed(rows, (0, "entryPrice"), "-1")
    assert first not in account.sound_position_reports(broken)
    assert second in account.sound_position_reports(broken)
    assert first not in account.sound_position_reports(changed(rows, (0, "positionAmt"), "0"))
    twice = [*rows, rows[0]]
    assert account.sound_position_reports(twice) == account.position_reports(rows)[1:]


def test_without_any_sound_position_nothing_is_told():
    """An answer that is wholly broken is no empty account."""
    first = payload("rest_positions_one_way")[:1]
    with pytest.raises(Malformed, match="positionRisk"):
        account.sound_position_reports(changed(first, (0, "markPrice"), "0"))
