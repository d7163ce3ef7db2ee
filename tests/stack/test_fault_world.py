"""Accounts and markets out of the ordinary, and everything that changes an account from outside."""

from __future__ import annotations

import logging
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pytest

from stack_faults import SPEED, STANDING, assert_logged, no_correction
from stack_harness import stack
from stack_truth import Witness, true_row, until_true


async def test_what_is_shown_is_true_to_begin_with():
    """Every figure of every account of the standing world equals the simulator's."""
    async with stack(STANDING, speed=SPEED) as running:
        for account in ("source", "eon", "live"):
            await until_true(running, account)


async def test_an_account_without_positions_is_flat_and_live():
    """Without positions exposure, leverage and margin ratio are 0, not absent, and no position series exists."""
    async with stack(STANDING, speed=SPEED) as running:
        metrics = await running.metrics()
        for name in ("gross_exposure_usd", "leverage_ratio", "margin_ratio", "positions"):
            assert metrics[f"binance_account_{name}", frozenset({("account", "eon")})] == 0
        assert not any(
            name.startswith("binance_position_") and ("account", "eon") in labels for name, labels in metrics
        )


@pytest.mark.parametrize("money", ["-50000", "-50100"], ids=["zero", "negative"])
async def test_equity_at_or_below_zero_without_positions(money: str):
    """Nothing owned, or money owed, with nothing held: equity is shown as it is and leverage is 0."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", speed=SPEED):
        await running.sim("transfer", account="eon", amount=money)
        await until_true(running, "eon")
        assert await running.shown("binance_account_equity_usd", account="eon") == 50000 + float(money)
        assert await running.shown("binance_account_leverage_ratio", account="eon") == 0
        assert await running.shown("binance_account_available_margin_ratio", account="eon") == 0
        await running.sim("transfer", account="eon", amount="60000")
        await until_true(running, "eon")


@pytest.mark.parametrize("left", ["0", "-250"], ids=["zero", "negative"])
async def test_equity_at_or_below_zero_with_positions_is_infinite_leverage(left: str):
    """With positions leverage and margin ratio become +Inf, never absent, and come back with the money."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        equity = Decimal(true_row(await running.truth(), "live")["equity"])
        taken = (Decimal(left) - equity).quantize(Decimal("0.00000001"), ROUND_FLOOR)
        await running.sim("transfer", account="live", amount=str(taken))
        await until_true(running, "live")
        for name in ("leverage_ratio", "margin_ratio"):
            assert await running.shown(f"binance_account_{name}", account="live") == float("inf")
        await running.sim("transfer", account="live", amount="5000")
        await until_true(running, "live")


async def test_a_price_that_eats_the_equity_is_followed():
    """A mark price far beyond the liquidation price gives negative equity and +Inf, and the way back is shown too."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("acts", margin=False, triggers=False)
        await running.sim("price", symbol="BTCUSDT", mark="600000")
        await until_true(running, "live")
        assert await running.shown("binance_account_equity_usd", account="live") < 0
        assert await running.shown("binance_account_leverage_ratio", account="live") == float("inf")
        await running.sim("price", symbol="BTCUSDT", mark="92000")
        await until_true(running, "live")


async def test_transfer_funding_and_fill_are_explained_by_their_events():
    """Money that moves with its events is shown at once, and nothing stays unexplained or needs a correction."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("transfer", account="live", amount="-123.45")
        await running.sim("funding", symbol="BTCUSDT", rate="0.001")
        await running.sim("trade", account="live", symbol="DOTUSDT", side="SELL", quantity="120")
        await running.sim("trade", account="live", symbol="DOTUSDT", side="SELL", quantity="300")
        await until_true(running, "live")
        await running.until(
            lambda metrics: metrics["binance_account_unexplained_change_usd", frozenset({("account", "live")})] == 0,
            "all explained",
        )
        await no_correction(running)


async def test_fees_in_bnb_leave_the_equity_alone():
    """Fees paid in BNB come out of the other assets; wallet and equity are as the exchange has them, all explained."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("transfer", account="live", asset="BNB", amount="2")
        await until_true(running, "live")
        before = await running.shown("binance_account_wallet_balance_usd", account="live")
        await running.sim("trade", account="live", symbol="BTCUSDT", side="SELL", quantity="0.01", fee_asset="BNB")
        await until_true(running, "live")
        assert await running.shown("binance_account_wallet_balance_usd", account="live") == before
        truth: dict[str, Any] = await running.truth()
        bnb, mark = true_row(truth, "live")["assets"]["BNB"]["wallet"], truth["prices"]["BNBUSDT"]["mark"]
        other = await running.shown("binance_account_other_assets_usd", account="live")
        assert float(bnb) < 2
        assert other == pytest.approx(float(bnb) * float(mark))
        await running.until(
            lambda metrics: metrics["binance_account_unexplained_change_usd", frozenset({("account", "live")})] == 0,
            "all explained",
        )


async def test_leverage_changed_from_outside():
    """A new leverage setting moves the setting and the initial margin at once."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("config", account="live", symbol="BTCUSDT", leverage=20)
        await until_true(running, "live")
        assert await running.shown("binance_symbol_leverage_setting_ratio", account="live", symbol="BTCUSDT") == 20


async def test_margin_type_changed_from_outside():
    """A symbol set to isolated margin, of which no event tells, is right with its first position."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("config", account="live", symbol="ETHUSDT", margin_type="ISOLATED")
        await running.sim("trade", account="live", symbol="ETHUSDT", side="BUY", quantity="0.5")
        await until_true(running, "live")
        await running.sim("price", symbol="ETHUSDT", mark="2950")
        await until_true(running, "live")
        await running.sim("trade", account="live", symbol="ETHUSDT", side="SELL", quantity="0.5")
        await until_true(running, "live")


async def test_assets_mode_changed_from_outside(caplog: pytest.LogCaptureFixture):
    """A change of the assets mode makes the account be read anew; both modes are right, with several assets held."""
    caplog.set_level(logging.INFO)
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("transfer", account="live", asset="BNB", amount="1.5")
        await running.sim("transfer", account="live", asset="USDC", amount="700")
        await until_true(running, "live")
        for multi, mode in ((True, "multi"), (False, "single")):
            await running.sim("config", account="live", multi_assets=multi)
            await until_true(running, "live")
            info = {"account": "live", "asset_mode": mode, "position_mode": "one-way"}
            assert await running.shown("binance_account_info", **info) == 1
    assert_logged(caplog, "live", "the assets mode was changed")


async def test_position_mode_changed_from_outside(caplog: pytest.LogCaptureFixture):
    """Hedge mode, of which no event tells, is noticed with the first fill, and both sides of a symbol are right."""
    caplog.set_level(logging.INFO)
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", speed=SPEED):
        await running.sim("config", account="eon", hedge=True)
        trade = {"account": "eon", "symbol": "BTCUSDT", "quantity": "0.2"}
        await running.sim("trade", side="BUY", position_side="LONG", **trade)
        await running.sim("trade", side="SELL", position_side="SHORT", **{**trade, "quantity": "0.05"})
        await until_true(running, "eon")
        info = {"account": "eon", "asset_mode": "single", "position_mode": "hedge"}
        assert await running.shown("binance_account_info", **info) == 1
        assert await running.shown("binance_account_positions", account="eon") == 2
    assert_logged(caplog, "eon", "the position mode was changed")


async def test_a_symbol_newer_than_our_list_of_symbols(caplog: pytest.LogCaptureFixture):
    """A position in a symbol that exchangeInfo does not name is never shown wrong, and is right once it does."""
    caplog.set_level(logging.INFO)
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED):
        await running.sim("symbol", base="NEW", mark="12.5")
        await running.sim("trade", account="eon", symbol="NEWUSDT", side="BUY", quantity="40")
        await until_true(running, "eon")
        await running.sim("price", symbol="NEWUSDT", mark="11")
        await until_true(running, "eon")
        await until_true(running, "live")
    assert_logged(caplog, "eon", "NEWUSDT is not in the exchange's list yet")
