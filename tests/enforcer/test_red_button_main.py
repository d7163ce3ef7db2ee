"""The command ``red-button`` as a function, with nobody at the other end: arguments, configuration, exit status."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll_enforcer.button.arguments import parse
from plimsoll_enforcer.button.main import main
from stack_harness import ROOT

CONFIG = ("--config", str(ROOT / "plimsoll.yml"))
NOWHERE = {"PLIMSOLL_EXCHANGE__REST_URL": "http://127.0.0.1:9"}


@pytest.fixture(autouse=True)
def streams(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No terminal: nobody can be asked."""
    monkeypatch.setattr("sys.stdin", None)
    monkeypatch.setattr("sys.stdout", None)
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


def test_without_anybody_to_ask_nothing_is_done():
    """1, whether or not the exchange could be read."""
    assert main(["live", *CONFIG], environ=NOWHERE) == 1


def test_time_that_is_over_is_not_flat(tmp_path: Path):
    """3, since nobody knows."""
    environ = {**NOWHERE, "PLIMSOLL_ENFORCER__DATA_DIR": str(tmp_path)}
    assert main(["live", "--yes", "--give-up-after", "1s", *CONFIG], environ=environ) == 3


def test_a_signal_at_the_question_does_nothing(monkeypatch: pytest.MonkeyPatch):
    """1, though nobody has typed anything; the handlers stand once the question does."""
    keys, typing = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("r", "w"), strict=True))
    shown, screen = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("r", "w"), strict=True))
    with keys, typing, shown, screen:
        monkeypatch.setattr("sys.stdin", keys)
        monkeypatch.setattr("sys.stdout", screen)
        asking = threading.Thread(target=_stop_at_the_question, args=(shown.fileno(),))
        asking.start()
        assert main(["live", *CONFIG], environ=NOWHERE) == 1
        asking.join()


def _stop_at_the_question(shown: int) -> None:
    seen = b""
    while b"Type the account's name" not in seen:
        piece = os.read(shown, 65_536)
        assert piece, seen
        seen += piece
    os.kill(os.getpid(), signal.SIGTERM)


def test_the_check_of_an_exchange_out_of_reach_is_wrong():
    """1."""
    assert main(["--check", *CONFIG], environ=NOWHERE) == 1


def test_what_is_wrong_with_the_configuration_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """An account that is none, a file that is none, an account without a trading key: 1, with the reason."""
    assert main(["nobody", *CONFIG], environ={}) == 1
    assert main(["live", "--config", str(tmp_path / "none.yml")], environ={}) == 1
    bare = tmp_path / "plimsoll.yml"
    bare.write_text("exchange: {environment: testnet}\naccounts:\n  bare: {read_key: {key_file: r, secret_file: s}}\n")
    assert main(["bare", "--config", str(bare)], environ={}) == 1
    told = capfd.readouterr().err
    assert 'there is no account "nobody"; known: source, eon, live' in told
    assert "none.yml" in told
    assert "accounts.bare: without trade_key nothing can be closed" in told


@pytest.mark.parametrize("unusable", [[], ["live", "--guard", "1d"], ["live", "--give-up-after", "soon"], ["a", "b"]])
def test_unusable_arguments(unusable: list[str], capsys: pytest.CaptureFixture[str]):
    """2, and what would be right."""
    with pytest.raises(SystemExit) as ended:
        parse(unusable)
    assert ended.value.code == 2
    assert "red-button: error:" in capsys.readouterr().err


def test_times_of_the_guard():
    """Until Ctrl-C where nothing is said, not at all, or for a time."""
    assert parse(["live"]).guard is None
    assert parse(["live", "--no-guard"]).guard == 0
    assert parse(["live", "--guard", "24h"]).guard == 86_400
    assert parse(["live", "--guard", "5s"]).guard == 5
    assert parse(["--check"]).account is None
