"""Short words for the tests of faults: break an answer, read a counter, read the log, say something raw on a stream."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from patience import Patience
from plimsoll_exporter.keeper.doubts import LONGEST_PATIENCE_SECONDS
from plimsoll_simulator.rest.call import Call
from plimsoll_simulator.world import Event
from stack_harness import Stack
from stack_truth import shown

SPEED = 10.0
"""Fast seconds a real second: a minute of promises takes six."""

STANDING = "november-stops"
"""The scenario whose prices stand still."""

ALWAYS = 100_000
"""Calls: more than any test makes."""

CORRECTIONS = "binance_reconcile_corrections_total"

ACCOUNT, POSITIONS = "GET /fapi/v3/account", "GET /fapi/v3/positionRisk"
ORDERS, ALGO_ORDERS = "GET /fapi/v1/openOrders", "GET /fapi/v1/openAlgoOrders"


async def fail(running: Stack, endpoint: str, *, times: int = ALWAYS, **fault: object) -> None:
    """Let an endpoint answer wrongly from now on."""
    await running.sim("fail", endpoint=endpoint, times=times, **fault)


async def heal(running: Stack) -> None:
    """End every fault of REST and of the streams."""
    await running.sim_delete("fail")


def answer_of(running: Stack, endpoint: str, account: str | None = None, **params: str) -> Any:  # noqa: ANN401 - JSON
    """What the simulator would answer truthfully, to be bent."""
    verb, path = endpoint.split()
    exchange = running.simulator.exchange
    caller = exchange.world.accounts[account] if account is not None else None
    handler = exchange.endpoints[verb, path].handler
    return json.loads(json.dumps(handler(Call(world=exchange.world, params=params, caller=caller))))


async def bend(running: Stack, endpoint: str, account: str, change: Callable[[Any], object]) -> None:
    """Let an endpoint answer one account with its true answer of now, changed; status 200."""
    answer = answer_of(running, endpoint, account)
    bent = change(answer)
    await fail(running, endpoint, account=account, status=200, body=answer if bent is None else bent)


async def reread(running: Stack, account: str) -> None:
    """Break the account's private stream, so that it must be read anew over REST."""
    await running.sim("stream", target=account, action="cut")


async def say(running: Stack, account: str, event: object) -> None:
    """Send a raw message to everybody who listens to the account's stream."""
    await running.sim("event", account=account, raw=event)


async def counted(running: Stack, name: str, **labels: str) -> float:
    """The value of a counter; 0 where it is absent."""
    return await running.value(name, **labels) or 0.0


async def until_counted(running: Stack, name: str, above: float = 0.0, **labels: str) -> None:
    """Wait until a counter has gone above a value."""
    key = (name, frozenset(labels.items()))
    await running.until(lambda metrics: metrics.get(key, 0.0) > above, f"{name}{labels} above {above}")


async def until_failed(running: Stack, endpoint: str, kind: str) -> None:
    """Wait until a REST failure of a kind was counted."""
    await until_counted(running, "binance_api_failures_total", endpoint=endpoint, kind=kind)


def recorded(running: Stack) -> list[dict[str, Any]]:
    """Every event of ``live`` from now on, as it was sent or would have been."""
    kept: list[dict[str, Any]] = []

    def keep(account: str, event: Event) -> None:
        if account == "live":
            kept.append(json.loads(json.dumps(event)))

    running.simulator.world.listeners.append(keep)
    return kept


async def patience_over(running: Stack) -> None:
    """Wait as long as a stream may be late: until then nothing counts as lost."""
    await running.simulator.world.clock.sleep(LONGEST_PATIENCE_SECONDS)


async def no_correction(running: Stack) -> None:
    """The stream told everything in its time.

    Raises:
        AssertionError: A reconcile had to mend something.
    """
    await patience_over(running)
    for field in ("wallet", "position", "entry_price", "order"):
        assert await counted(running, CORRECTIONS, account="live", field=field) == 0


async def failures_of(running: Stack, kind: str) -> float:
    """REST failures of a kind, whatever the endpoint."""
    metrics = await running.metrics()
    return sum(
        value
        for (name, labels), value in metrics.items()
        if name == "binance_api_failures_total" and ("kind", kind) in labels
    )


async def shows_nothing(running: Stack, account: str) -> bool:
    """Whether the page shows no risk figure of the account."""
    return not shown(await running.metrics(), account)


async def until_stale(running: Stack, account: str, why: str) -> None:
    """Wait until an account is stale for this reason: a busy machine makes prices old, which is another one."""
    patience = Patience()
    while True:
        found = await running.account(account)
        if found["status"] == "stale" and why in str(found["reason"]):
            return
        assert patience.left, f"{account} is not stale because of {why!r}: {found}"
        await asyncio.sleep(0.02)


async def calls(running: Stack) -> int:
    """How many REST calls the exchange was asked so far."""
    return sum(running.simulator.exchange.requests.calls.values())


def passed(running: Stack, seconds: float, since: float) -> bool:
    """Whether so many seconds of the stack's clock have passed since a time of it."""
    return running.simulator.world.clock.monotonic() - since >= seconds


def log_says(caplog: pytest.LogCaptureFixture, *parts: str, level: int = logging.WARNING) -> bool:
    """Whether one line of the log, of that level at least, holds every part."""
    lines = (record.getMessage() for record in caplog.records if record.levelno >= level)
    return any(all(part in line for part in parts) for line in lines)


async def until_logged(caplog: pytest.LogCaptureFixture, *parts: str, level: int = logging.WARNING) -> None:
    """Wait until one line of the log holds every part.

    Raises:
        AssertionError: None did within ``PATIENCE``, or the log holds a secret or a fault of our own.
    """
    patience = Patience()
    while patience.left:
        if log_says(caplog, *parts, level=level):
            break
        await asyncio.sleep(0.05)
    assert_logged(caplog, *parts, level=level)


def assert_logged(caplog: pytest.LogCaptureFixture, *parts: str, level: int = logging.WARNING) -> None:
    """The log says so in one line, and nowhere holds a secret or a fault of our own.

    Raises:
        AssertionError: It does not, or does.
    """
    lines = [record.getMessage() for record in caplog.records if record.levelno >= level]
    assert log_says(caplog, *parts, level=level), f"no line holds {parts}: {lines}"
    everything = caplog.text
    assert "simulator-secret" not in everything
    assert "signature=" not in everything
    assert "fault of ours" not in everything
