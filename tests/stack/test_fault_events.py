"""User events that come twice, late, turned round or never, told by the simulator as the exchange would."""

from __future__ import annotations

import pytest

from stack_faults import (
    CORRECTIONS,
    SPEED,
    STANDING,
    assert_logged,
    heal,
    no_correction,
    recorded,
    say,
    until_counted,
)
from stack_harness import Stack, stack
from stack_truth import Witness, until_true


async def trade(running: Stack, quantity: str, side: str = "BUY", *, event: bool = True) -> None:
    """A fill of the account ``live``."""
    await running.sim("trade", account="live", symbol="DOTUSDT", side=side, quantity=quantity, event=event)


async def all_explained(running: Stack) -> None:
    """Wait until nothing of the wallet of ``live`` is unexplained."""
    key = ("binance_account_unexplained_change_usd", frozenset({("account", "live")}))
    await running.until(lambda metrics: metrics.get(key) == 0, "everything explained")


@pytest.mark.parametrize("disorder", ["repeat", "reorder"])
async def test_events_doubled_or_turned_round(disorder: str):
    """Events that come twice or last first give the same account, wholly explained, without help of a reconcile."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("event", account="live", **{disorder: 8})
        await trade(running, "100")
        await trade(running, "250", "SELL")
        await running.sim("transfer", account="live", amount="33")
        await running.sim("transfer", account="live", amount="-12")
        await until_true(running, "live")
        await all_explained(running)
        await no_correction(running)


async def test_a_position_closed_and_opened_again_out_of_order():
    """Close, opposite opening and increase in reverse order leave the position that the exchange has."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("event", account="live", reorder=12)
        for side, quantity in (("SELL", "300"), ("SELL", "80"), ("BUY", "30")):
            await trade(running, quantity, side)
        await until_true(running, "live")
        await all_explained(running)


async def test_old_events_that_come_again_much_later():
    """Events delivered again after newer ones, and after a new connection, change nothing."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        kept = recorded(running)
        await trade(running, "40")
        await running.sim("transfer", account="live", amount="21")
        old = list(kept)
        await trade(running, "60", "SELL")
        await running.sim("transfer", account="live", amount="-7")
        await until_true(running, "live")
        await running.sim("stream", target="live", action="cut")
        await until_counted(running, "binance_stream_reconnects_total", stream="live")
        await running.until_up("live")
        for event in reversed(old):
            await say(running, "live", event)
        await trade(running, "10")
        await until_true(running, "live")
        await all_explained(running)
        await no_correction(running)


async def test_a_stream_five_seconds_late():
    """Events that come late are late on the page by no more than that, and need no correction, whoever is quicker."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("stream", target="live", action="delay", seconds=5 / SPEED)
        await trade(running, "75")
        await until_true(running, "live")
        await all_explained(running)
        await no_correction(running)
        await heal(running)


LOST: dict[str, tuple[str, dict[str, object], str]] = {
    "trade": ("trade", {"symbol": "DOTUSDT", "side": "SELL", "quantity": "120"}, "position"),
    "closing-trade": ("trade", {"symbol": "DOTUSDT", "side": "SELL", "quantity": "300"}, "position"),
    "new-symbol": ("trade", {"symbol": "ETHUSDT", "side": "BUY", "quantity": "0.2"}, "position"),
    "transfer": ("transfer", {"amount": "-250"}, "wallet"),
    "order": ("order", {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01", "price": "60000"}, "order"),
}


@pytest.mark.parametrize(("command", "fields", "field"), LOST.values(), ids=LOST.keys())
async def test_a_lost_event_is_found_within_the_allowed_age(
    command: str, fields: dict[str, object], field: str, caplog: pytest.LogCaptureFixture
):
    """What the stream did not tell is found by the reconcile, counted by field, logged, and in the end explained."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await until_true(running, "live")
        await running.sim(command, account="live", event=False, **fields)
        await until_counted(running, CORRECTIONS, account="live", field=field)
        await until_true(running, "live")
        await all_explained(running)
    assert_logged(caplog, "live", "not told by the stream", f"{field} of")


async def test_a_lost_cancellation_is_found_within_the_allowed_age(caplog: pytest.LogCaptureFixture):
    """A stop that was cancelled without a word stops being counted, and the correction says so."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await until_true(running, "live")
        order = next(iter(running.simulator.world.accounts["live"].algo_orders))
        await running.sim("cancel", account="live", algo_id=order, event=False)
        await until_counted(running, CORRECTIONS, account="live", field="order")
        await until_true(running, "live")
        assert await running.shown("binance_open_orders", account="live", purpose="stop") == 2
    assert_logged(caplog, "live", "not told by the stream", "order of")


async def test_lost_funding_is_found_and_explained():
    """Funding that no event told is found in the wallet and explained by the income history."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("funding", symbol="BNBUSDT", rate="0.01", event=False)
        await until_counted(running, CORRECTIONS, account="live", field="wallet")
        await until_true(running, "live")
        await all_explained(running)


async def test_a_lost_change_of_leverage_is_found_by_the_margin_it_binds():
    """No reading names the setting; the margin that the exchange binds betrays it within the allowed age."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await until_true(running, "live")
        await running.sim("event", account="live", drop=1)
        await running.sim("config", account="live", symbol="BNBUSDT", leverage=9)
        await until_counted(running, CORRECTIONS, account="live", field="leverage")
        await until_true(running, "live")
        assert await running.shown("binance_symbol_leverage_setting_ratio", account="live", symbol="BNBUSDT") == 9


async def test_orders_come_change_and_go():
    """Orders of both books placed and cancelled with their events are counted by purpose at once."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        order = {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01"}
        await running.sim("order", price="60000", **order)
        await running.sim("order", price="61000", reduce_only=True, **order)
        await running.sim("order", type="STOP_MARKET", trigger_price="99000", **order)
        await running.sim("order", type="TRAILING_STOP_MARKET", callback_rate="1", **order)
        await running.sim("order", type="TAKE_PROFIT", trigger_price="80000", price="80000", **order)
        await until_true(running, "live")
        for number in list(running.simulator.world.accounts["live"].orders):
            await running.sim("cancel", account="live", order_id=number)
        await until_true(running, "live")
        await no_correction(running)
