"""The command ``plimsoll-exporter rebase``: what it writes, what it waits for, what it says."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from pathlib import Path

import pytest

from config_text import load_text
from manual_clock import ManualClock
from plimsoll.config.model import Config
from plimsoll.database.database import FILE_NAME, Database
from plimsoll.database.values import Level
from plimsoll.errors import ConfigError, RebaseRefused, StateUnreadable
from plimsoll.rebase import PATIENCE, rebase, user_name
from plimsoll_exporter.main import main
from state_values import open_state

TEXT = """
exchange: {environment: simulator}
accounts:
  eon: {limits: {drawdown: {total: {from: high-water, ratio: 0.1}, daily: {from: day-start, ratio: 0.05}}}}
  bare: {}
exporter: {data_dir: data}
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Two accounts, one of them with two rules."""
    return load_text(tmp_path, TEXT)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The exporter's folder."""
    return tmp_path / "data"


def asked(config: Config, clock: ManualClock, *, account: str = "eon", rule: str = "total", reason: str = "why"):
    """The command's answer, to be awaited."""
    return rebase(config, account=account, rule=rule, reason=reason, clock=clock)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"account": "eno"}, 'no account "eno"; known: bare, eon'),
        ({"rule": "x\n"}, 'account eon has no drawdown rule "x\\n"; known: daily, total'),
        ({"account": "bare"}, 'account bare has no drawdown rule "total"; known: none'),
        ({"reason": " \n"}, "a rebase needs a reason that is not empty: it goes into the audit trail"),
    ],
)
async def test_what_cannot_be_asked_for_is_told_with_what_can(config: Config, data: Path, wrong: dict, message: str):
    """An unknown account or rule names the known ones, an empty reason is refused, and no file is made."""
    with pytest.raises(ConfigError) as caught:
        await asked(config, ManualClock(), **wrong)
    assert str(caught.value) == message
    assert not data.exists()  # noqa: ASYNC240 - nothing else runs in this test


async def test_without_an_exporter_the_request_waits(config: Config, data: Path):
    """While no exporter runs the request is kept for its start, and the answer says so at once."""
    clock = ManualClock()
    told = await asked(config, clock, reason=" new\nmandate ")
    assert told == (
        f"eon, rule total: no exporter runs on {data}; "
        "request 1 takes effect at the first trusted sample after its start."
    )
    with open_state(data) as state:
        (request,) = state.open_rebase_requests()
    assert (request.account, request.rule, request.reason) == ("eon", "total", "new\\nmandate")
    assert (request.requested_by, request.requested_at) == (user_name(), clock.now())


async def test_a_running_exporter_is_waited_for(config: Config, data: Path):
    """The answer is what the exporter made of it: old and new reference and floor."""
    clock = ManualClock()
    with open_state(data) as exporter:
        answer = asyncio.create_task(asked(config, clock))
        await clock.elapse(0.5)
        assert not answer.done()
        (request,) = exporter.open_rebase_requests()
        before = Level(reference=Decimal("50000.00"), floor=Decimal(45000))
        with exporter.change() as change:
            change.finish_rebase(
                request, done_at=clock.now(), before=before, after=Level(reference=Decimal(40000), floor=Decimal(36000))
            )
        await clock.elapse(0.2)
        assert await answer == (
            "eon, rule total: before: reference 50000.00 USD, floor 45000.00 USD; "
            "now: reference 40000.00 USD, floor 36000.00 USD."
        )


async def test_an_exporter_that_cannot_yet_is_not_waited_for_longer(config: Config, data: Path):
    """After ten seconds the answer says that the request stands."""
    clock = ManualClock()
    with open_state(data) as exporter:
        answer = asyncio.create_task(asked(config, clock))
        await clock.elapse(PATIENCE + 1)
        assert "not done after 10 s" in await answer
        assert len(exporter.open_rebase_requests()) == 1


async def test_a_refusal_is_told(config: Config, data: Path):
    """A request that the exporter refuses is an error with its reason."""
    clock = ManualClock()
    with open_state(data) as exporter:
        answer = asyncio.create_task(asked(config, clock))
        await clock.elapse(0.2)
        with exporter.change() as change:
            change.refuse_rebase(exporter.open_rebase_requests()[0], done_at=clock.now(), why="no such rule here")
        await clock.elapse(0.2)
        with pytest.raises(RebaseRefused, match="refused: no such rule here"):
            await answer


async def test_a_damaged_database_is_told(config: Config, data: Path):
    """The command does not write into a file that is not sound."""
    open_state(data).close()
    os.truncate(data / FILE_NAME, 0)
    with pytest.raises(StateUnreadable, match="is empty"):
        await asked(config, ManualClock())


def test_the_command_prints_and_needs_no_secrets(config: Config, data: Path, capsys: pytest.CaptureFixture[str]):
    """The subcommand takes the common options on either side, prints its sentence and exits with 0."""
    options = ["--account", "eon", "--rule", "daily", "--reason", "x"]
    assert main(["--config", str(config.path), "rebase", *options]) == 0
    assert main(["rebase", "--config", str(config.path), *options]) == 0
    assert capsys.readouterr().out.count("takes effect at the first trusted sample") == 2
    with Database.join(data / FILE_NAME, clock=ManualClock()) as state:
        assert [one.id for one in state.open_rebase_requests()] == [1, 2]


def test_the_command_tells_what_is_wrong(config: Config, capsys: pytest.CaptureFixture[str]):
    """Something wrong is one line on stderr and 1; a missing option is 2."""
    command = ["--config", str(config.path), "rebase", "--account", "eon", "--rule", "nope"]
    assert main([*command, "--reason", "x"]) == 1
    assert capsys.readouterr().err == 'account eon has no drawdown rule "nope"; known: daily, total\n'
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2
