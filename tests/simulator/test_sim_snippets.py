"""The programs of docs/simulator.md run as they stand, but for the port."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from plimsoll_simulator.server import running_simulator

DOCS = Path(__file__).parents[2] / "docs" / "simulator.md"
USUAL = "http://127.0.0.1:9715"
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def name(program: str) -> str:
    """The client that a program is for."""
    return next(each for each in ("ccxt", "sdk", "binance") if each in program)


def test_every_client_has_its_program():
    """python-binance, ccxt and the SDK are shown once each."""
    assert sorted(map(name, PROGRAMS)) == ["binance", "ccxt", "sdk"]


@pytest.mark.parametrize("program", PROGRAMS, ids=name)
async def test_a_program_places_an_order_and_cancels_it(program: str):
    """Copied from the page, it prints that the order stood and was cancelled."""
    async with running_simulator(scenario="calm") as simulator:
        assert USUAL in program
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", "-c", program.replace(USUAL, simulator.url)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, complaint = await process.communicate()

    assert told.decode().lower().split() in (["new", "canceled"], ["open", "canceled"]), complaint.decode()
