"""What the exporter costs and how fast it is, for 1, 20 and 100 accounts of a simulator in a process of its own.

Each account holds 10 positions; marks come every second. Prints one table of medians and percentiles; the simulator's
own CPU is told apart. ``--accounts 20 --seconds 60`` measures one row.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
from measuring import cpu_seconds, memory_mib, percentile, running

HERE = Path(__file__).resolve().parent
SIMULATOR_PORT, EXPORTER_PORT = 9915, 9913
SYMBOL = "BTCUSDT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What one run found; times in milliseconds, CPU in cores, memory in MiB."""

    accounts: int
    positions: int
    events: list[float]
    to_metrics: list[float]
    first_scrapes: list[float]
    second_scrapes: list[float]
    weight_per_account: float
    cpu: float
    simulator_cpu: float
    memory: float
    page_kib: float


def configuration(accounts: int) -> str:
    """A plimsoll.yml for the accounts of the simulator's ``crowd``."""
    names = "\n".join(f"  a{number:03d}: {{product: usdm}}" for number in range(1, accounts + 1))
    simulator = f"127.0.0.1:{SIMULATOR_PORT}"
    return (
        f"exchange: {{environment: simulator, rest_url: 'http://{simulator}'}}\naccounts:\n{names}\n"
        f"exporter: {{listen: '127.0.0.1:{EXPORTER_PORT}'}}\n"
    )


def scrape(session: requests.Session) -> tuple[float, str]:
    """Milliseconds and text of one scrape."""
    began = time.perf_counter()
    text = session.get(f"http://127.0.0.1:{EXPORTER_PORT}/metrics", timeout=30).text
    return (time.perf_counter() - began) * 1000, text


def price_to_metrics(session: requests.Session, price: str) -> float | None:
    """Milliseconds from asking for a price to a page that shows it, scraping without pause.

    ``None`` where the scenario's own next price came first.
    """
    began = time.perf_counter()
    session.post(
        f"http://127.0.0.1:{SIMULATOR_PORT}/sim/price",
        json={"symbol": SYMBOL, "mark": price, "push": True},
        timeout=10,
    ).raise_for_status()
    while time.perf_counter() - began < 0.9:  # noqa: PLR2004 # the scenario's next price
        if f'symbol="{SYMBOL}"}} {price}' in scrape(session)[1]:
            return (time.perf_counter() - began) * 1000
    return None


def measure(accounts: int, positions: int, *, settle: float, seconds: float) -> Row:
    """One row of the table; ``settle`` seconds are given for the first sweeps, which the weight budget stretches."""
    simulator_url, exporter_url = f"http://127.0.0.1:{SIMULATOR_PORT}", f"http://127.0.0.1:{EXPORTER_PORT}"
    simulate = [str(Path(sys.executable).parent / "plimsoll-simulator"), "--listen", f"127.0.0.1:{SIMULATOR_PORT}"]
    simulate += ["--scenario", f"crowd:{accounts}x{positions}"]
    with tempfile.TemporaryDirectory() as folder, requests.Session() as session:
        path = Path(folder) / "plimsoll.yml"
        path.write_text(configuration(accounts), encoding="utf-8")
        watch = [sys.executable, str(HERE / "measured_exporter.py"), str(path)]
        with (
            running(simulate, f"{simulator_url}/fapi/v1/ping") as simulator,
            running(watch, f"{exporter_url}/-/ready") as exporter,
        ):
            time.sleep(settle)
            before = cpu_seconds(exporter.pid), cpu_seconds(simulator.pid), time.monotonic()
            weight = requests.get(f"{simulator_url}/sim/requests", timeout=10).json()
            time.sleep(seconds)
            elapsed = time.monotonic() - before[2]
            cpu, simulator_cpu = cpu_seconds(exporter.pid) - before[0], cpu_seconds(simulator.pid) - before[1]
            weight_after = requests.get(f"{simulator_url}/sim/requests", timeout=10).json()
            firsts, seconds_, page = scrapes(session)
            tried = [price_to_metrics(session, f"{90000 + number}.5") for number in range(40)]
            memory = memory_mib(exporter.pid)
            exporter.send_signal(signal.SIGTERM)
            delays = json.loads(exporter.communicate(timeout=20)[0])
    return Row(
        accounts=accounts,
        positions=positions,
        events=delays["marks"] + delays["account"],
        to_metrics=[found for found in tried if found is not None],
        first_scrapes=firsts,
        second_scrapes=seconds_,
        weight_per_account=total_weight(weight_after, weight) / accounts / elapsed * 60,
        cpu=cpu / elapsed,
        simulator_cpu=simulator_cpu / elapsed,
        memory=memory,
        page_kib=page,
    )


def scrapes(session: requests.Session) -> tuple[list[float], list[float], float]:
    """Times of thirty first scrapes, of a second one right after each, and the page's size in KiB."""
    firsts: list[float] = []
    seconds: list[float] = []
    size = 0.0
    for _ in range(30):
        time.sleep(1.0)
        first, text = scrape(session)
        second, _again = scrape(session)
        firsts.append(first)
        seconds.append(second)
        size = len(text) / 1024
    return firsts, seconds, size


def total_weight(after: dict[str, object], before: dict[str, object]) -> float:
    """Request weight spent between two readings of ``/sim/requests``."""
    return sum(_weights(after)) - sum(_weights(before))


def _weights(reading: dict[str, object]) -> Iterator[float]:
    found = reading["weights"]
    if isinstance(found, dict):
        yield from (float(weight) for weight in found.values())


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    columns = (
        "accounts x positions",
        "event to state p50 / p99 (ms)",
        "price to /metrics p50 / p99 (ms)",
        "scrape p50 / p99 (ms)",
        "second scrape, share of the first",
        "weight/account/min",
        "CPU (cores)",
        "memory (MiB)",
        "page (KiB)",
        "simulator CPU (cores)",
    )
    head = f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"
    lines = [
        f"| {row.accounts} x {row.positions} "
        f"| {percentile(row.events, 0.5):.1f} / {percentile(row.events, 0.99):.1f} "
        f"| {percentile(row.to_metrics, 0.5):.0f} / {percentile(row.to_metrics, 0.99):.0f} "
        f"| {percentile(row.first_scrapes, 0.5):.0f} / {percentile(row.first_scrapes, 0.99):.0f} "
        f"| {statistics.median(row.second_scrapes) / statistics.median(row.first_scrapes):.2f} "
        f"| {row.weight_per_account:.1f} | {row.cpu:.3f} | {row.memory:.0f} | {row.page_kib:.0f} "
        f"| {row.simulator_cpu:.3f} |"
        for row in rows
    ]
    return "\n".join([head, *lines])


def main() -> None:
    """Measure what the arguments ask for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="*", default=[1, 20, 100])
    parser.add_argument("--positions", type=int, default=10)
    parser.add_argument("--settle", type=float, default=150.0)
    parser.add_argument("--seconds", type=float, default=120.0)
    arguments = parser.parse_args()
    rows = [
        measure(count, arguments.positions, settle=arguments.settle, seconds=arguments.seconds)
        for count in arguments.accounts
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
