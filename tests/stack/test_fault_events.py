"""User events that come twice, late, turned round, never, or in a form that we do not know."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from plimsoll_simulator.world import Event
from stack_faults import (
    SPEED,
    STANDING,
    assert_logged,
    counted,
    heal,
    say,
    until_counted,
    until_logged,
)
from stack_harness import Stack, stack
from stack_truth import Witness, until_true

TOLERANCE = 2.6
"""USD: 0.05 % of the equity of ``live``, rounded up."""

CORRECTIONS = "binance_reconcile_corrections_total"


async def trade(running: Stack, quantity: str, side: str = "BUY", *, event: bool = True) -> None:
    """A fill of the account ``live``."""
    await running.sim("trade", account="live", symbol="DOTUSDT", side=side, quantity=quantity, event=event)


def recorded(running: Stack) -> list[dict[str, Any]]:
    """Every event of ``live`` from now on, as it was sent or would have been."""
    kept: list[dict[str, Any]] = []

    def keep(account: str, event: Event) -> None:
        if account == "live":
            kept.append(json.loads(json.dumps(event)))

    running.simulator.world.listeners.append(keep)
    return kept


async def all_explained(running: Stack) -> None:
    """Wait until nothing of the wallet of ``live`` is unexplained."""
    key = ("binance_account_unexplained_change_usd", frozenset({("account", "live")}))
    await running.until(lambda metrics: metrics.get(key) == 0, "everything explained")


async def explained_enough(running: Stack) -> None:
    """Wait until what is unexplained is within the tolerance: so little is not asked for by itself."""
    where = frozenset({("account", "live")})
    await running.until(
        lambda metrics: (
            abs(metrics["binance_account_unexplained_change_usd", where]) < TOLERANCE
            and ("binance_account_unexplained_since_timestamp_seconds", where) not in metrics
        ),
        "little is unexplained",
    )


async def no_correction(running: Stack) -> None:
    """The stream alone brought us here.

    Raises:
        AssertionError: A reconcile had to mend something.
    """
    for field in ("wallet", "position", "entry_price", "order"):
        assert await counted(running, CORRECTIONS, account="live", field=field) == 0


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
    """Events that come late are late on the page by no more than that, and need no correction."""
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
        await explained_enough(running)
    assert_logged(caplog, "live", "not told by the stream", f"{field} of")


async def test_a_lost_cancellation_is_found_within_the_allowed_age(caplog: pytest.LogCaptureFixture):
    """A stop that was cancelled without a word stops being counted, and the correction says so."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await until_true(running, "live")
        order = next(iter(running.simulator.world.accounts["live"].algo_orders))
        await running.sim("cancel", account="live", algo_id=order, event=False)
        await until_counted(running, CORRECTIONS, account="live", field="order")
        await until_true(running, "live")
        assert await running.value("binance_open_orders", account="live", purpose="stop") == 2
    assert_logged(caplog, "live", "not told by the stream", "order of")


async def test_lost_funding_is_found_and_explained():
    """Funding that no event told is found in the wallet and explained by the income history."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("funding", symbol="BNBUSDT", rate="0.01", event=False)
        await until_counted(running, CORRECTIONS, account="live", field="wallet")
        await until_true(running, "live")
        await explained_enough(running)


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


def _without(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(event: dict[str, Any]) -> None:
        inner: Any = event
        for step in path[:-1]:
            inner = inner[int(step)] if isinstance(inner, list) else inner[step]
        del inner[path[-1]]

    return change


def _with(value: object, *path: str) -> Callable[[dict[str, Any]], None]:
    def change(event: dict[str, Any]) -> None:
        inner: Any = event
        for step in path[:-1]:
            inner = inner[int(step)] if isinstance(inner, list) else inner[step]
        inner[path[-1]] = value

    return change


BENT = {
    "nan-wallet": _with("NaN", "a", "B", "0", "wb"),
    "infinite-amount": _with("Infinity", "a", "P", "0", "pa"),
    "empty-entry": _with("", "a", "P", "0", "ep"),
    "no-amount": _without("a", "P", "0", "pa"),
    "no-body": _without("a"),
    "no-time": _without("T"),
    "unknown-side": _with("UPWARDS", "a", "P", "0", "ps"),
    "unknown-margin-type": _with("portfolio", "a", "P", "0", "mt"),
    "huge": _with("1e999999", "a", "B", "0", "wb"),
    "positions-no-list": _with("none", "a", "P"),
}


@pytest.mark.parametrize("change", BENT.values(), ids=BENT.keys())
async def test_a_known_event_that_is_broken_makes_the_account_be_read(
    change: Callable[[dict[str, Any]], None], caplog: pytest.LogCaptureFixture
):
    """An event with a broken field is not used in part: it is counted and logged, and the account read soon."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        kept = recorded(running)
        await trade(running, "75", event=False)
        await running.sim("event", account="live", drop=1)
        await running.sim("transfer", account="live", amount="1")
        event = kept[-1]
        row = {"s": "DOTUSDT", "pa": "375", "ep": "2.6", "up": "0", "mt": "cross", "iw": "0", "ps": "BOTH"}
        event["a"]["P"] = [row]
        change(event)
        await say(running, "live", event)
        await until_counted(running, "binance_stream_events_total", account="live", event="malformed")
        await until_true(running, "live")
        await until_logged(caplog, "live", "not as documented")


STRANGE: dict[str, object] = {
    "unknown-type": {"e": "SOMETHING_NEW", "E": 1, "T": 1, "x": {"y": [1]}},
    "unknown-config": {"e": "ACCOUNT_CONFIG_UPDATE", "E": 1, "T": 1, "zz": {}},
}


@pytest.mark.parametrize("event", STRANGE.values(), ids=STRANGE.keys())
async def test_an_event_of_unknown_type_is_counted_and_makes_the_account_be_read(
    event: object, caplog: pytest.LogCaptureFixture
):
    """What we do not understand may matter: it is counted as unknown, logged, and what it hid is found soon."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED) as witness:
        await running.sim("transfer", account="live", amount="-60", event=False)
        await say(running, "live", event)
        await until_logged(caplog, "live", "unknown")
        await until_true(running, "live")
        total = await counted(running, "binance_stream_events_total", account="live", event="unknown")
        total += await counted(running, "binance_stream_events_total", account="live", event="ACCOUNT_CONFIG_UPDATE")
        assert total > 0
    assert witness.pages > 0


@pytest.mark.parametrize("text", ["{", "[]", "null", '"word"', "\x00", '{"e": 5}', '{"result": null, "id": 77}'])
async def test_text_that_is_no_event_harms_nothing(text: str):
    """Rubbish on the stream is passed over; the account stays live and right, and the next event is taken."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await say(running, "live", text)
        await trade(running, "15")
        await until_true(running, "live")


async def test_fields_that_we_do_not_know_are_passed_over():
    """An event with additional fields, at every level, is taken as any other."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        kept = recorded(running)
        await running.sim("event", account="live", drop=1)
        await running.sim("transfer", account="live", amount="17")
        event = kept[-1]
        event |= {"new": 1, "a": event["a"] | {"newer": {}}}
        event["a"]["B"][0]["newest"] = "x"
        await say(running, "live", event)
        await until_true(running, "live")
        await no_correction(running)


async def test_an_order_of_a_type_that_we_do_not_know_is_an_entry():
    """An order of an unknown type counts as one that may open a position, and no correction is needed."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", speed=SPEED):
        kept = recorded(running)
        order = {"account": "live", "symbol": "DOTUSDT", "side": "BUY", "quantity": "5", "price": "2"}
        await running.sim("event", account="live", drop=1)
        await running.sim("order", **order)
        number = next(iter(running.simulator.world.accounts["live"].orders))
        running.simulator.world.accounts["live"].orders[number].type = "ICEBERG_NEW"
        event = kept[-1]
        event["o"] |= {"o": "ICEBERG_NEW", "ot": "ICEBERG_NEW"}
        await say(running, "live", event)
        await until_true(running, "live")
        assert await running.value("binance_open_orders", account="live", purpose="entry") == 1
        await running.sim("stream", target="live", action="cut")
        await until_counted(running, "binance_stream_reconnects_total", stream="live")
        await until_true(running, "live")
        await no_correction(running)


async def test_a_margin_call_is_said_loudly(caplog: pytest.LogCaptureFixture):
    """A margin call is counted and critical in the log, and moves no figure."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("event", account="live", margin_call=True)
        await until_counted(running, "binance_stream_events_total", account="live", event="MARGIN_CALL")
        await until_logged(caplog, "live", "margin call", "BTCUSDT")
        await until_true(running, "live")
