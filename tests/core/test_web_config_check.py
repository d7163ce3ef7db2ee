"""``plimsoll check`` and the web configurations that it is told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from certificates import Authority
from config_text import TWO_ACCOUNTS
from plimsoll.cli import main
from web_files import MUTUAL, TLS, users, write

pytestmark = pytest.mark.usefixtures("logging_as_before")


def check(folder: Path, text: str, *, program: str = "exporter") -> int:
    """The exit code of a check of a program with this web configuration."""
    write(folder, text)
    path = folder / "plimsoll.yml"
    path.write_text(f"{TWO_ACCOUNTS}{program}: {{web_config_file: web.yml}}\n", encoding="utf-8")
    return main(["check", "--config", str(path)], environ={})


def test_sound_files_pass(tmp_path: Path):
    """Certificate, key and users that can be used are fine."""
    Authority().write_server(tmp_path)

    assert check(tmp_path, TLS + users(prometheus="1")) == 0


def test_fault_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A fault in the file is told with file, line and key."""
    assert check(tmp_path, "tls_server: {}") == 1
    assert 'web.yml:1: tls_server: found an unknown key, expected "tls_server_config"' in capsys.readouterr().err


def test_exporters_certificates_are_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """What the exporter could not start with is told."""
    assert check(tmp_path, TLS) == 1
    assert "server.crt: found no such file" in capsys.readouterr().err


def test_a_fault_of_the_file_hides_none_of_the_files_it_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """An unknown key, a missing certificate, a missing key and missing authorities are told at once."""
    text = "tls_server: {}\n" + MUTUAL.replace("client_auth_type", "client_auth")

    assert check(tmp_path, text) == 1

    told = capsys.readouterr().err
    assert 'web.yml:1: tls_server: found an unknown key, expected "tls_server_config"' in told
    assert 'client_auth: found an unknown key, expected "client_auth_type"' in told
    for name in ("server.crt", "server.key", "ca.crt"):
        assert f"{tmp_path / name}: " in told


def test_all_files_are_judged_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A missing certificate does not hide a missing key."""
    assert check(tmp_path, TLS) == 1

    told = capsys.readouterr().err
    assert f"{tmp_path / 'server.crt'}: found no such file" in told
    assert f"{tmp_path / 'server.key'}" in told


def test_enforcers_key_is_not_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Of the enforcer's file only what it says is judged, for its key is no business of others."""
    assert check(tmp_path, TLS, program="enforcer") == 0
    assert check(tmp_path, "{tls: 1}", program="enforcer") == 1
    assert "unknown key" in capsys.readouterr().err
