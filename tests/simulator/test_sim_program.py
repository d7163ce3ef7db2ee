"""``plimsoll-simulator`` as a program: start, clean end, busy port, unusable arguments."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType

from patience import PATIENCE
from plimsoll import __version__
from plimsoll_simulator.scenarios import SCENARIOS


async def start(*arguments: str) -> Process:
    """Start the program."""
    command = "from plimsoll_simulator.main import main; main()"
    return await asyncio.create_subprocess_exec(sys.executable, "-c", command, *arguments, stdout=PIPE, stderr=PIPE)


async def finished(*arguments: str) -> tuple[int | None, str]:
    """Exit code and output of a program that ends by itself."""
    process = await start(*arguments)
    out, err = await asyncio.wait_for(process.communicate(), timeout=PATIENCE)
    return process.returncode, (out + err).decode()


async def url_of(process: Process) -> str:
    """Where the program says it is."""
    assert process.stderr is not None
    line = (await asyncio.wait_for(process.stderr.readline(), timeout=PATIENCE)).decode()
    found = re.search(r"http://[0-9.:]+", line)
    assert found, line
    return found.group()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_while_streams_are_open(number: signal.Signals):
    """SIGTERM and SIGINT end the program with exit code 0 within five seconds, whoever is connected."""
    process = await start("--listen", "127.0.0.1:0", "--scenario", "november-stops")
    url = await url_of(process)
    async with ClientSession() as session, session.ws_connect(f"{url}/market/ws/!markPrice@arr@1s") as stream:
        assert (await stream.receive(timeout=PATIENCE)).type is WSMsgType.TEXT
        process.send_signal(number)
        _, err = await asyncio.wait_for(process.communicate(), timeout=5)
    assert (process.returncode, "Traceback" in err.decode()) == (0, False)


async def test_a_busy_port_is_one_clear_sentence():
    """The message names the port and the remedy, without a traceback; the exit code is 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = await finished("--listen", f"127.0.0.1:{port}")
    wanted = f"plimsoll-simulator: port {port} on 127.0.0.1 is taken; choose another with --listen 127.0.0.1:PORT"
    assert (code, said.strip()) == (1, wanted)


async def test_an_unknown_scenario_is_one_clear_sentence():
    """The message lists the scenarios; the exit code is 1."""
    code, said = await finished("--listen", "127.0.0.1:0", "--scenario", "clam")
    assert (code, said.strip()) == (
        1,
        f"plimsoll-simulator: there is no scenario 'clam'; known: {', '.join(SCENARIOS)}",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--listen", "9715"),
        ("--speed", "0"),
        ("--speed", "fast"),
        ("--seed", "x"),
        ("--report-url", "http://127.0.0.1:9713"),
        ("--report-token-file", "token"),
    ],
)
async def test_unusable_arguments_exit_with_2(arguments: tuple[str, ...]):
    """An argument that cannot be used, or not without another, is named."""
    code, said = await finished(*arguments)
    assert code == 2
    assert arguments[0] in said


async def test_help_names_every_scenario():
    """``--help`` is printed whatever the scenarios' summaries hold, such as a sign for per cent."""
    code, text = await finished("--help")
    assert code == 0
    assert "%" in text
    assert [name for name in SCENARIOS if name not in "".join(text.split())] == []


async def test_every_argument_is_documented():
    """docs/simulator.md names every argument of ``--help``."""
    _, said = await finished("--help")
    named = set(re.findall(r"--[a-z-]+", said)) - {"--help"}
    text = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
    assert {each for each in named if f"`{each}" not in text} == set()


async def test_version():
    """--version names program and version."""
    assert await finished("--version") == (0, f"plimsoll-simulator {__version__}\n")
