"""``plimsoll render``: what it writes, what it says, what it never shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bcrypt
import pytest
import yaml

from alerting_files import PASSWORD, SECRETS, USER, alerting_config, write_secret
from plimsoll.cli import main
from plimsoll.render.command import render
from plimsoll.render.resources import template_folder
from plimsoll.render.web import MISSING_EXTRA

FILES = {
    "alertmanager/rendered/.gitignore",
    "alertmanager/rendered/alertmanager.yml",
    "alertmanager/rendered/templates/plimsoll.tmpl",
    "alertmanager/rendered/templates/telegram.tmpl",
    "alertmanager/rendered/web.yml",
    "prometheus/rendered/.gitignore",
    "prometheus/rendered/alertmanager.password",
    "prometheus/rendered/alertmanager.username",
    "prometheus/rendered/alertmanagers.json",
    "prometheus/rendered/enforcers.json",
    "prometheus/rendered/exporters.json",
    "prometheus/rendered/links.env",
    "prometheus/rendered/prometheus.json",
}


pytestmark = pytest.mark.usefixtures("logging_as_before")


def run(folder: Path, *more: str) -> int:
    """``plimsoll render`` with a folder's configuration."""
    return main(["render", "--config", str(folder / "plimsoll.yml"), *more], environ={})


def written(folder: Path) -> set[str]:
    """What lies in the rendered folders."""
    found = [path for part in ("alertmanager", "prometheus") for path in (folder / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)) for path in found}


def test_everything_is_written_beside_the_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Every file is there, the channels are told, and no secret is."""
    alerting_config(tmp_path)
    assert run(tmp_path) == 0
    out, err = capsys.readouterr()
    assert written(tmp_path) == FILES
    assert [line.split()[:2] for line in out.splitlines()[1:6]] == [
        ["pagerduty", "on"],
        ["telegram", "on"],
        ["webhook", "on"],
        ["heartbeat", "on"],
        ["enforcer", "on"],
    ]
    assert err == ""
    for secret in (*SECRETS.values(), "made-up-secret-path"):
        assert secret not in out


def test_secrets_stay_in_their_files(tmp_path: Path):
    """Alertmanager's configuration names secret files; only Prometheus's password is copied, for it reads no other."""
    alerting_config(tmp_path)
    run(tmp_path)
    holders = {
        name for name in written(tmp_path) for secret in SECRETS.values() if secret in (tmp_path / name).read_text()
    }
    assert holders == {"prometheus/rendered/alertmanager.password"}


def test_the_password_is_hashed(tmp_path: Path):
    """The web configuration has one user with a bcrypt hash of the password."""
    alerting_config(tmp_path)
    run(tmp_path)
    users = yaml.safe_load((tmp_path / "alertmanager/rendered/web.yml").read_text())["basic_auth_users"]
    assert list(users) == [USER]
    assert bcrypt.checkpw(PASSWORD.encode(), users[USER].encode())


def test_a_second_time_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Rendering again writes nothing; another password changes its hash and the copy for Prometheus alone."""
    config = alerting_config(tmp_path)
    run(tmp_path)
    capsys.readouterr()
    assert run(tmp_path) == 0
    assert "nothing changed" in capsys.readouterr().out
    write_secret(tmp_path / "secrets" / "web.password", "another-made-up-password")
    _, changed = render(config, tmp_path)
    assert [path.name for path in changed] == ["web.yml", "alertmanager.password"]


@pytest.mark.parametrize("old", ["", "[]", "basic_auth_users: 3", "basic_auth_users: {plimsoll: none}", "a: [", "\x00"])
def test_a_spoiled_web_configuration_is_made_anew(old: str, tmp_path: Path):
    """Whatever stands in the old file, the new one has the hash."""
    config = alerting_config(tmp_path)
    render(config, tmp_path)
    path = tmp_path / "alertmanager/rendered/web.yml"
    path.write_text(old, encoding="utf-8")
    render(config, tmp_path)
    assert yaml.safe_load(path.read_text())["basic_auth_users"][USER].startswith("$2b$")


def test_no_channel_is_told_loudly(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Without any channel to people everything is written and the command shouts; it is no error."""
    alerting_config(tmp_path, without=("pagerduty", "telegram", "webhook", "heartbeat"))
    assert run(tmp_path) == 0
    out, err = capsys.readouterr()
    assert "NO CHANNEL TO PEOPLE IS ON: WHATEVER HAPPENS, NOBODY IS TOLD." in err
    assert "No heartbeat leaves this machine" in err
    assert f"{tmp_path}/secrets/pagerduty.key: no such file" in out


def test_warnings_that_reach_nobody_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """PagerDuty alone is told what is critical; that the rest goes nowhere is said."""
    alerting_config(tmp_path, without=("telegram", "webhook"))
    assert run(tmp_path) == 0
    assert "Warnings reach nobody" in capsys.readouterr().err


def test_another_folder_and_another_prometheus(tmp_path: Path):
    """``--out`` takes everything elsewhere, ``--prometheus`` says where Prometheus itself is."""
    alerting_config(tmp_path)
    assert run(tmp_path, "--out", str(tmp_path / "other"), "--prometheus", "127.0.0.1:19090") == 0
    assert written(tmp_path) == set()
    assert "127.0.0.1:19090" in (tmp_path / "other/prometheus/rendered/prometheus.json").read_text()


def test_a_tls_exporter_is_scraped_by_https(tmp_path: Path):
    """What the exporter's web configuration says decides how Prometheus asks."""
    alerting_config(tmp_path)
    (tmp_path / "web.yml").write_text("tls_server_config: {cert_file: a.crt, key_file: a.key}\n", encoding="utf-8")
    path = tmp_path / "plimsoll.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("exporter: {", "exporter: {web_config_file: web.yml, "), encoding="utf-8")
    assert run(tmp_path) == 0
    assert "https" in (tmp_path / "prometheus/rendered/exporters.json").read_text()
    assert "https" not in (tmp_path / "prometheus/rendered/enforcers.json").read_text()


def test_a_fault_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """With a missing password the command exits with 1, says where, and no file is touched."""
    alerting_config(tmp_path)
    (tmp_path / "secrets" / "web.password").unlink()
    assert run(tmp_path) == 1
    assert "plimsoll.yml:3: alertmanager[0].password_file: " in capsys.readouterr().err
    assert written(tmp_path) == set()


def test_the_base_install_says_what_is_missing(tmp_path: Path):
    """Without bcrypt the command ends with one sentence that names the extra, and writes nothing."""
    alerting_config(tmp_path)
    program = (
        "import sys; sys.modules['bcrypt'] = None\n"
        f"from plimsoll.cli import main; sys.exit(main(['render', '--config', {str(tmp_path / 'plimsoll.yml')!r}]))"
    )
    ended = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert ended.stderr == f"{MISSING_EXTRA}\n"
    assert "pip install 'plimsoll-risk[exporter]'" in MISSING_EXTRA
    assert written(tmp_path) == set()


def test_the_templates_are_found():
    """The checkout, or the installed package, has the templates."""
    assert (template_folder() / "templates" / "telegram.tmpl").is_file()
