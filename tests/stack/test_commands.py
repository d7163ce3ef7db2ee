"""The installed commands as processes: how they start, what they refuse, how they end, and what they never let out."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

import programs

ACCOUNT = "eon"
KEY, SECRET = f"simulator-key-{ACCOUNT}", f"simulator-secret-{ACCOUNT}"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running ``plimsoll-simulator``."""
    port = programs.free_port()
    command = ["plimsoll-simulator", "--listen", f"127.0.0.1:{port}"]
    with programs.running(command, tmp_path_factory.mktemp("simulator") / "simulator.log") as process:
        process.until_answers(f"http://127.0.0.1:{port}/fapi/v1/ping")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def control(simulator: str) -> Iterator[requests.Session]:
    """A session for control calls; what they broke is mended afterwards."""
    with requests.Session() as session:
        yield session
        session.delete(f"{simulator}/sim/fail", timeout=5)
        permissions = {"enableWithdrawals": False}
        session.post(
            f"{simulator}/sim/key",
            json={"account": ACCOUNT, "revoked": False, "permissions": permissions},
            timeout=5,
        )


class Exporter:
    """A configuration of one account with keys in files, and the exporter's command for it."""

    def __init__(self, folder: Path, exchange: str, *, secret: str = SECRET) -> None:
        self.folder, self.port = folder, programs.free_port()
        self.config = folder / "plimsoll.yml"
        streams = exchange.replace("http", "ws", 1)
        for name, text in (("key", KEY), ("secret", secret)):
            (folder / name).write_text(f"{text}\n")
            (folder / name).chmod(0o640)
        self.config.write_text(
            f"exchange: {{environment: testnet, rest_url: '{exchange}', wallet_url: '{exchange}', "
            f"market_stream_url: '{streams}', private_stream_url: '{streams}'}}\n"
            f"accounts: {{{ACCOUNT}: {{read_key: {{key_file: key, secret_file: secret}}}}}}\n"
            f"exporter: {{listen: '127.0.0.1:{self.port}', data_dir: data}}\n"
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def command(self, *more: str) -> list[str | Path]:
        """Its command line."""
        return ["plimsoll-exporter", "--config", self.config, *more]


@pytest.fixture
def exporter(simulator: str, tmp_path: Path) -> Exporter:
    """An exporter's configuration that points at the simulator."""
    return Exporter(tmp_path, simulator)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_exporter_cleanly(exporter: Exporter, number: signal.Signals):
    """SIGTERM and SIGINT end a live exporter within the promised time, with 0 and without a traceback."""
    with programs.running(exporter.command(), exporter.folder / "log") as process:
        process.until_answers(f"{exporter.url}/-/ready")
        assert process.end(number) == 0
    assert "Traceback" not in process.said()


def test_a_client_that_hangs_does_not_hold_up_the_end(exporter: Exporter):
    """Half a request, and a client that never reads its answer, delay no SIGTERM."""
    with programs.running(exporter.command(), exporter.folder / "log") as process, ExitStack() as clients:
        process.until_answers(f"{exporter.url}/-/healthy")
        for half in (b"GET /metrics HTTP/1.1\r\nHost: 127", b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", exporter.port)))
            client.sendall(half)
        assert process.end() == 0
    assert "Traceback" not in process.said()


def test_an_exchange_that_cannot_be_reached_holds_up_nothing(tmp_path: Path):
    """Without an exchange the process is healthy and not ready, the account is down, the log says why, and it ends."""
    exporter = Exporter(tmp_path, f"http://127.0.0.1:{programs.free_port()}")
    with programs.running(exporter.command(), tmp_path / "log") as process:
        process.until_answers(f"{exporter.url}/-/healthy")
        assert programs.answered(f"{exporter.url}/-/ready") == 503
        page = requests.get(f"{exporter.url}/metrics", timeout=5).text
        assert f'binance_account_up{{account="{ACCOUNT}"}} 0.0' in page
        assert "binance_account_equity_usd{" not in page
        process.until(lambda: "WARNING" in process.said(), "the log says what is wrong")
        assert process.end() == 0
    assert "Traceback" not in process.said()


def test_an_exchange_that_never_answers_does_not_hold_up_the_end(tmp_path: Path):
    """Calls that hang, for the exchange accepts and says nothing, are given up at once on SIGTERM."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        exporter = Exporter(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with programs.running(exporter.command(), tmp_path / "log") as process:
            process.until_answers(f"{exporter.url}/-/healthy")
            assert process.end() == 0
    assert "Traceback" not in process.said()


def test_a_busy_port_is_one_clear_sentence(exporter: Exporter):
    """The exporter says which address is taken, in one line, and exits with 1."""
    with socket.create_server(("127.0.0.1", exporter.port)):
        done = programs.run(*exporter.command())
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"127.0.0.1:{exporter.port}" in done.stderr.splitlines()[-1]
    assert "in use" in done.stderr or "taken" in done.stderr


@pytest.mark.parametrize("command", [["plimsoll-exporter"], ["plimsoll", "check"]])
def test_all_faults_of_a_configuration_are_told_at_once(tmp_path: Path, command: list[str]):
    """Each fault has its line with place, key and what would be right; the exit code is 1."""
    wrong = tmp_path / "wrong.yml"
    account = "{read_key: {key_file: absent.key, secret_file: absent.secret}, limits: {leverage: -1}}"
    wrong.write_text(f"exchange: {{environment: nowhere}}\naccounts: {{eon: {account}}}\nsurprise: 1\n")
    done = programs.run(*command, "--config", wrong)
    assert done.returncode == 1
    assert all(text in done.stderr for text in ("nowhere", "leverage", "surprise"))
    assert all(f"wrong.yml:2: accounts.eon.read_key.{key}: " in done.stderr for key in ("key_file", "secret_file"))
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["plimsoll-exporter"], ["plimsoll", "check"]])
def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path, command: list[str]):
    """A missing file and a folder in its place are one sentence each, with 1."""
    for path in (tmp_path / "missing.yml", tmp_path):
        done = programs.run(*command, "--config", path)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert str(path) in done.stderr


def test_a_missing_secret_file_is_told(exporter: Exporter):
    """A key's file that is not there is named, and the exporter does not start."""
    (exporter.folder / "secret").unlink()
    done = programs.run(*exporter.command())
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    place = f"{exporter.config}:2: accounts.{ACCOUNT}.read_key.secret_file: {exporter.folder / 'secret'}: no such file"
    assert place in done.stderr


@pytest.mark.parametrize("command", ["plimsoll-exporter", "plimsoll", "plimsoll-simulator"])
def test_unusable_arguments_exit_with_2_and_version_with_0(command: str):
    """An unknown argument names itself and exits with 2; ``--version`` names program and version."""
    done = programs.run(command, "--no-such-argument")
    assert done.returncode == 2
    version = programs.run(command, "--version")
    assert (version.returncode, bool(re.fullmatch(rf"{command} \d+\.\d+\.\S+\n", version.stdout))) == (0, True)


def test_the_log_as_json_is_one_object_a_line(exporter: Exporter):
    """``--log-format json``: every line is an object with time, level, logger and message, warnings included."""
    with programs.running(
        exporter.command("--log-format", "json", "--log-level", "debug"), exporter.folder / "log"
    ) as one:
        one.until_answers(f"{exporter.url}/-/ready")
        assert one.end() == 0
    records = [json.loads(line) for line in one.said().splitlines()]
    assert records
    assert {frozenset(record) for record in records} == {frozenset({"time", "level", "logger", "message"})}


def test_no_secret_ever_leaves_the_exporter(exporter: Exporter, simulator: str, control: requests.Session):
    """Key, secret, signatures and listen key are in no log (debug too), page, API answer, command line, environment."""
    with programs.running(exporter.command("--log-level", "debug"), exporter.folder / "log") as process:
        process.until_answers(f"{exporter.url}/-/ready")
        _provoke(process, simulator, control)
        pages = [
            requests.get(f"{exporter.url}{path}", timeout=5).text for path in ("/", "/metrics", "/api/v1/accounts")
        ]
        listen_key = _listen_key(simulator)
        kernel = [Path(f"/proc/{process.pid}/{name}").read_text() for name in ("cmdline", "environ")]
        assert process.end() == 0
    for text in (*pages, *kernel, process.said()):
        found = [name for name in (KEY, SECRET, listen_key) if name in text]
        assert found == []
        assert not re.search(r"signature=[0-9a-f]{8}", text)
    assert "works again" in process.said()


def _provoke(process: programs.Running, simulator: str, control: requests.Session) -> None:
    """Make everything fail that is logged with its request, and wait until it was said and mended."""
    bodies = ("<html>no</html>", json.dumps({"code": -1022, "msg": f"Signature for {KEY} is not valid."}))
    for body, status in zip(bodies, (502, 400), strict=True):
        answer = {"endpoint": "*", "account": ACCOUNT, "times": 2, "status": status, "body": body}
        assert control.post(f"{simulator}/sim/fail", json=answer, timeout=5).ok
    reset = {"endpoint": "*", "account": ACCOUNT, "times": 1, "reset": True}
    assert control.post(f"{simulator}/sim/fail", json=reset, timeout=5).ok
    for action in ("expire-key", "cut"):
        command = {"target": ACCOUNT, "action": action}
        assert control.post(f"{simulator}/sim/stream", json=command, timeout=5).ok
    process.until(lambda: "works again" in process.said(), "it failed and works again")


def _listen_key(simulator: str) -> str:
    answer = requests.post(f"{simulator}/fapi/v1/listenKey", headers={"X-MBX-APIKEY": KEY}, timeout=5)
    return str(answer.json()["listenKey"])


def test_a_wrong_secret_is_said_without_being_shown(simulator: str, tmp_path: Path):
    """An account whose secret the exchange refuses is down, the log says refused, and the secret stays unsaid."""
    exporter = Exporter(tmp_path, simulator, secret="mistyped-secret-of-eon")
    with programs.running(exporter.command("--log-level", "debug"), tmp_path / "log") as process:
        process.until(lambda: "-1022" in process.said(), "the refusal is logged")
        assert (
            f'binance_account_up{{account="{ACCOUNT}"}} 0.0' in requests.get(f"{exporter.url}/metrics", timeout=5).text
        )
        assert process.end() == 0
    assert "mistyped-secret-of-eon" not in process.said()


def test_check_live_shows_a_table_and_tells_fine_from_wrong(
    exporter: Exporter, simulator: str, control: requests.Session
):
    """Exit 0 where all is well; a key that may withdraw, and then a revoked one, are named and exit with 1."""
    fine = programs.run("plimsoll", "check", "--live", "--config", exporter.config)
    assert fine.returncode == 0, fine.stdout + fine.stderr
    assert re.search(r"ACCOUNT +ABOUT +VERDICT +FINDING", fine.stdout)
    withdrawal = {"account": ACCOUNT, "permissions": {"enableWithdrawals": True}}
    assert control.post(f"{simulator}/sim/key", json=withdrawal, timeout=5).ok
    done = programs.run("plimsoll", "check", "--live", "--config", exporter.config)
    assert (done.returncode, "may withdraw" in done.stdout) == (1, True)
    assert control.post(f"{simulator}/sim/key", json={"account": ACCOUNT, "revoked": True}, timeout=5).ok
    done = programs.run("plimsoll", "check", "--live", "--config", exporter.config)
    assert (done.returncode, "refused" in done.stdout) == (1, True)
    assert SECRET not in fine.stdout + fine.stderr + done.stdout + done.stderr


def test_check_live_of_an_exchange_out_of_reach_says_so(tmp_path: Path):
    """Nobody listens: the table says that the exchange is not reachable, and the exit code is 1."""
    exporter = Exporter(tmp_path, f"http://127.0.0.1:{programs.free_port()}")
    done = programs.run("plimsoll", "check", "--live", "--config", exporter.config)
    assert (done.returncode, "not reachable" in done.stdout, "Traceback" in done.stderr) == (1, True, False)
