"""The mark-price stream: silent, cut, late, saying nonsense. Marks may be shown for three seconds, not longer."""

from __future__ import annotations

import pytest

from stack_faults import (
    SPEED,
    STANDING,
    assert_logged,
    fail,
    heal,
    shows_nothing,
    until_counted,
    until_logged,
)
from stack_harness import Stack, stack
from stack_truth import Metrics, Witness, until_true

SLOW = 2.0
"""Fast seconds a real one, where three of them count."""

MARK_AGE = 3.0
SEED = "GET /fapi/v1/premiumIndex"


async def move(running: Stack, mark: str) -> None:
    """Set the mark price of a symbol that ``live`` holds."""
    await running.sim("price", symbol="BTCUSDT", mark=mark)


async def test_a_silent_stream_without_rest_shows_no_price_older_than_three_seconds(caplog: pytest.LogCaptureFixture):
    """Prices that nobody tells make who holds something stale within 3 s, flat accounts stay; all returns by itself."""
    async with stack(STANDING, speed=SLOW) as running, Witness(running, "eon", "live", speed=SLOW, age=MARK_AGE):
        await fail(running, SEED, status=503, body="")
        await running.sim("stream", target="market", action="silence")
        await move(running, "91000")
        await running.until_up("live", up=False)
        assert await shows_nothing(running, "live")
        assert "mark price of" in str((await running.account("live"))["reason"])
        await until_logged(caplog, "stream market lost")
        await until_logged(caplog, "market", "GET /fapi/v1/premiumIndex")
        await heal(running)
        await until_true(running, "live")
        await until_counted(running, "binance_stream_reconnects_total", stream="market")


async def test_a_stream_that_is_cut_leaves_no_wrong_price(caplog: pytest.LogCaptureFixture):
    """A cut market stream is opened anew, and its symbols subscribed; prices are true all the time."""
    async with stack(STANDING, speed=SLOW) as running, Witness(running, "live", speed=SLOW, age=MARK_AGE):
        await running.sim("stream", target="market", action="cut")
        await move(running, "90000")
        await until_counted(running, "binance_stream_reconnects_total", stream="market")
        await until_true(running, "live")
        await move(running, "90500")
        await until_true(running, "live")
    assert_logged(caplog, "stream market lost")


async def test_prices_that_come_five_seconds_late_are_not_shown():
    """A stream that delivers late would show old prices: nothing is shown, and the delay is counted."""
    async with stack(STANDING, speed=SLOW) as running, Witness(running, "live", speed=SLOW, age=MARK_AGE):
        await fail(running, SEED, status=503, body="")
        await running.sim("stream", target="market", action="delay", seconds=5 / SLOW)
        await running.until_up("live", up=False)
        await move(running, "91500")
        await running.until(_slow_events, "an event older than 3 s was counted")
        assert await shows_nothing(running, "live")
        await heal(running)
        await until_true(running, "live")


def _slow_events(metrics: Metrics) -> bool:
    name, age = "binance_stream_event_delay_seconds", frozenset({("le", "3.0")})
    return metrics[f"{name}_count", frozenset()] > metrics[f"{name}_bucket", age]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"e": "markPriceUpdate", "E": 1, "s": "BTCUSDT", "p": "NaN"},
        {"e": "markPriceUpdate", "E": 99999999999999, "s": "BTCUSDT", "p": "-5", "st": 1},
        {"e": "markPriceUpdate", "E": "soon", "s": "BTCUSDT", "p": "Infinity", "st": 1},
        {"e": "markPriceUpdate", "s": "BTCUSDT", "st": 1},
        {"e": "markPriceUpdate", "E": 1, "s": "BTCUSDT", "p": "1000", "st": 1},
        {"e": "markPriceUpdate", "E": 1900000000000, "s": "BTCUSDT", "p": "1000", "st": 1},
        {"e": "somethingNew", "E": 1, "price": "1e400"},
        [1, "two", None],
        "not JSON {",
        "\u0000\u0001",
    ],
    ids=["nan", "negative", "infinite", "no-price", "old", "future", "unknown-event", "odd-list", "no-json", "bytes"],
)
async def test_nonsense_on_the_stream_moves_no_price(nonsense: object):
    """NaN, negative, missing, old or unintelligible prices change nothing, and the true ones go on being shown."""
    async with stack(STANDING, speed=SLOW) as running, Witness(running, "live", speed=SLOW) as witness:
        await running.sim("event", account="market", raw=nonsense)
        await move(running, "92000.5")
        await until_true(running, "live")
    assert witness.shown["live"] == witness.pages


async def test_a_coin_margined_symbol_of_the_same_name_is_left_out():
    """A price of a COIN-M contract never stands for that of ours, even under our symbol's name."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        now = running.simulator.world.time_ms() + 500
        coin = {"e": "markPriceUpdate", "E": now, "s": "BTCUSDT", "p": "55555", "st": 2}
        await running.sim("event", account="market", raw=coin)
        await until_true(running, "live")
