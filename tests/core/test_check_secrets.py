"""``plimsoll check`` and the secrets of alerting: every fault at once, with file, line, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerting_files import SECRETS, alerting_config, write_secret
from plimsoll.cli import main
from plimsoll.config.load import load_with_secrets
from plimsoll.errors import SecretError

MISSING = "no such file; create it with mode 640"
PLACES = {
    "web.password": "plimsoll.yml:3: alertmanager[0].password_file",
    "webhook.token": "plimsoll.yml:4: enforcement_webhook.token_file",
    "pagerduty.key": "plimsoll.yml:6: notifications.pagerduty.routing_key_file",
    "telegram.token": "plimsoll.yml:7: notifications.telegram.bot_token_file",
    "telegram.chat": "plimsoll.yml:7: notifications.telegram.chat_id_file",
    "webhook.url": "plimsoll.yml:8: notifications.webhook.url_file",
    "heartbeat.url": "plimsoll.yml:9: notifications.heartbeat.url_file",
}
"""Every secret of alerting, in the order of the file, and where the configuration names it."""


def checked(folder: Path, capsys: pytest.CaptureFixture[str], *, code: int) -> list[str]:
    """What the command complains of, a line an item, without the folder's name."""
    assert main(["check", "--config", str(folder / "plimsoll.yml")], environ={}) == code
    return capsys.readouterr().err.replace(f"{folder}/", "").splitlines()


@pytest.fixture(autouse=True)
def _logging(logging_as_before: None) -> None:
    """The command sets up logging."""


def test_sound_secrets_are_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """With every secret in its file nothing is complained of."""
    alerting_config(tmp_path)
    assert checked(tmp_path, capsys, code=0) == []


def test_every_missing_secret_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Password, keys, tokens, chat and URLs: one line each, in the order of the file, with what to do."""
    alerting_config(tmp_path)
    for name in PLACES:
        (tmp_path / "secrets" / name).unlink()
    assert checked(tmp_path, capsys, code=1) == [f"{at}: secrets/{name}: {MISSING}" for name, at in PLACES.items()]


@pytest.mark.parametrize("name", PLACES)
def test_a_secret_open_to_everybody_is_told(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A secret that everybody on the machine can read is told with the command that mends it."""
    alerting_config(tmp_path)
    (tmp_path / "secrets" / name).chmod(0o644)
    assert checked(tmp_path, capsys, code=1) == [
        f"{PLACES[name]}: secrets/{name}: readable by everybody (mode 0644); run: chmod 640 secrets/{name}"
    ]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("web.password", "", "empty; write the secret into it"),
        ("pagerduty.key", "made up", "has a space or line break inside; it must hold the secret alone, on one line"),
        ("telegram.chat", "@mychannel", "holds no chat id; write the number of the chat into it"),
        ("webhook.url", "example.org/hook", "holds no URL; write one that starts with https:// into it"),
        ("heartbeat.url", "ftp://example.org", "holds no URL; write one that starts with https:// into it"),
    ],
)
def test_what_cannot_be_meant_is_told_but_not_shown(
    name: str, content: str, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """A file that holds something else is told with what it should hold; what it does hold stays inside."""
    alerting_config(tmp_path)
    write_secret(tmp_path / "secrets" / name, content)
    (line,) = checked(tmp_path, capsys, code=1)
    assert line == f"{PLACES[name]}: secrets/{name}: {fault}"
    assert not content or content not in line


def test_secrets_are_told_beside_other_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A wrong key of the configuration, a read key's missing file and a missing token come together, by line."""
    alerting_config(tmp_path)
    (tmp_path / "secrets" / "telegram.token").unlink()
    path = tmp_path / "plimsoll.yml"
    text = path.read_text(encoding="utf-8").replace("{eon: {}}", "{eon: {read_key: {key_file: k, secret_file: s}}}")
    path.write_text(f"{text}links: 3\n", encoding="utf-8")
    assert checked(tmp_path, capsys, code=1) == [
        f"plimsoll.yml:2: accounts.eon.read_key.key_file: k: {MISSING}",
        f"plimsoll.yml:2: accounts.eon.read_key.secret_file: s: {MISSING}",
        f"{PLACES['telegram.token']}: secrets/telegram.token: {MISSING}",
        "plimsoll.yml:11: links: found a number, expected a section such as {grafana: ...}",
    ]


def test_no_secret_is_ever_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Neither the table nor a complaint holds what the files hold."""
    alerting_config(tmp_path)
    (tmp_path / "secrets" / "webhook.url").unlink()
    assert main(["check", "--config", str(tmp_path / "plimsoll.yml")], environ={}) == 1
    out, err = capsys.readouterr()
    assert [secret for secret in SECRETS.values() if secret in out + err] == []


def test_the_exporter_judges_what_it_uses(tmp_path: Path):
    """The fast lane's password is judged with its keys; what Alertmanager alone uses is not read."""
    alerting_config(tmp_path)
    for name in PLACES:
        (tmp_path / "secrets" / name).unlink()
    with pytest.raises(SecretError) as caught:
        load_with_secrets(tmp_path / "plimsoll.yml", environ={})
    assert str(caught.value).replace(f"{tmp_path}/", "") == f"{PLACES['web.password']}: secrets/web.password: {MISSING}"
