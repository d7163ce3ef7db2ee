"""The private stream: listen keys that end, connections that say nothing, forms of the URL that are dead."""

from __future__ import annotations

import logging

import pytest

from stack_faults import (
    SPEED,
    STANDING,
    assert_logged,
    counted,
    fail,
    heal,
    patience_over,
    reread,
    shows_nothing,
    until_counted,
    until_failed,
    until_logged,
)
from stack_harness import Stack, stack
from stack_truth import Witness, until_true

CORRECTIONS = "binance_reconcile_corrections_total"


async def trade(running: Stack, quantity: str = "25") -> None:
    """A fill of the account ``live``, told by its stream if that tells anything."""
    await running.sim("trade", account="live", symbol="DOTUSDT", side="BUY", quantity=quantity)


@pytest.mark.parametrize("action", ["cut", "expire-key"])
async def test_a_stream_that_ends_is_opened_anew(action: str, caplog: pytest.LogCaptureFixture):
    """A broken connection and an expired listen key: the account is read anew, counted as a reconnect, and right."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED) as witness:
        await running.sim("stream", target="live", action=action)
        await trade(running)
        await until_counted(running, "binance_stream_reconnects_total", stream="live")
        await until_true(running, "live")
        await trade(running)
        await until_true(running, "live")
    assert witness.shown["eon"] == witness.pages
    assert_logged(caplog, "stream live lost", "expired" if action == "expire-key" else "connection")


async def test_a_listen_key_that_is_gone_without_a_word(caplog: pytest.LogCaptureFixture):
    """A key that was closed elsewhere leaves a silent stream: the lost fill is found, and a new key is fetched."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        running.simulator.exchange.keys.close("live", trading=False)
        await trade(running)
        await until_counted(running, CORRECTIONS, account="live", field="position")
        await until_true(running, "live")
        await until_counted(running, "binance_stream_reconnects_total", stream="live")
        await until_true(running, "live")
        corrections = await counted(running, CORRECTIONS, account="live", field="position")
        await trade(running)
        await until_true(running, "live")
        await patience_over(running)
        assert await counted(running, CORRECTIONS, account="live", field="position") == corrections
    assert_logged(caplog, "live", "not told by the stream", "position of DOTUSDT")


async def test_a_stream_that_is_open_and_silent(caplog: pytest.LogCaptureFixture):
    """Silence looks like a quiet account: within the allowed age the reconcile finds what was not told, and says so."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED) as witness:
        await running.sim("stream", target="live", action="silence")
        assert await running.value("binance_stream_connected", account="live") == 1
        await trade(running)
        await until_counted(running, CORRECTIONS, account="live", field="position")
        await until_counted(running, CORRECTIONS, account="live", field="wallet")
        await until_true(running, "live")
        await until_counted(running, "binance_stream_reconnects_total", stream="live")
        await heal(running)
        await until_true(running, "live")
    assert witness.shown["eon"] == witness.pages
    assert_logged(caplog, "live", "not told by the stream", "position of DOTUSDT")
    assert_logged(caplog, "stream live lost", "not told")


async def test_a_dead_form_of_the_url_is_left_for_the_next(caplog: pytest.LogCaptureFixture):
    """Where the form of the URL keeps everything to itself the next one is taken, and from then on nothing is lost."""
    caplog.set_level(logging.INFO)
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("stream", target="all", action="silence", form="events")
        await trade(running)
        await until_counted(running, CORRECTIONS, account="live", field="position")
        await until_true(running, "live")
        await until_logged(caplog, "live: private stream open (subscribe form)", level=logging.INFO)
        events = await counted(running, "binance_stream_events_total", account="live", event="ACCOUNT_UPDATE")
        corrections = await counted(running, CORRECTIONS, account="live", field="position")
        await running.until_up("live")
        await trade(running)
        await until_true(running, "live")
        await patience_over(running)
        assert await counted(running, CORRECTIONS, account="live", field="position") == corrections
        assert await counted(running, "binance_stream_events_total", account="live", event="ACCOUNT_UPDATE") > events


async def test_connections_refused_for_a_while(caplog: pytest.LogCaptureFixture):
    """While the stream cannot be opened nothing is shown of the account; the others go on; it comes back by itself."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED) as witness:
        await running.sim("stream", target="live", action="refuse")
        await reread(running, "live")
        await running.until_up("live", up=False)
        await trade(running)
        await until_logged(caplog, "stream live lost", "handshake refused with status 503")
        assert await shows_nothing(running, "live")
        assert await running.value("binance_stream_connected", account="live") == 0
        await heal(running)
        await until_true(running, "live")
    assert witness.shown["eon"] == witness.pages


async def test_no_listen_key_to_be_had(caplog: pytest.LogCaptureFixture):
    """Without a listen key there is no stream, so nothing is shown until one is given."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED) as witness:
        await fail(running, "POST /fapi/v1/listenKey", account="live", status=500, body="")
        await reread(running, "live")
        await until_failed(running, "openListenKey", "unknown")
        await until_logged(caplog, "stream live lost", "listen key", "HTTP 500")
        assert await shows_nothing(running, "live")
        await heal(running)
        await until_true(running, "live")
    assert witness.shown["eon"] == witness.pages


async def test_cut_again_and_again():
    """A connection that breaks all the time shows nothing wrong, and what happened meanwhile is there at the end."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        for _ in range(6):
            await reread(running, "live")
            await trade(running, "5")
            await running.until_up("live")
        await until_true(running, "live")
