"""Which channels are on: from configuration and secret files, with every fault told at once."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, combinations
from pathlib import Path

import pytest

from alerting_files import PASSWORD, alerting_config, write_secret
from config_text import TWO_ACCOUNTS, load_text
from plimsoll.errors import ConfigError, SecretError
from plimsoll.render.channels import CHANNELS, find_outlets
from plimsoll.render.login import read_login

SOUND = "{url: 'http://a:1', username: a, password_file: pw}"
ALL = (*CHANNELS, "enforcer")
SUBSETS = list(chain.from_iterable(combinations(ALL, size) for size in range(len(ALL) + 1)))


@pytest.mark.parametrize("without", SUBSETS, ids=lambda names: "+".join(names) or "none")
def test_exactly_the_channels_whose_secrets_exist_are_on(without: Collection[str], tmp_path: Path):
    """For every combination of missing secrets the other channels are on, and each that is off says why."""
    outlets = find_outlets(alerting_config(tmp_path, without=without))
    assert {one.name for one in outlets.channels if one.why_off is not None} == set(without)
    assert outlets.reaches_people is not {"pagerduty", "telegram", "webhook"}.issubset(without)
    for one in outlets.channels:
        assert bool(one.values) is (one.why_off is None)


def test_half_a_channel_is_off(tmp_path: Path):
    """A bot token without a chat sends nothing: the channel is off and names the file that is missing."""
    config = alerting_config(tmp_path)
    (tmp_path / "secrets" / "telegram.chat").unlink()
    telegram = next(one for one in find_outlets(config).channels if one.name == "telegram")
    assert telegram.why_off == f"{tmp_path}/secrets/telegram.chat: no such file"


def test_what_guards_the_enforcer_has_to_be_there(tmp_path: Path):
    """Without Alertmanager's password or the webhook's token nothing is rendered; both are told with their places."""
    config = alerting_config(tmp_path)
    for name in ("web.password", "webhook.token"):
        (tmp_path / "secrets" / name).unlink()
    with pytest.raises(SecretError) as caught:
        find_outlets(config)
    lines = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    assert lines == [
        "plimsoll.yml:3: alertmanager[0].password_file: secrets/web.password: no such file; create it with mode 640",
        "plimsoll.yml:4: enforcement_webhook.token_file: secrets/webhook.token: no such file; create it with mode 640",
    ]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("telegram.chat", "@mychannel", "holds no chat id; write the number of the chat into it"),
        ("webhook.url", "example.org/hook", "holds no URL; write one that starts with https:// into it"),
        ("heartbeat.url", "", "empty; write the secret into it"),
        ("pagerduty.key", "two words", "has a space or line break inside"),
    ],
)
def test_a_secret_file_that_cannot_be_used_is_an_error(name: str, content: str, fault: str, tmp_path: Path):
    """What is there but wrong is told with its place, and what was found is not shown."""
    config = alerting_config(tmp_path)
    write_secret(tmp_path / "secrets" / name, content)
    with pytest.raises(SecretError) as caught:
        find_outlets(config)
    assert f"secrets/{name}: {fault}" in str(caught.value)
    assert not content or content not in str(caught.value)


def test_a_secret_open_to_everybody_is_refused(tmp_path: Path):
    """A key that everybody on the machine can read is an error with the command that mends it."""
    config = alerting_config(tmp_path)
    (tmp_path / "secrets" / "pagerduty.key").chmod(0o644)
    with pytest.raises(SecretError, match="run: chmod 640"):
        find_outlets(config)


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ("", "alertmanager: missing, expected a list such as"),
        ("alertmanager: [{url: 'http://a:9093'}]", "alertmanager[0].password_file: missing"),
        ("alertmanager: [{url: 'http://a:9093', password_file: pw}]", "alertmanager[0].username: missing"),
        (
            f"alertmanager: [{SOUND}, {{url: 'http://b:1', username: b, password_file: pw}}]",
            "alertmanager[1]: found another user or password than that of [0]",
        ),
        (
            f"alertmanager: [{SOUND}]\nenforcement_webhook: {{url: 'http://a:2'}}",
            "enforcement_webhook.token_file: missing",
        ),
    ],
)
def test_what_is_not_configured_is_told(section: str, fault: str, tmp_path: Path):
    """Alertmanager without a login, several with different ones, a webhook without token: told with the remedy."""
    write_secret(tmp_path / "pw", "made-up-password")
    with pytest.raises(ConfigError) as caught:
        find_outlets(load_text(tmp_path, TWO_ACCOUNTS + section))
    assert fault in str(caught.value)


def test_the_login_alone(tmp_path: Path):
    """Who only posts to Alertmanager reads its login and no other secret."""
    config = alerting_config(tmp_path)
    (tmp_path / "secrets" / "webhook.token").unlink()
    login = read_login(config)
    assert (login.user, login.password.reveal()) == ("plimsoll", PASSWORD)
    assert PASSWORD not in repr(login)
