"""``plimsoll-enforcer cap-leverage`` as a process, against a simulator that is another, with its key in files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import programs

ACCOUNT = "eon"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[str]:
    """The address of a running simulator."""
    port = programs.free_port()
    command: list[str | Path] = ["plimsoll-simulator", "--listen", f"127.0.0.1:{port}", "--scenario", "november-stops"]
    with programs.running(command, tmp_path / "simulator.log") as process:
        process.until_answers(f"http://127.0.0.1:{port}/fapi/v1/ping")
        yield f"http://127.0.0.1:{port}"


def configured(folder: Path, exchange: str) -> Path:
    """A configuration of one account with a trading key in files, and a read key whose files are not there."""
    for name in ("key", "secret"):
        (folder / name).write_text(f"simulator-trade-{name}-{ACCOUNT}\n")
        (folder / name).chmod(0o640)
    streams = exchange.replace("http", "ws", 1)
    path = folder / "plimsoll.yml"
    path.write_text(
        f"exchange: {{environment: testnet, rest_url: '{exchange}', wallet_url: '{exchange}', "
        f"market_stream_url: '{streams}', private_stream_url: '{streams}'}}\n"
        f"accounts:\n  {ACCOUNT}:\n    read_key: {{key_file: absent.key, secret_file: absent.secret}}\n"
        "    trade_key: {key_file: key, secret_file: secret}\n    limits: {leverage_setting: 5}\n"
    )
    return path


def test_the_command_lists_then_lowers(simulator: str, tmp_path: Path):
    """It opens the trading key's files only; without --apply it changes nothing, and with it what it listed is done."""
    config = configured(tmp_path, simulator)
    listed = programs.run("plimsoll-enforcer", "cap-leverage", "--config", config)
    assert listed.returncode == 0, listed.stderr
    assert "would be 5" in listed.stdout
    assert "nothing was changed" in listed.stdout
    done = programs.run("plimsoll-enforcer", "cap-leverage", "--config", config, "--apply")
    assert done.returncode == 0, done.stderr
    assert "now 5" in done.stdout
    again = programs.run("plimsoll-enforcer", "cap-leverage", "--config", config, "--account", ACCOUNT)
    assert again.returncode == 0, again.stderr
    assert again.stdout == f"Account {ACCOUNT}: 0 symbol(s) above leverage_setting 5\n"
    assert "simulator-trade" not in listed.stdout + listed.stderr + done.stdout + done.stderr


def test_a_wrong_account_is_told(simulator: str, tmp_path: Path):
    """An account that the configuration does not know ends the command with its reason and nothing done."""
    config = configured(tmp_path, simulator)
    told = programs.run("plimsoll-enforcer", "cap-leverage", "--config", config, "--account", "nobody", "--apply")
    assert told.returncode == 1
    assert 'unknown account "nobody"' in told.stderr
