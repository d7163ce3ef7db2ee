"""User events with odd content: broken fields, unknown types, text that is none, fields too many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stack_faults import (
    SPEED,
    STANDING,
    counted,
    no_correction,
    recorded,
    say,
    until_counted,
    until_logged,
)
from stack_harness import stack
from stack_truth import Witness, until_true


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
        await running.sim("trade", account="live", symbol="DOTUSDT", side="BUY", quantity="75", event=False)
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
        await running.sim("trade", account="live", symbol="DOTUSDT", side="BUY", quantity="15")
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
        # Against the position, so that it binds no margin: what the exchange asks for an unknown type nobody knows.
        order = {"account": "live", "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01", "price": "60000"}
        await running.sim("event", account="live", drop=1)
        await running.sim("order", **order)
        number = next(iter(running.simulator.world.accounts["live"].orders))
        running.simulator.world.accounts["live"].orders[number].type = "ICEBERG_NEW"
        event = kept[-1]
        event["o"] |= {"o": "ICEBERG_NEW", "ot": "ICEBERG_NEW"}
        await say(running, "live", event)
        await until_true(running, "live")
        assert await running.shown("binance_open_orders", account="live", purpose="entry") == 1
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
