"""Environment variables over the file: what they reach, what they may not, and how their faults are told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from config_text import SIMULATOR, TWO_ACCOUNTS, faults_of, load_text
from plimsoll.config.model import Environment, KeyFiles, Listen, Mirror, Mode, SymbolLimits

FILE = (
    SIMULATOR
    + """\
accounts:
  eon:
    limits:
      leverage: 3
      drawdown:
        my-tmad: {from: high-water, ratio: 0.10}
      symbols: {BTCUSDT: {leverage: 2}}
  two-words:
    enforcement: {mode: off}
"""
)


def test_a_value_is_replaced(tmp_path: Path):
    """A variable stands above the file for the value it names, and for no other."""
    config = load_text(tmp_path, FILE, {"PLIMSOLL_ACCOUNTS__EON__LIMITS__LEVERAGE": "2.5"})
    limits = config.accounts["eon"].limits
    assert limits.leverage == Decimal("2.5")
    assert limits.drawdown["my-tmad"].ratio == Decimal("0.10")


def test_a_value_is_set_that_the_file_leaves_out(tmp_path: Path):
    """Sections that the file does not have come into being."""
    config = load_text(
        tmp_path,
        FILE,
        {
            "PLIMSOLL_LINKS__GRAFANA": "http://127.0.0.1:3000",
            "PLIMSOLL_EXPORTER__LISTEN": "0.0.0.0:9713",
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__STOP_GRACE": "45s",
        },
    )
    assert config.links.grafana == "http://127.0.0.1:3000"
    assert config.exporter.listen == Listen(host="0.0.0.0", port=9713)  # noqa: S104 - read, not bound
    assert config.accounts["eon"].limits.stop_grace == 45.0


def test_every_kind_of_value_can_be_written(tmp_path: Path):
    """Words, switches, whole numbers, text and file names are written bare; files start from the file's folder."""
    rule = "PLIMSOLL_ACCOUNTS__EON__LIMITS__DRAWDOWN__MY_TMAD__"
    config = load_text(
        tmp_path,
        FILE,
        {
            "PLIMSOLL_EXCHANGE__ENVIRONMENT": "simulator",
            f"{rule}LOCK_AT_START": "true",
            f"{rule}FROM": "high-water-daily",
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__LEVERAGE_SETTING": "5",
            "PLIMSOLL_ACCOUNTS__EON__READ_KEY__KEY_FILE": "12345",
            "PLIMSOLL_ACCOUNTS__EON__READ_KEY__SECRET_FILE": "eon.secret",
        },
    )
    eon = config.accounts["eon"]
    assert config.exchange.environment is Environment.SIMULATOR
    assert eon.limits.drawdown["my-tmad"].lock_at_start is True
    assert eon.limits.drawdown["my-tmad"].reference == "high-water-daily"
    assert eon.limits.leverage_setting == 5
    assert eon.read_key == KeyFiles(key_file=tmp_path / "12345", secret_file=tmp_path / "eon.secret")


@pytest.mark.parametrize("name", ["EON", "eon", "Eon"])
def test_account_names_match_without_case(tmp_path: Path, name: str):
    """An account's name may be written in any case."""
    config = load_text(tmp_path, FILE, {f"PLIMSOLL_ACCOUNTS__{name}__LIMITS__LEVERAGE": "1"})
    assert config.accounts["eon"].limits.leverage == 1


@pytest.mark.parametrize("name", ["TWO_WORDS", "TWO-WORDS"])
def test_a_dash_may_be_an_underscore(tmp_path: Path, name: str):
    """Shells allow no dash in a variable, so an underscore stands for it."""
    config = load_text(tmp_path, FILE, {f"PLIMSOLL_ACCOUNTS__{name}__LIMITS__LEVERAGE": "1"})
    assert config.accounts["two-words"].limits.leverage == 1


def test_lists_and_maps_are_json(tmp_path: Path):
    """A list or a map by name is replaced as a whole by JSON."""
    config = load_text(
        tmp_path,
        FILE,
        {
            "PLIMSOLL_MIRRORS": '[{"source": "eon", "destination": "two-words", "scale": 0.5}]',
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__NEAR": "[0.5, 0.9]",
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__SYMBOLS": '{"ETHUSDT": {"leverage": 1.10}}',
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__DRAWDOWN": (
                '{"late": {"from": "high-water", "amount_usd": 100, "lock_at_start": true}}'
            ),
            "PLIMSOLL_ALERTMANAGER": "[]",
        },
    )
    limits = config.accounts["eon"].limits
    assert config.mirrors == (Mirror(source="eon", destination="two-words", scale=Decimal("0.5")),)
    assert limits.near == (Decimal("0.5"), Decimal("0.9"))
    assert limits.symbols == {"ETHUSDT": SymbolLimits(leverage=Decimal("1.10"))}
    assert list(limits.drawdown) == ["late"]
    assert limits.drawdown["late"].lock_at_start is True
    assert config.alertmanager == ()


def test_a_symbol_may_be_added_and_changed(tmp_path: Path):
    """One symbol's limit is reached by its name, new or not."""
    prefix = "PLIMSOLL_ACCOUNTS__EON__LIMITS__SYMBOLS__"
    config = load_text(tmp_path, FILE, {f"{prefix}BTCUSDT__LEVERAGE": "1", f"{prefix}SOLUSDT__LEVERAGE": "0.5"})
    assert config.accounts["eon"].limits.symbols == {
        "BTCUSDT": SymbolLimits(leverage=Decimal(1)),
        "SOLUSDT": SymbolLimits(leverage=Decimal("0.5")),
    }


def test_the_programs_own_variables_are_no_override(tmp_path: Path):
    """PLIMSOLL_ARM and PLIMSOLL_CONFIG are left alone, and so is everything without the prefix."""
    environ = {"PLIMSOLL_ARM": "eon", "PLIMSOLL_CONFIG": "x.yml", "PLIMSOLLX": "1", "HOME": "/root"}
    assert load_text(tmp_path, FILE, environ).accounts["eon"].limits.leverage == 3


@pytest.mark.parametrize("value", ["armed", "off", "dry-run"])
def test_the_mode_is_never_overridden(tmp_path: Path, value: str):
    """No variable arms or disarms an account, and the message says why."""
    faults = faults_of(tmp_path, FILE, {"PLIMSOLL_ACCOUNTS__EON__ENFORCEMENT__MODE": value})
    told = "found an override, expected it to be set in the file alone: arming must be visible there"
    assert faults == [f"PLIMSOLL_ACCOUNTS__EON__ENFORCEMENT__MODE: accounts.eon.enforcement.mode: {told}"]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (
            "PLIMSOLL_ACCOUNTS",
            '{"eon": {"enforcement": {"mode": "armed"}}}',
            "accounts: found a whole section, expected PLIMSOLL_ACCOUNTS__NAME__KEY",
        ),
        (
            "PLIMSOLL_ACCOUNTS__EON__ENFORCEMENT",
            '{"mode": "armed"}',
            "accounts.eon.enforcement: found a whole section, expected one of its keys: mode, on_unverifiable",
        ),
        (
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__LEVERAGE",
            "-3",
            'accounts.eon.limits.leverage: found "-3", expected a number above 0 and at most 125',
        ),
        (
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__LEVERAGE",
            "",
            'accounts.eon.limits.leverage: found "", expected a number above 0 and at most 125',
        ),
        (
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__LEVERAGE__MAX",
            "3",
            'accounts.eon.limits.leverage: found "MAX" below it, expected the path to end here',
        ),
        (
            "PLIMSOLL_ACCOUNTS__EOM__LIMITS__LEVERAGE",
            "3",
            'accounts: found "EOM", which the file does not name, expected "eon"',
        ),
        (
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__DRAWDOWN__DAILY__RATIO",
            "0.1",
            'accounts.eon.limits.drawdown: found "DAILY", which the file does not name, expected "my-tmad"',
        ),
        (
            "PLIMSOLL_ACCOUNTS__TWO_WORDS__LIMITS__DRAWDOWN__TMAD__RATIO",
            "0.1",
            'accounts.two-words.limits.drawdown: found "TMAD", which the file does not name, expected none here',
        ),
        (
            "PLIMSOLL_EXPORTER_PORT_9713_TCP",
            "tcp://10.0.0.1:9713",
            "found a variable of Kubernetes, expected enableServiceLinks: false in the pod",
        ),
        ("PLIMSOLL_LOG_LEVEL", "debug", 'found "LOG_LEVEL", expected one of accounts, alertmanager, '),
        (
            "PLIMSOLL_ACCOUNTS__EON__READ_KEY__SECRET",
            "hunter2",
            'accounts.eon.read_key: found "SECRET", expected "secret_file"',
        ),
        ("PLIMSOLL_MIRRORS", "eon", "mirrors: found what is not JSON, expected a list of mirrors as JSON"),
        ("PLIMSOLL_MIRRORS", "{}", "mirrors: found a table of keys, expected a list of mirrors"),
        ("PLIMSOLL_MIRRORS", "[" * 100_000, "mirrors: found what is not JSON, expected a list of mirrors as JSON"),
        (
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__NEAR",
            "[0.6, NaN]",
            "accounts.eon.limits.near[1]: found NaN (which is not finite), expected a number above 0",
        ),
        (
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__NEAR",
            "[null, true]",
            "accounts.eon.limits.near[0]: found nothing, expected a number above 0",
        ),
        (
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__SYMBOLS",
            '{"BTCUSDT": {}, "BTCUSDT": {}}',
            "accounts.eon.limits.symbols.BTCUSDT: found the key a second time, expected each key once",
        ),
        (
            "PLIMSOLL_ACCOUNTS__EON__LIMITS__SYMBOLS__btcusd__LEVERAGE",
            "3",
            'accounts.eon.limits.symbols.btcusd: found the name "btcusd", expected the ',
        ),
    ],
)
def test_a_faulty_variable_is_named(tmp_path: Path, variable: str, value: str, told: str):
    """What a variable does wrong is told with its name in place of file and line, and without a secret."""
    faults = faults_of(tmp_path, FILE, {variable: value})
    assert faults[0].startswith(f"{variable}: {told}")
    assert "hunter2" not in "".join(faults)


def test_faults_of_file_and_variables_come_together(tmp_path: Path):
    """The file's faults come first, by line; then the variables', by name."""
    faults = faults_of(
        tmp_path, TWO_ACCOUNTS + "links: {grafna: x}\n", {"PLIMSOLL_ZZZ": "1", "PLIMSOLL_EXPORTER__LISTEN": "9713"}
    )
    assert [fault.split(": ")[0] for fault in faults] == ["plimsoll.yml:3", "PLIMSOLL_EXPORTER__LISTEN", "PLIMSOLL_ZZZ"]


def test_a_variable_does_not_hide_a_fault_of_the_file(tmp_path: Path):
    """Where the file has a value in place of a section, the file's fault is told."""
    faults = faults_of(tmp_path, TWO_ACCOUNTS + "links: 3\n", {"PLIMSOLL_LINKS__GRAFANA": "http://127.0.0.1:3000"})
    assert faults == ["plimsoll.yml:3: links: found a number, expected a section such as {grafana: ...}"]


def test_an_overridden_mode_of_the_file_stays(tmp_path: Path):
    """The mode that the file sets is the mode, whatever else is overridden."""
    config = load_text(tmp_path, FILE, {"PLIMSOLL_ACCOUNTS__TWO_WORDS__ENFORCEMENT__ON_UNVERIFIABLE": "act"})
    assert config.accounts["two-words"].enforcement.mode is Mode.OFF
    assert config.accounts["two-words"].enforcement.on_unverifiable == "act"


def test_a_variable_with_a_strange_name_is_told_on_one_short_line(tmp_path: Path):
    """A name of control characters, of no characters at all, or without end is told so that it can be read."""
    odd, endless = "PLIMSOLL_\x1b[2J\udcff", "PLIMSOLL_" + "A" * 100_000
    faults = faults_of(tmp_path, TWO_ACCOUNTS, {odd: "1", endless: "2"})

    assert len(faults) == 2
    assert all(fault.startswith("PLIMSOLL_") and fault.isprintable() and len(fault) < 600 for fault in faults)
