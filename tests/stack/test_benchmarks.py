"""The benchmarks still run, and find figures of the right order; how fast a machine is, is not tested."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = ("exporter:2x2", "simulator:3x2", "weight:2x2", "flatten:2x20", "enforcing:1x20")
BREACHES = {
    "fast-lane:2x2": "fast lane alone",
    "rule-lane:1x2": "rule lane alone",
    "default-rules:1x2": "rule lane alone, default settings",
}
PEERS = (
    "Plimsoll, its page read every second",
    "python-binance every 15 s",
    "python-binance every 60 s",
    "ccxt every 15 s",
)
ABSURD_MILLISECONDS = 5000
ABSURD_CORES = 1.5
MOST_WEIGHT = 60
APART_SECONDS = 0.5
"""No breach counts before two samples so far apart have seen it."""

ABSURD_SECONDS = 60


def benchmarks(document: Path, *rows: str) -> str:
    """The document after a quick run of a few small rows."""
    command = [sys.executable, str(ROOT / "benchmarks/run.py"), "--quick", "--write", str(document), "--", *rows]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr[-2000:]
    return document.read_text(encoding="utf-8")


def row(document: str, table: str, size: str) -> dict[str, str]:
    """The cells of one row, by the heads of their columns."""
    text = document.partition(f"<!-- bench {table} -->\n")[2].partition(f"<!-- bench {table} end -->")[0]
    head, _, *lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    (found,) = [line for line in lines if line[0] == size]
    return dict(zip(head, found, strict=True))


def numbers(cell: str) -> list[float]:
    """The figures of a cell."""
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", cell)]


def test_a_quick_run_measures_every_kind_and_leaves_the_other_rows_alone(tmp_path: Path):
    """Every figure is there and none is absurd; the rows of the shipped document stay as they are."""
    shipped = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    copy = tmp_path / "performance.md"
    copy.write_text(shipped, encoding="utf-8")
    written = benchmarks(copy, *ROWS)
    for head, cell in row(written, "speed", "2 x 2").items():
        if head.endswith(", ms"):
            median, p99, *_ = numbers(cell)
            assert 0 <= median <= p99 < ABSURD_MILLISECONDS, (head, cell)
    cost, simulator = row(written, "cost", "2 x 2"), row(written, "simulator", "3 x 2")
    assert 20 < numbers(cost["memory, MiB"])[0] < 500
    assert numbers(cost["CPU, cores"])[0] < ABSURD_CORES
    assert numbers(simulator["CPU, cores"])[0] < ABSURD_CORES
    assert numbers(simulator["messages a second"])[0] > 1
    assert 1 < numbers(row(written, "weight", "2 x 2")["weight per account and minute"])[0] < MOST_WEIGHT
    assert 0.1 < numbers(row(written, "flatten", "2 at 20 ms")["beginning to flat, s"])[0] < ABSURD_SECONDS
    assert 0.1 < numbers(row(written, "enforcing", "1 at 20 ms")["webhook to flat, s"])[0] < ABSURD_SECONDS
    assert row(written, "speed", "20 x 10") == row(shipped, "speed", "20 x 10")


def test_a_quick_comparison_shows_what_each_tool_shows_of_stops(tmp_path: Path):
    """Plimsoll shows the one position without a stop; loops over plain open orders show none of the stops."""
    copy = tmp_path / "performance.md"
    copy.write_text((ROOT / "docs/performance.md").read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, str(ROOT / "benchmarks/peers.py"), "--quick", "--write", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr[-2000:]
    written = copy.read_text(encoding="utf-8")
    told = {name: row(written, "peers", name)["November"] for name in PEERS}
    assert told.pop(PEERS[0]) == "without a stop: DOTUSDT (in truth DOTUSDT)"
    loops = "without a stop: BNBUSDT, BTCUSDT, DOTUSDT, SOLUSDT (in truth DOTUSDT)"
    assert set(told.values()) == {loops}


@pytest.mark.usefixtures("prometheus", "alertmanager")
def test_a_quick_run_measures_every_way_of_a_breach(tmp_path: Path):
    """Every breach arrives by each way and ends flat, none before its second sample, none absurdly late."""
    copy = tmp_path / "performance.md"
    copy.write_text((ROOT / "docs/performance.md").read_text(encoding="utf-8"), encoding="utf-8")
    written = benchmarks(copy, *BREACHES, "chain:1x20")
    chain = row(written, "chain", "1 at 20 ms")
    assert APART_SECONDS <= numbers(chain["mark to flat, s"])[0] < ABSURD_SECONDS
    for name, way in BREACHES.items():
        found = row(written, "breach", way)
        assert found["breaches"] == name.partition(":")[2].partition("x")[0]
        median, p95, *_ = numbers(found["mark to webhook, s"])
        assert APART_SECONDS <= median <= p95 < ABSURD_SECONDS, found
        assert 0 <= numbers(found["`startsAt` to webhook, s"])[0] < ABSURD_SECONDS, found


def test_a_page_is_taken_apart():
    """Two pages of made-up accounts: every step of them takes some CPU, and none an absurd lot."""
    command = [sys.executable, str(ROOT / "benchmarks/page.py"), "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr[-2000:]
    steps = dict(re.findall(r"^(.*?) +([\d.]+) ms$", done.stdout, re.MULTILINE))
    assert list(steps) == ["figures", "rows", "text and joining", "joining alone", "a whole page, in gzip"]
    assert all(0 < float(taken) < ABSURD_MILLISECONDS for taken in steps.values())
