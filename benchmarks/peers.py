"""What users do today beside Plimsoll, against the same simulator in the same run: ``make peers``, five minutes.

Each tool reads the account of an incident from an address of its own. Counted are its request weight, the age of what
it shows, and how long after it became so in the simulator's truth each fact of the incident is in what it shows.
"""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import peer_tools
import report
import requests
from measuring import free_port, percentile, running
from peer_tools import Read, Reading

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
COLUMNS = ("tool", "weight a minute", "age of what it shows, s", "October", "November", "measured (UTC)")
SECONDS = 260.0
"""The story of October takes 240."""

LEVERAGE, FLOOR = 3.0, 45_000.0
STORIES = {"october-mirror": "eon", "november-stops": "live"}
ABSENT = ("futuresboard", "passivbot")
"""Peers of the field notes that were once packages; the others never were: exchanges_dashboard, grinder, go-trader."""

LIMITS = (
    "limits: {leverage: 3, symbol_leverage: 2, "
    "drawdown: {tmad: {from: high-water, ratio: 0.10, high_water_usd: 50000, on_breach: page}}}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """What is so at one moment: an account's equity, exposure and positions, and those of them without a stop."""

    at: float
    equity: float
    gross: float
    naked: frozenset[str]


@dataclass(kw_only=True, slots=True)
class Watching:
    """One tool at one account, in a thread of its own.

    Attributes:
        weights: Request weight that the exchange counted, by minute of Unix time.
    """

    read: Read
    every: float
    address: str
    readings: list[Reading] = field(default_factory=list)
    failures: int = 0
    weights: dict[int, int] = field(default_factory=dict)

    def run(self, over: threading.Event) -> None:
        """Read again and again; a failure is counted and the next turn comes as usual."""
        while not over.is_set():
            began = time.time()
            try:
                found = self.read()
                self.readings.extend(() if found is None else (found,))
            except Exception:  # noqa: BLE001 - whatever a tool raises: it is counted and shown
                self.failures += 1
            over.wait(max(0.0, began + self.every - time.time()))

    def ages(self, began: float, ended: float) -> list[float]:
        """Seconds since the stamp of what is shown, once a second from the first reading on."""
        moments = [began + second for second in range(int(ended - began))]
        shown = [max((each.stamp for each in self.readings if each.ended <= at), default=None) for at in moments]
        return [at - stamp for at, stamp in zip(moments, shown, strict=True) if stamp is not None]


def tools(url: str, exporter: str, account: str) -> dict[str, Watching]:
    """Every tool, each from an address of its own."""
    made = {
        "Plimsoll, its page read every second": (peer_tools.plimsoll(exporter, account), 1.0),
        "python-binance every 15 s": (peer_tools.python_binance(url, account, "192.0.2.15"), 15.0),
        "python-binance every 60 s": (peer_tools.python_binance(url, account, "192.0.2.60"), 60.0),
        "ccxt every 15 s": (peer_tools.ccxt_loop(url, account, "192.0.2.16"), 15.0),
    }
    addresses = ("127.0.0.1", "192.0.2.15", "192.0.2.60", "192.0.2.16")
    return {
        name: Watching(read=read, every=every, address=address)
        for (name, (read, every)), address in zip(made.items(), addresses, strict=True)
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """One story as all tools saw it."""

    began: float
    ended: float
    truth: Sequence[Truth]
    tools: Mapping[str, Watching]


def play(scenario: str, account: str, seconds: float, *, quick: bool) -> Played:
    """Play one story before all tools; ``quick`` ends when each has told of stops."""
    ports = free_port(), free_port()
    url, exporter = (f"http://127.0.0.1:{port}" for port in ports)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "report.token").touch(mode=0o600)
        (folder / "report.token").write_text(secrets.token_urlsafe(32), encoding="utf-8")
        programs = Path(sys.executable).parent
        path = folder / "plimsoll.yml"
        path.write_text(_configuration(account, *ports), encoding="utf-8")
        telling = ["--report-url", exporter, "--report-token-file", str(folder / "report.token")]
        telling += ["--report-spool", str(folder / "spool")]
        listen = ["--listen", f"127.0.0.1:{ports[0]}", "--scenario", scenario]
        command = [str(programs / "plimsoll-simulator"), *listen, *telling]
        stack.enter_context(running(command, f"{url}/fapi/v1/ping"))
        command = [str(programs / "plimsoll-exporter"), "--config", str(path), "--log-level", "error"]
        stack.enter_context(running(command, f"{exporter}/-/healthy"))
        return _watched(url, tools(url, exporter, account), account, seconds, quick=quick)


def _watched(url: str, seeing: Mapping[str, Watching], account: str, seconds: float, *, quick: bool) -> Played:
    began, over = time.time(), threading.Event()
    threads = [threading.Thread(target=each.run, args=(over,), daemon=True) for each in seeing.values()]
    for thread in threads:
        thread.start()
    truth = []
    while time.time() < began + seconds and not (quick and all(map(_told, seeing.values()))):
        truth.append(_truth(url, account))
        used: dict[str, int] = requests.get(f"{url}/sim/requests", timeout=10).json()["used_weight"]
        for each in seeing.values():
            minute = int(time.time() // 60)
            mine = sum(weight for name, weight in used.items() if name.startswith(f"{each.address}/"))
            each.weights[minute] = max(each.weights.get(minute, 0), mine)
        time.sleep(0.5)
    ended = time.time()
    over.set()
    for thread in threads:
        thread.join(timeout=20)
    return Played(began=began, ended=ended, truth=truth, tools=seeing)


def _told(seen: Watching) -> bool:
    return bool(seen.readings) and seen.readings[-1].naked is not None


def _truth(url: str, account: str) -> Truth:
    at, found = time.time(), requests.get(f"{url}/sim/truth", timeout=10).json()["accounts"][account]
    orders: list[dict[str, Any]] = [*found["orders"], *found["algo_orders"]]
    stops = {order["symbol"] for order in orders if order["type"].startswith("STOP")}
    held = {row["symbol"] for row in found["positions"] if float(row["amount"])}
    equity, gross = float(found["equity"]), float(found["gross_exposure"])
    return Truth(at=at, equity=equity, gross=gross, naked=frozenset(held - stops))


def _configuration(account: str, simulator: int, exporter: int) -> str:
    """The account of the incident, with the limits of the shipped file that its facts are held against."""
    limits = f"{{{LIMITS}}}" if account == "eon" else "{}"
    return (
        f"exchange: {{environment: simulator, rest_url: 'http://127.0.0.1:{simulator}'}}\n"
        f"accounts: {{{account}: {limits}}}\nexporter: {{listen: '127.0.0.1:{exporter}'}}\n"
        "rejections: {token_file: report.token}\n"
    )


def _first(moments: Sequence[tuple[float, bool]]) -> float | None:
    return next((at for at, so in moments if so), None)


def _fact(name: str, true_at: float | None, shown_at: float | None) -> str:
    if shown_at is None:
        return f"{name}: not shown"
    return f"{name}: after {max(0.0, shown_at - (true_at or shown_at)):.1f} s"


def october(played: Played, seen: Watching) -> str:
    """Leverage above 3, the floor of 45,000 USD, refused orders: how long after it was so each was shown."""

    def told(of_truth: Callable[[Truth], bool], of_reading: Callable[[Reading], bool]) -> tuple[float | None, ...]:
        return (
            _first([(each.at, of_truth(each)) for each in played.truth]),
            _first([(each.ended, of_reading(each)) for each in seen.readings]),
        )

    leverage = told(lambda so: so.gross > LEVERAGE * so.equity, lambda shown: shown.gross > LEVERAGE * shown.equity)
    floor = told(lambda so: so.equity <= FLOOR, lambda shown: shown.equity <= FLOOR)
    refused = max((each.refused or 0 for each in seen.readings), default=0)
    said = next((each.ended for each in seen.readings if each.breached), None)
    facts = [_fact("leverage above 3", *leverage), _fact("equity at or below 45,000", *floor)]
    facts.append(f"refused orders: {refused:.0f}" if refused else "refused orders: not shown")
    facts.append(_fact("limit called breached", floor[0], said))
    return "; ".join(facts) + _failed(seen)


def november(played: Played, seen: Watching) -> str:
    """Which positions the last reading shows without a stop; in truth it is DOTUSDT alone."""
    naked = seen.readings[-1].naked if seen.readings else None
    true = ", ".join(sorted(played.truth[-1].naked))
    shown = "cannot tell" if naked is None else ", ".join(sorted(naked)) or "none"
    return f"without a stop: {shown} (in truth {true})" + _failed(seen)


def _failed(seen: Watching) -> str:
    return f"; {seen.failures} readings failed" if seen.failures else ""


def rows(played: Mapping[str, Played], when: str) -> dict[str, Sequence[str]]:
    """The table; weight and age are those of November, where nobody else asks from our address."""
    one, other = played["october-mirror"], played["november-stops"]
    found: dict[str, Sequence[str]] = {}
    for name, seen in other.tools.items():
        ages = seen.ages(other.began + 20, other.ended)
        age = f"{percentile(ages, 0.5):.1f} / {percentile(ages, 0.95):.1f}" if ages else "no reading"
        whole = sorted(seen.weights)[1:-1]
        weight = f"{sum(seen.weights[minute] for minute in whole) / len(whole):.0f}" if whole else "no whole minute"
        found[name] = (weight, age, october(one, one.tools[name]), november(other, seen), when)
    return found


def absent(name: str) -> Sequence[str]:
    """The row of a peer that cannot be installed; tried anew each time, in an environment that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":none:"]
        done = subprocess.run([*command, "--dest", folder, name], capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    told = "offered for installation; not run here" if done.returncode == 0 else "cannot be installed from PyPI"
    return ("-", "-", told, told, report.when())


def main(argv: Sequence[str] | None = None) -> None:
    """Play both stories at once, print the table, and write it where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="less than the story's 260 shows less of it")
    parser.add_argument("--quick", action="store_true", help="one reading of each tool; install nothing")
    parser.add_argument("--write", nargs="?", type=Path, const=DOCUMENT, help="write the table (docs/performance.md)")
    arguments = parser.parse_args(argv)
    when, found = report.when(), dict[str, Played]()

    def one(scenario: str, account: str) -> None:
        found[scenario] = play(scenario, account, arguments.seconds, quick=arguments.quick)

    threads = [threading.Thread(target=one, args=each) for each in STORIES.items()]
    print(f"peers: two stories at once, {arguments.seconds:.0f} s", file=sys.stderr, flush=True)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table = {**rows(found, when), **{name: absent(name) for name in (() if arguments.quick else ABSENT)}}
    for name, cells in table.items():
        print(f"{name}\n  " + "\n  ".join(f"{column}: {cell}" for column, cell in zip(COLUMNS[1:], cells, strict=True)))
    if arguments.write is not None:
        text = arguments.write.read_text(encoding="utf-8")
        arguments.write.write_text(report.replaced(text, "peers", COLUMNS, table), encoding="utf-8")


if __name__ == "__main__":
    main()
