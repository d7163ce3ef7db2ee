"""The command ``plimsoll``: its output, its exit codes, and the arguments that all programs share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import plimsoll
from config_text import TWO_ACCOUNTS, load_text
from plimsoll.arguments import common_parser
from plimsoll.check import describe_config
from plimsoll.cli import main

ROOT = Path(__file__).parents[2]
KEYED = (
    'exchange: {environment: demo, rest_url: "http://127.0.0.1:1"}\n'
    "accounts:\n  eon:\n    read_key: {key_file: eon.key, secret_file: eon.secret}\n"
)


pytestmark = pytest.mark.usefixtures("logging_as_before")


def write(folder: Path, text: str) -> str:
    """A configuration file; its name."""
    path = folder / "plimsoll.yml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def write_keys(folder: Path, *names: str) -> None:
    """Secret files of good mode."""
    for name in names:
        (folder / name).write_text("made-up-secret\n", encoding="utf-8")
        (folder / name).chmod(0o640)


def run_python(program: str) -> subprocess.CompletedProcess[str]:
    """A program in an interpreter of its own, where what is imported can be told apart."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own text


def test_the_shipped_file_checks(capsys: pytest.CaptureFixture[str]):
    """On a fresh clone the shipped file is fine, and its accounts, limits and mirror are shown."""
    assert main(["check", "--config", str(ROOT / "plimsoll.yml")], environ={}) == 0
    out = capsys.readouterr().out
    assert "environment simulator" in out
    assert "eon      drawdown.tmad         0.10 from high-water, flatten" in out
    assert "source  eon          0.125" in out


def test_faults_are_listed_and_exit_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A wrong configuration shows every fault on stderr and nothing else."""
    path = write(tmp_path, TWO_ACCOUNTS + "links: {grafna: x}\nmirrors: 3\n")
    assert main(["check", "--config", path], environ={}) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 2


def test_a_missing_secret_file_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A read key whose files are missing is told, after the table of what is configured."""
    assert main(["check", "--config", write(tmp_path, KEYED)], environ={}) == 1
    out, err = capsys.readouterr()
    assert "eon      usdm     dry-run  read" in out
    assert f"{tmp_path}/plimsoll.yml:4: accounts.eon.read_key.key_file: {tmp_path}/eon.key: no such file" in err
    assert f"{tmp_path}/plimsoll.yml:4: accounts.eon.read_key.secret_file: {tmp_path}/eon.secret: no such file" in err


def test_all_that_is_wrong_comes_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Secret files and both web configurations are told together, and the exchange is not asked."""
    text = KEYED + "exporter: {web_config_file: web.yml}\nenforcer: {web_config_file: enforcer.yml}\n"
    write_keys(tmp_path, "eon.key")
    assert main(["check", "--live", "--config", write(tmp_path, text)], environ={}) == 1
    out, err = capsys.readouterr()
    assert "not reachable" not in out
    assert [name for name in ("eon.key", "eon.secret", "web.yml", "enforcer.yml") if f"/{name}: " in err] == [
        "eon.secret",
        "web.yml",
        "enforcer.yml",
    ]


def test_a_missing_secret_file_is_told_beside_other_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A wrong configuration does not hide that a secret file is missing too."""
    write_keys(tmp_path, "eon.key")
    assert main(["check", "--config", write(tmp_path, KEYED + "links: 3\n")], environ={}) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "plimsoll.yml:4: accounts.eon.read_key.secret_file: " in err
    assert "plimsoll.yml:5: links: found a number" in err


def test_overrides_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """The command sees the environment as the programs do."""
    path = write(tmp_path, TWO_ACCOUNTS)
    assert main(["check", "--config", path], environ={"PLIMSOLL_ACCOUNTS__EON__LIMITS__LEVERAGE": "2"}) == 0
    assert "eon      leverage  2" in capsys.readouterr().out


def test_the_configuration_may_come_from_the_environment(tmp_path: Path):
    """PLIMSOLL_CONFIG names the file where --config does not."""
    environ = {"PLIMSOLL_CONFIG": write(tmp_path, TWO_ACCOUNTS)}
    assert main(["check"], environ=environ) == 0
    assert main(["check", "--config", str(tmp_path / "absent.yml")], environ=environ) == 1


def test_common_options_stand_before_or_after_the_command(tmp_path: Path):
    """``--config`` means the same on either side of ``check``."""
    path = write(tmp_path, TWO_ACCOUNTS)
    assert main(["--config", path, "check"], environ={}) == 0
    assert main(["--config", "absent.yml", "check", "--config", path, "--log-format", "json"], environ={}) == 0


@pytest.mark.parametrize("arguments", [[], ["chek"], ["check", "--lve"], ["check", "--log-level", "loud"]])
def test_unusable_arguments_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    """What the command does not understand is told with its usage and exit code 2."""
    with pytest.raises(SystemExit) as caught:
        main(arguments, environ={})
    assert caught.value.code == 2
    assert "usage: plimsoll" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]):
    """``--version`` prints program and version."""
    with pytest.raises(SystemExit) as caught:
        main(["--version"], environ={})
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"plimsoll {plimsoll.__version__}\n"


def test_common_arguments_have_defaults():
    """Every program looks for plimsoll.yml here, logs at info and as text."""
    arguments = common_parser("plimsoll-exporter", "Shows accounts.", environ={}).parse_args([])
    assert (arguments.config, arguments.log_level, arguments.log_format) == (Path("plimsoll.yml"), "info", "text")


def test_a_live_check_tells_an_unreachable_exchange(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Where nothing listens, ``--live`` says so in its table and exits with 1."""
    write_keys(tmp_path, "eon.key", "eon.secret")
    assert main(["check", "--live", "--config", write(tmp_path, KEYED)], environ={}) == 1
    assert "wrong    not reachable" in capsys.readouterr().out


def test_a_trade_key_out_of_reach_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A trade key that this program cannot read is a warning: it belongs to the enforcer."""
    write_keys(tmp_path, "eon.key", "eon.secret", "there.key", "there.secret")
    text = KEYED + "    trade_key: {key_file: absent.key, secret_file: absent.secret}\n"
    text += "  live:\n    read_key: {key_file: live.key, secret_file: live.secret}\n"
    text += "    trade_key: {key_file: there.key, secret_file: there.secret}\n"
    write_keys(tmp_path, "live.key", "live.secret")
    main(["check", "--live", "--config", write(tmp_path, text)], environ={})
    assert "trade key  warning  not checked: " in capsys.readouterr().out


def test_a_live_check_without_the_extra_says_what_to_install(tmp_path: Path):
    """On a base install ``--live`` ends with one sentence that names the extra."""
    path = write(tmp_path, TWO_ACCOUNTS)
    program = (
        "import sys; sys.modules['aiohttp'] = None; sys.modules['plimsoll.exchange.rest'] = None\n"
        f"from plimsoll.cli import main; sys.exit(main(['check', '--live', '--config', {path!r}], environ={{}}))"
    )
    ended = run_python(program)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "check --live talks to the exchange and needs more packages: pip install 'plimsoll-risk[exporter]'"
    ]


def test_the_command_needs_no_extra(tmp_path: Path):
    """``plimsoll check`` imports nothing beyond the base install."""
    path = write(tmp_path, TWO_ACCOUNTS)
    program = (
        "import sys\nfrom plimsoll.cli import main\n"
        f"main(['check', '--config', {path!r}], environ={{}})\n"
        "print(sorted({'aiohttp', 'binance', 'prometheus_client'} & set(sys.modules)))"
    )
    ended = run_python(program)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "[]"


def test_every_limit_is_shown(tmp_path: Path):
    """Limits of each kind appear by their keys; an account without any has no line."""
    text = (
        "exchange: {environment: simulator}\naccounts:\n  eon:\n    limits:\n"
        "      drawdown: {daily: {from: day-start, amount_usd: 500}}\n      leverage_setting: 5\n"
        "      symbols: {BTCUSDT: {leverage: 1.5}, ETHUSDT: {}}\n"
    )
    lines = [line.split(maxsplit=2)[1:] for line in describe_config(load_text(tmp_path, text)).splitlines()[3:]]
    assert lines == [
        ["LIMIT", "VALUE"],
        ["drawdown.daily", "500 USD from day-start, page"],
        ["leverage_setting", "5"],
        ["symbols.BTCUSDT.leverage", "1.5"],
    ]
    assert "LIMIT" not in describe_config(load_text(tmp_path, TWO_ACCOUNTS))


def test_operator_is_told_where_to_sign_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """``token show operator`` names the address and the file, and never the token."""
    enforcer = (
        'enforcer: {listen: "0.0.0.0:9714", allowed_hosts: [risk.example], operator_token_file: operator.token}\n'
    )
    path = write(tmp_path, TWO_ACCOUNTS + enforcer)
    command = ["token", "show", "operator", "--config", path]

    assert main(command, environ={}) == 0
    assert f"openssl rand -hex 32 > {tmp_path / 'operator.token'}" in capsys.readouterr().out
    write_keys(tmp_path, "operator.token")
    assert main(command, environ={}) == 0
    out, err = capsys.readouterr()
    assert "sign in at  http://risk.example:9714/" in out
    assert str(tmp_path / "operator.token") in out
    assert "made-up-secret" not in out + err


def test_operator_without_a_token_file_is_told_what_to_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Without ``operator_token_file`` nobody can sign in; that is an error."""
    path = write(tmp_path, TWO_ACCOUNTS)

    assert main(["token", "show", "operator", "--config", path], environ={}) == 1
    assert "enforcer.operator_token_file is not set" in capsys.readouterr().err
