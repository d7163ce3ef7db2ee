"""API keys by the configuration: which files are read, and that each fault names the line and the key to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from config_text import SIMULATOR, load_text
from plimsoll.config.keys import enforcer_credentials, trade_credentials
from plimsoll.config.load import load_with_secrets
from plimsoll.config.model import Config
from plimsoll.credentials import Credentials, simulator_credentials, simulator_trade_credentials
from plimsoll.errors import ConfigError, PlimsollError, SecretError
from plimsoll.secret import Secret

PEM = "-----BEGIN PRIVATE KEY-----\nbWFkZSB1cCwgbm8ga2V5IGF0IGFsbA==\n-----END PRIVATE KEY-----\n"
DEMO = "exchange: {environment: demo}\n"
EON = "accounts:\n  eon:\n    read_key: {key_file: eon.key, secret_file: eon.secret}\n"


def write(folder: Path, name: str, content: str = "made-up-secret\n", mode: int = 0o640) -> None:
    """A secret file."""
    (folder / name).write_text(content, encoding="utf-8")
    (folder / name).chmod(mode)


def faults_with_secrets(
    folder: Path, text: str, kind: type[PlimsollError], environ: dict[str, str] | None = None
) -> list[str]:
    """What is wrong with a configuration and its secret files, one an item, without the folder's name."""
    path = folder / "plimsoll.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(kind) as caught:
        load_with_secrets(path, environ=environ or {})
    assert type(caught.value) is kind
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def keyed(folder: Path) -> Config:
    """An account with both keys, the trade key by a private key, and one with none."""
    text = EON + "    trade_key: {key_file: trade.key, private_key_file: trade.pem}\n  live: {}\n"
    return load_text(folder, SIMULATOR + text + "enforcer: {webhook_token_file: absent.token}\n")


def test_the_exporter_reads_the_read_keys_only(tmp_path: Path):
    """The exporter takes each account's read key and never asks for a trade key or another program's token."""
    write(tmp_path, "eon.key", "made-up-key")
    write(tmp_path, "eon.secret", "made-up-secret")
    expected = {
        "eon": Credentials(key=Secret("made-up-key"), secret=Secret("made-up-secret")),
        "live": simulator_credentials("live"),
    }
    config = keyed(tmp_path)
    assert load_with_secrets(config.path, environ={}) == (config, expected)


def test_a_trade_key_is_read_by_itself(tmp_path: Path):
    """The trade key of one account needs no other file; an account without one has none."""
    write(tmp_path, "trade.key", "made-up-key")
    write(tmp_path, "trade.pem", PEM)
    config = keyed(tmp_path)
    assert trade_credentials(config, "eon") == Credentials(key=Secret("made-up-key"), private_key=Secret(PEM))
    assert trade_credentials(config, "live") is None


def test_the_enforcer_reads_the_trade_keys_only(tmp_path: Path):
    """The enforcer takes the trade keys of the accounts it acts on; the simulator's need no files."""
    write(tmp_path, "trade.key", "made-up-key")
    write(tmp_path, "trade.pem", PEM)
    config = keyed(tmp_path)
    eon = Credentials(key=Secret("made-up-key"), private_key=Secret(PEM))
    assert enforcer_credentials(config, ["eon", "live"]) == {"eon": eon, "live": simulator_trade_credentials("live")}
    assert enforcer_credentials(config, ["live"]) == {"live": simulator_trade_credentials("live")}
    assert simulator_trade_credentials("live") != simulator_credentials("live")


def test_on_a_real_exchange_an_account_without_a_trade_key_has_none(tmp_path: Path):
    """Nothing takes the place of a trade key that is not configured."""
    assert enforcer_credentials(load_text(tmp_path, DEMO + EON), ["eon"]) == {}


def test_the_enforcer_is_told_every_fault_of_its_keys(tmp_path: Path):
    """One line for each file that it would read, and none for an account that it does not act on."""
    config = keyed(tmp_path)
    with pytest.raises(SecretError) as caught:
        enforcer_credentials(config, ["eon", "live"])
    assert [line.split(": ")[1] for line in str(caught.value).replace(f"{tmp_path}/", "").splitlines()] == [
        "accounts.eon.trade_key.key_file",
        "accounts.eon.trade_key.private_key_file",
    ]
    assert "live" in enforcer_credentials(config, ["live"])


def test_a_trade_key_tells_its_own_faults_only(tmp_path: Path):
    """What is wrong with a trade key comes with the line and the key of each file, and of no other account."""
    with pytest.raises(SecretError) as caught:
        trade_credentials(keyed(tmp_path), "eon")
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "plimsoll.yml:5: accounts.eon.trade_key.key_file: trade.key: no such file; create it with mode 640",
        "plimsoll.yml:5: accounts.eon.trade_key.private_key_file: trade.pem: no such file; create it with mode 640",
    ]


def test_every_unusable_read_key_is_told(tmp_path: Path):
    """All faults of all accounts come at once, each with line and key, in the order of the file."""
    write(tmp_path, "eon.key", mode=0o644)
    text = DEMO + EON + "  live:\n    read_key:\n      key_file: live.key\n      private_key_file: live.pem\n"
    assert faults_with_secrets(tmp_path, text, SecretError) == [
        (
            "plimsoll.yml:4: accounts.eon.read_key.key_file: eon.key: readable by everybody (mode 0644); "
            "run: chmod 640 eon.key"
        ),
        "plimsoll.yml:4: accounts.eon.read_key.secret_file: eon.secret: no such file; create it with mode 640",
        "plimsoll.yml:7: accounts.live.read_key.key_file: live.key: no such file; create it with mode 640",
        "plimsoll.yml:8: accounts.live.read_key.private_key_file: live.pem: no such file; create it with mode 640",
    ]


def test_secret_faults_stand_among_those_of_the_configuration(tmp_path: Path):
    """A missing secret file is told together with whatever else is wrong, by line."""
    write(tmp_path, "eon.secret")
    text = DEMO + EON + "    limits: {levrage: 3}\nlinks: 3\n"
    assert faults_with_secrets(tmp_path, text, ConfigError) == [
        "plimsoll.yml:4: accounts.eon.read_key.key_file: eon.key: no such file; create it with mode 640",
        'plimsoll.yml:5: accounts.eon.limits.levrage: found an unknown key, expected "leverage"',
        "plimsoll.yml:6: links: found a number, expected a section such as {grafana: ...}",
    ]


def test_half_a_key_is_judged_by_what_it_names(tmp_path: Path):
    """Where a key lacks its secret, the file that it does name is judged all the same."""
    faults = faults_with_secrets(tmp_path, DEMO + "accounts: {eon: {read_key: {key_file: eon.key}}}\n", ConfigError)
    assert len(faults) == 2
    assert any("eon.key: no such file" in fault for fault in faults)


def test_a_file_named_by_a_variable_is_told_by_its_name(tmp_path: Path):
    """Where a variable names the secret's file, the fault names the variable."""
    write(tmp_path, "eon.key")
    variable = "PLIMSOLL_ACCOUNTS__EON__READ_KEY__SECRET_FILE"
    assert faults_with_secrets(tmp_path, DEMO + EON, SecretError, {variable: "other.secret"}) == [
        f"{variable}: accounts.eon.read_key.secret_file: other.secret: no such file; create it with mode 640"
    ]


def test_an_unreadable_configuration_names_no_secret(tmp_path: Path):
    """Where the file is no configuration at all only that is told."""
    assert len(faults_with_secrets(tmp_path, "- 1\n", ConfigError)) == 1


def test_the_token_of_reports_is_judged_with_the_keys(tmp_path: Path):
    """The exporter uses it, so a missing or open file is told at its place; with a sound one nothing is wrong."""
    text = SIMULATOR + "accounts: {eon: {}}\nrejections:\n  token_file: report.token\n"
    (fault,) = faults_with_secrets(tmp_path, text, SecretError)
    assert "rejections.token_file: report.token: no such file" in fault
    write(tmp_path, "report.token", mode=0o644)
    (fault,) = faults_with_secrets(tmp_path, text, SecretError)
    assert "readable by everybody" in fault
    write(tmp_path, "report.token")
    config, _ = load_with_secrets(tmp_path / "plimsoll.yml", environ={})
    assert config.rejections.token_file == tmp_path / "report.token"
