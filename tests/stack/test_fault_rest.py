"""REST answers that are no answers: errors of the server, HTML, broken JSON, broken connections, silence.

Each is met twice: while the account must be read anew, when nothing may be shown, and while the stream carries it on.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stack_faults import (
    ACCOUNT,
    SPEED,
    STANDING,
    assert_logged,
    counted,
    fail,
    heal,
    reread,
    shows_nothing,
    until_counted,
    until_failed,
    until_logged,
    until_stale,
)
from stack_harness import stack
from stack_truth import Witness, until_true

READ_AT = "binance_source_success_timestamp_seconds"

HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"
UNKNOWN_ERROR = {"code": -1000, "msg": "Unknown error, please check your request or try again later."}

# What the endpoint answers, the kind it is counted as, what the log says of it.
ANSWERS: dict[str, tuple[Mapping[str, object], str, str]] = {
    "500": ({"status": 500, "body": {"code": -1001, "msg": "Internal error"}}, "unavailable", "HTTP 500, code -1001"),
    "502-html": ({"status": 502, "body": HTML}, "unknown", "HTTP 502"),
    "503-unknown-error": ({"status": 503, "body": UNKNOWN_ERROR}, "unknown", "Unknown error"),
    "503-unavailable": ({"status": 503, "body": {"msg": "Service Unavailable."}}, "unavailable", "HTTP 503"),
    "504-empty": ({"status": 504, "body": ""}, "unknown", "HTTP 504"),
    "408": ({"status": 408, "body": {"code": -1007, "msg": "Timeout waiting for response."}}, "unknown", "HTTP 408"),
    "400": ({"status": 400, "body": {"code": -1102, "msg": "Mandatory parameter"}}, "refused", "code -1102"),
    "html-with-200": ({"status": 200, "body": HTML}, "malformed", "the answer is HTML"),
    "truncated-json": ({"status": 200, "body": '{"assets":[{"asset":"USDT","walle'}, "malformed", "not JSON"),
    "empty-with-200": ({"status": 200, "body": ""}, "malformed", "not JSON"),
    "json-of-another-kind": ({"status": 200, "body": "[1, 2, 3]"}, "malformed", "expected an object"),
    "error-with-200": ({"status": 200, "body": {"code": -1001, "msg": "Internal error"}}, "unavailable", "code -1001"),
    "connection-reset": ({"reset": True}, "unknown", "the connection broke"),
}
FAULTS = pytest.mark.parametrize(("fault", "kind", "said"), ANSWERS.values(), ids=ANSWERS.keys())


@FAULTS
async def test_a_reading_that_fails_after_a_gap_shows_nothing_until_it_succeeds(
    fault: Mapping[str, object], kind: str, said: str, caplog: pytest.LogCaptureFixture
):
    """After a gap nothing is shown until a reading succeeds; it is then right, and the others never stopped."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "source", "live", speed=SPEED) as witness:
        await fail(running, ACCOUNT, account="live", **fault)
        await reread(running, "live")
        await until_failed(running, "account", kind)
        await until_logged(caplog, "live", "GET /fapi/v3/account", said)
        await running.sim("transfer", account="live", amount="77")
        assert await shows_nothing(running, "live")
        assert not await shows_nothing(running, "source")
        await heal(running)
        await until_true(running, "live")
    assert witness.shown["source"] == witness.pages


@pytest.mark.parametrize("name", ["500", "html-with-200", "truncated-json", "connection-reset"])
async def test_reconciles_that_fail_make_the_account_stale_when_the_promise_runs_out(
    name: str, caplog: pytest.LogCaptureFixture
):
    """While the stream works a failing reading is borne up to the allowed age, then nothing is shown until it works."""
    fault, kind, said = ANSWERS[name]
    async with stack(STANDING, speed=2 * SPEED) as running, Witness(running, "eon", "live", speed=2 * SPEED):
        await fail(running, ACCOUNT, account="live", **fault)
        await running.sim("transfer", account="live", amount="5")
        await until_true(running, "live")
        await running.sim("transfer", account="live", amount="-30", event=False)
        await until_stale(running, "live", "not reconciled for")
        assert await shows_nothing(running, "live")
        assert await counted(running, "binance_api_failures_total", endpoint="account", kind=kind) > 0
        await heal(running)
        await until_true(running, "live")
        await until_counted(running, "binance_reconcile_corrections_total", account="live", field="wallet")
    assert_logged(caplog, "live", "GET /fapi/v3/account", said)


async def test_an_answer_that_never_comes_is_given_up():
    """A reading without an answer in time is counted and tried again; another account's are not held up by it.

    The other is read anew while the answer is waited for: that its usual readings keep their time is not asked for
    here, since half a second without a processor breaks that promise at this speed.
    """
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED):
        await fail(running, ACCOUNT, account="live", times=1, delay=60)
        await reread(running, "live")
        await running.until_up("live", up=False)
        await running.sim("transfer", account="eon", amount="42")
        await until_true(running, "eon")
        read_at = await running.shown(READ_AT, account="eon", source="account")
        await reread(running, "eon")
        await until_counted(running, READ_AT, above=read_at, account="eon", source="account")
        await until_true(running, "eon")
        given_up = await counted(running, "binance_api_failures_total", endpoint="account", kind="unknown")
        assert not given_up, "eon was read no sooner than live was given up"
        assert await shows_nothing(running, "live")
        await until_failed(running, "account", "unknown")
        await until_true(running, "live")


async def test_a_slow_exchange_is_no_fault():
    """Answers that take their time delay the reading, and nothing else."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await running.sim("latency", seconds=0.15)
        await reread(running, "live")
        await running.sim("transfer", account="live", amount="9")
        await until_true(running, "live")


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        ("GET /fapi/v3/positionRisk", "positionRisk"),
        ("GET /fapi/v1/accountConfig", "accountConfig"),
        ("GET /fapi/v1/symbolConfig", "symbolConfig"),
    ],
)
async def test_every_reading_of_an_account_is_needed(endpoint: str, name: str, caplog: pytest.LogCaptureFixture):
    """Whichever reading of an account fails after a gap, nothing is shown until all succeeded."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "live", speed=SPEED):
        await fail(running, endpoint, account="live", status=500, body="")
        await reread(running, "live")
        await until_failed(running, name, "unknown")
        await until_logged(caplog, "live", endpoint, "HTTP 500")
        assert await shows_nothing(running, "live")
        await heal(running)
        await until_true(running, "live")


async def test_the_whole_exchange_is_gone_and_comes_back(caplog: pytest.LogCaptureFixture):
    """Streams cut and refused, every call refused: nothing is shown of anybody, and all are right after its return."""
    async with stack(STANDING, speed=SPEED) as running, Witness(running, "eon", "live", speed=SPEED):
        await fail(running, "*", reset=True)
        await running.sim("stream", target="all", action="refuse")
        await running.sim("stream", target="all", action="cut")
        for account in ("source", "eon", "live"):
            await running.until_up(account, up=False)
        await running.sim("trade", account="live", symbol="BTCUSDT", side="BUY", quantity="0.02")
        assert await shows_nothing(running, "live")
        await heal(running)
        for account in ("source", "eon", "live"):
            await until_true(running, account)
        await until_counted(running, "binance_stream_reconnects_total", stream="live")
        await until_counted(running, "binance_stream_reconnects_total", stream="market")
    assert_logged(caplog, "stream live lost")
