"""The command ``plimsoll-enforcer``: what it refuses before it begins, and whose secrets it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.config.load import load
from plimsoll.errors import SecretError
from plimsoll_enforcer.main import enforcing_credentials, main
from plimsoll_enforcer.tokens import read_tokens

ACCOUNTS = "exchange: {environment: simulator}\naccounts:\n  eon: {}\n  live: {enforcement: {mode: off}}\n"

pytestmark = pytest.mark.usefixtures("logging_as_before")


def write(folder: Path, text: str = ACCOUNTS) -> Path:
    """A configuration."""
    path = folder / "plimsoll.yml"
    path.write_text(text, encoding="utf-8")
    return path


def secret(folder: Path, name: str, text: str) -> None:
    """A secret file of good mode."""
    (folder / name).write_text(text, encoding="utf-8")
    (folder / name).chmod(0o640)


def test_unknown_account_to_arm_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A mistyped ``--arm`` would leave an account unarmed that somebody believes to be armed."""
    code = main(["--config", str(write(tmp_path)), "--arm", "eno"], environ={})

    assert code == 1
    assert '--arm: the unknown account "eno"; known: eon, live' in capsys.readouterr().err


def test_unknown_account_of_the_variable_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """``PLIMSOLL_ARM`` is held to the same."""
    code = main(["--config", str(write(tmp_path))], environ={"PLIMSOLL_ARM": "eon,eno"})

    assert code == 1
    assert "PLIMSOLL_ARM: the unknown account" in capsys.readouterr().err


def test_wrong_configuration_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Faults of the file are told and end it with 1."""
    code = main(["--config", str(write(tmp_path, ACCOUNTS + "enforcer: {listne: x}\n"))], environ={})

    assert code == 1
    assert "listne" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--arm"], ["nonsense"], ["--nonsense"]])
def test_unusable_arguments_end_with_two(arguments: list[str]):
    """As in every program."""
    with pytest.raises(SystemExit) as ended:
        main(arguments, environ={})
    assert ended.value.code == 2


def test_missing_token_file_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A token file that is configured and missing ends the start, by its key and line."""
    path = write(tmp_path, ACCOUNTS + "enforcer: {webhook_token_file: webhook.token}\n")

    assert main(["--config", str(path)], environ={}) == 1
    assert "enforcer.webhook_token_file" in capsys.readouterr().err


def test_tokens_are_read(tmp_path: Path):
    """Each from its file; where no file is set there is no token."""
    secret(tmp_path, "webhook.token", "alpha-alpha-alpha\n")
    one = load(write(tmp_path, ACCOUNTS + "enforcer: {webhook_token_file: webhook.token}\n"), environ={})
    tokens = read_tokens(one)

    assert tokens.webhook is not None
    assert tokens.webhook.reveal() == "alpha-alpha-alpha"
    assert tokens.operator is None


def test_one_token_for_both_doors_is_refused(tmp_path: Path):
    """Alertmanager's token must not be able to release an account."""
    secret(tmp_path, "webhook.token", "alpha-alpha-alpha")
    secret(tmp_path, "operator.token", "alpha-alpha-alpha")
    files = "enforcer: {webhook_token_file: webhook.token, operator_token_file: operator.token}\n"
    config = load(write(tmp_path, ACCOUNTS + files), environ={})

    with pytest.raises(SecretError, match=r"enforcer\.operator_token_file.*make another") as caught:
        read_tokens(config)
    assert "alpha" not in str(caught.value)


def test_accounts_that_are_off_have_no_key_read(tmp_path: Path):
    """Only accounts whose mode is not off are read with a key; the simulator's own need no files."""
    assert set(enforcing_credentials(load(write(tmp_path), environ={}))) == {"eon"}
