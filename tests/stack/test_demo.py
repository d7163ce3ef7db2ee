"""``make demo`` as a newcomer runs it: what it prints, what can be opened, how it ends, that nothing stays behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

import programs
from patience import PATIENCE

DEMO = ["python", "-m", "tools.demo"]
OFFSETS = (0, 1, 2, 3, 4, 6)
"""Where exporter, enforcer, simulator, Prometheus, Alertmanager and the preview listen, counted from the port base."""
ENFORCER, SIMULATOR, ALERTMANAGER = 1, 2, 4
PAIN = {"symbol": "BTCUSDT", "mark": "40000"}
"""A price at which eon has lost more than its limit allows."""


@contextmanager
def demo(folder: Path, *more: str, base: int | None = None) -> Iterator[tuple[programs.Running, int]]:
    """A running demo with temporary files below a folder of ours, and its port base."""
    base = base or programs.free_port(*OFFSETS)
    (folder / "tmp").mkdir()
    environ = programs.environment(TMPDIR=str(folder / "tmp"))
    command = [*DEMO, "--port-base", str(base), *more]
    with programs.running(command, folder / "demo.log", environ=environ) as process:
        yield process, base


def until_told(process: programs.Running) -> None:
    """Wait until the demo has said what to open."""
    process.until(
        lambda: "Ctrl-C ends everything" in process.said() and "eon" in process.said(), "it says what to open"
    )


def descendants(pid: int) -> set[int]:
    """The process ids of the processes that a process has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    own = {int(text) for text in children.read_text().split()} if children.exists() else set()
    return own.union(*(descendants(child) for child in own))


def command_of(pid: int) -> str:
    """What a process was started as, up to its first option."""
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0--")[0]


def is_alive(pid: int) -> bool:
    """Whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def check_nothing_left(folder: Path, base: int, children: Iterable[int] = ()) -> None:
    """No process, no file, no port is left of a demo that has ended."""
    assert [pid for pid in children if is_alive(pid)] == []
    assert list((folder / "tmp").iterdir()) == []
    assert all(programs.is_free(base + offset) for offset in OFFSETS)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_demo_shows_live_accounts_and_leaves_nothing_behind(tmp_path: Path, number: signal.Signals):
    """It prints addresses that work and three live accounts; each signal ends it with 0, no process, no file left."""
    with demo(tmp_path) as (process, base):
        until_told(process)
        said, children = process.said(), descendants(process.pid)
        for address in re.findall(r"http://127\.0\.0\.1:\d+/\S*", said):
            protected = address.startswith(f"http://127.0.0.1:{base + ALERTMANAGER}/")
            assert programs.answered(address) == (401 if protected else 200), address
        assert len(re.findall(r"^(source|eon|live) +live ", said, flags=re.MULTILINE)) == 3
        page = requests.get(f"http://127.0.0.1:{base}/metrics", timeout=5).text
        assert page.count("binance_account_up{") == page.count("binance_account_equity_usd{") == 3
        assert len(children) == 6
        assert process.end(number) == 0
    assert "nothing is left running" in process.said()
    check_nothing_left(tmp_path, base, children)


def test_an_impatient_second_ctrl_c_leaves_nothing_behind(tmp_path: Path):
    """Ctrl-C twice ends the demo as cleanly as once."""
    with demo(tmp_path) as (process, base):
        until_told(process)
        children = descendants(process.pid)
        process.process.send_signal(signal.SIGINT)
        assert process.end(signal.SIGINT) == 0
    check_nothing_left(tmp_path, base, children)


def test_a_scenario_can_be_chosen(tmp_path: Path):
    """``--scenario november-stops`` shows the account of the incident."""
    with demo(tmp_path, "--scenario", "november-stops") as (process, base):
        until_told(process)
        page = requests.get(f"http://127.0.0.1:{base}/metrics", timeout=5).text
        assert 'binance_position_quantity{account="live",side="long",symbol="DOTUSDT"}' in page
        assert process.end() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_scenario_with_actors_shows_their_trades_and_ends_them(tmp_path: Path, number: signal.Signals):
    """``--scenario october-mirror``: the first copy is shown; mirror and bot end with the demo."""
    with demo(tmp_path, "--scenario", "october-mirror") as (process, base):
        until_told(process)
        held = 'binance_position_quantity{account="eon",side="long",symbol="BTCUSDT"} 1.0'
        process.until(
            lambda: held in requests.get(f"http://127.0.0.1:{base}/metrics", timeout=5).text, "the first copy is shown"
        )
        children = descendants(process.pid)
        assert len(children) == 8
        assert process.end(number) == 0
    check_nothing_left(tmp_path, base, children)


def test_alerts_are_printed_as_they_arrive(tmp_path: Path):
    """An alert goes from the exporter through Prometheus and Alertmanager to the terminal, with its whole text."""
    with demo(tmp_path, "--scenario", "october-mirror") as (process, base):
        process.until(lambda: "CRITICAL MirrorDrift eon" in process.said(), "the first alert is printed")
        line = next(line for line in process.said().splitlines() if "MirrorDrift" in line)
        assert "actual" in line or "holds" in line, line
        assert process.end() == 0
    check_nothing_left(tmp_path, base)


def held(base: int, account: str) -> set[str]:
    """The symbols in which the simulated exchange holds a position of an account."""
    truth = requests.get(f"http://127.0.0.1:{base + SIMULATOR}/sim/truth", timeout=5).json()
    return {one["symbol"] for one in truth["accounts"][account]["positions"] if float(one["amount"])}


@pytest.mark.parametrize("armed", ["1", "0"])
def test_a_breach_is_closed_when_armed_and_told_in_dry_run(tmp_path: Path, armed: str):
    """A fall beyond the limit is paged with what is in force; armed eon is closed and locked, else it is not."""
    with demo(tmp_path, "--armed", armed) as (process, base):
        until_told(process)
        assert ("ARMED: a breach of eon" in process.said()) is (armed == "1")
        assert "ETHUSDT" in held(base, "eon")
        done = requests.post(f"http://127.0.0.1:{base + SIMULATOR}/sim/price", json=PAIN, timeout=5)
        assert done.status_code == 200, done.text
        process.until(lambda: "CRITICAL DrawdownLimitBreached eon tmad" in process.said(), "the breach is paged")
        process.until(lambda: "CRITICAL EnforcementRan eon" in process.said(), "what the enforcer did is paged")
        gate = f"http://127.0.0.1:{base + ENFORCER}/api/v1/gate/eon"
        if armed == "1":
            process.until(lambda: not held(base, "eon"), "the account is flat")
            shut = requests.get(gate, timeout=5)
            assert (shut.status_code, shut.json()["reason"]) == (423, "locked out: drawdown limit tmad was reached")
            metrics = f"http://127.0.0.1:{base + ENFORCER}/metrics"
            probe = "\nplimsoll_enforcer_last_probe_timestamp_seconds "
            process.until(lambda: probe in requests.get(metrics, timeout=5).text, "the probe has gone the whole way")
        else:
            assert "ETHUSDT" in held(base, "eon")
            assert programs.answered(gate) == 200
        assert held(base, "live")
        assert process.end() == 0
    check_nothing_left(tmp_path, base)


@pytest.mark.parametrize("armed", ["yes", "true", "2"])
def test_arming_is_one_or_nothing(armed: str):
    """Whatever is not plainly 1 does not arm, it is refused."""
    done = programs.run(*DEMO, "--armed", armed)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert f"make demo ARMED=1; found {armed!r}" in done.stderr


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_busy_port_is_told_with_the_way_out(tmp_path: Path, offset: int):
    """Which port is taken, for what it was meant, and ``PORT_BASE``: one sentence, exit 1, nothing was started."""
    base = programs.free_port(*OFFSETS)
    with socket.create_server(("127.0.0.1", base + offset)), demo(tmp_path, base=base) as (process, _):
        assert process.process.wait(PATIENCE) == 1
    assert f"port {base + offset}" in process.said()
    assert "make demo PORT_BASE=" in process.said()
    assert "Traceback" not in process.said()
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("base", ["0", "-1", "80000", "65534", "many", ""])
def test_a_port_base_that_cannot_be_is_refused(base: str):
    """A port base outside the ports that there are, or no number, is told in words."""
    done = programs.run(*DEMO, f"--port-base={base}")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert f"make demo PORT_BASE=9713; found {base!r}" in done.stderr


def test_an_unknown_scenario_is_told_in_the_simulators_words(tmp_path: Path):
    """The simulator's sentence with the scenarios that there are reaches the terminal; exit 1, nothing stays."""
    with demo(tmp_path, "--scenario", "no-such-story") as (process, base):
        assert process.process.wait(PATIENCE) == 1
    assert "there is no scenario 'no-such-story'; known: calm" in process.said()
    assert "Traceback" not in process.said()
    check_nothing_left(tmp_path, base)


@pytest.mark.parametrize("name", ["simulator", "exporter", "enforcer", "prometheus", "alertmanager"])
def test_a_program_that_dies_is_told_and_ends_the_demo(tmp_path: Path, name: str):
    """When one of them dies, the demo says which, ends the others and exits with 1."""
    with demo(tmp_path) as (process, base):
        until_told(process)
        children = descendants(process.pid)
        victim = next(pid for pid in children if command_of(pid).endswith(name))
        os.kill(victim, signal.SIGKILL)
        assert process.process.wait(PATIENCE) == 1
    assert f"the {name} ended by itself" in process.said()
    check_nothing_left(tmp_path, base, children)


def test_a_signal_while_it_starts_leaves_nothing_behind_either(tmp_path: Path):
    """Ctrl-C before anything is ready ends it as cleanly."""
    with demo(tmp_path) as (process, base):
        process.until(lambda: bool(descendants(process.pid)), "it starts something")
        children = descendants(process.pid)
        assert process.end(signal.SIGINT) == 0
    check_nothing_left(tmp_path, base, children)


def test_settings_of_the_user_do_not_reach_the_demo(tmp_path: Path):
    """``PLIMSOLL_`` variables of the terminal, of a real exporter perhaps, change nothing in the demo."""
    base = programs.free_port(*OFFSETS)
    environ = programs.environment(PLIMSOLL_EXCHANGE__ENVIRONMENT="production", PLIMSOLL_CONFIG="/nowhere")
    command = [*DEMO, "--port-base", str(base)]
    with programs.running(
        command, tmp_path / "demo.log", environ=environ | {"TMPDIR": tempfile.gettempdir()}
    ) as process:
        until_told(process)
        assert process.end() == 0
