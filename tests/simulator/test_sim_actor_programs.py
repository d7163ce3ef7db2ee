"""The actors as processes of their own: they do the same, and end with their simulator, however it ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

import programs
from october_play import october
from patience import PATIENCE
from plimsoll_simulator.control.truth import truth
from plimsoll_simulator.scenarios.october_mirror import STORY_ENDS

FAST = ("--speed", "1000")


@contextmanager
def simulator(folder: Path, *more: str) -> Iterator[tuple[programs.Running, str]]:
    """The program with October's story, and its URL."""
    port = programs.free_port(0)
    command = ["plimsoll-simulator", "--listen", f"127.0.0.1:{port}", "--scenario", "october-mirror", *more]
    with programs.running(command, folder / "simulator.log") as process:
        url = f"http://127.0.0.1:{port}"
        process.until_answers(f"{url}/fapi/v1/ping")
        yield process, url


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until_gone(pids: list[int]) -> None:
    """Wait until none of the processes runs any more."""
    deadline = time.monotonic() + PATIENCE
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline, f"still there: {pids}"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether a process exists and is no mere entry that nobody has collected."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def second(url: str) -> int:
    """The last second of the story that was played."""
    found: int = requests.get(f"{url}/sim/story", timeout=5).json()["second"]
    return found


def accounts(url: str) -> dict[str, dict[str, object]]:
    """What is true of every account."""
    found: dict[str, dict[str, object]] = requests.get(f"{url}/sim/truth", timeout=5).json()["accounts"]
    return found


def figures(account: dict[str, object]) -> dict[str, object]:
    """What is true of an account, without times."""
    return {name: account[name] for name in ("wallet", "equity", "available", "initial_margin", "trades")}


async def test_processes_play_what_tasks_play(tmp_path: Path):
    """The program ends its story with the figures of the same actors as tasks; the log tells nine refusals."""
    async with october() as play:
        await play.to(STORY_ENDS)
        wanted = {name: figures(account) for name, account in truth(play.world)["accounts"].items()}
    with simulator(tmp_path, *FAST) as (process, url):
        process.until(lambda: second(url) >= STORY_ENDS, "the story is over")
        assert {name: figures(account) for name, account in accounts(url).items()} == wanted
        assert len(children(process.pid)) == 2
        refusals = [line for line in process.said().splitlines() if "refused, code -2019" in line]
        assert len(refusals) == 9
        assert all("WARNING plimsoll.simulator.mirror: eon: " in line for line in refusals)


async def test_processes_and_tasks_are_equal_event_by_event():
    """Whether the actors are tasks or processes, the same events come in the same order at the same times."""
    told = []
    for processes in (False, True):
        async with october(processes=processes) as play:
            await play.to(STORY_ENDS)
            told.append(play.told)
    assert told[0] == told[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_actors_end_with_the_simulator(tmp_path: Path, number: int):
    """A signal to the simulator ends it with 0 in five seconds, and its actors with it."""
    with simulator(tmp_path) as (process, _):
        process.until(lambda: len(children(process.pid)) == 2, "the actors are there")
        actors = children(process.pid)
        assert process.end(number) == 0
        assert [pid for pid in actors if is_running(pid)] == []
        assert "Traceback" not in process.said()


def test_actors_end_when_the_simulator_is_gone(tmp_path: Path):
    """A simulator that is killed leaves no actor behind."""
    with simulator(tmp_path, *FAST) as (process, url):
        process.until(lambda: second(url) >= STORY_ENDS, "the story is over")
        actors = children(process.pid)
        assert process.end(signal.SIGKILL) == -signal.SIGKILL
        until_gone(actors)
        assert "Traceback" not in process.said()


def test_an_actor_that_dies_is_told_and_the_story_goes_on(tmp_path: Path):
    """The log names the actors, and nobody waits for them when their cue comes."""
    with simulator(tmp_path, "--speed", "5") as (process, url):
        process.until(lambda: len(children(process.pid)) == 2, "the actors are there")
        for pid in children(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.until(lambda: process.said().count("ended by itself with exit code -9") == 2, "the log says so")
        process.until(lambda: second(url) >= 20, "the story goes on")
        assert "has not answered" not in process.said()


def test_no_actors_are_started_when_none_are_wanted(tmp_path: Path):
    """``--no-actors``: the story plays without anybody trading in it."""
    with simulator(tmp_path, *FAST, "--no-actors") as (process, url):
        process.until(lambda: second(url) >= STORY_ENDS, "the story is over")
        assert children(process.pid) == []
        assert accounts(url)["source"]["trades"] == 0
