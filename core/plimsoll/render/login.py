"""The login of Alertmanager, and single secrets read with the place of their key beside whatever is wrong with them.

Prometheus, the exporter and the enforcer log in with the same name and password at every Alertmanager.
"""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.config.faults import Faults
from plimsoll.config.judging import judged_secret
from plimsoll.config.model import AlertmanagerConfig, Config
from plimsoll.config.tree import At, Place
from plimsoll.secret import Secret
from plimsoll.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """What Prometheus, the exporter and the enforcer log in to Alertmanager with."""

    user: str
    password: Secret


def read_login(config: Config) -> Login:
    """The login of Alertmanager alone, for programs that post to it.

    Raises:
        ConfigError: It is not configured.
        SecretError: Its password file is unusable.
    """
    faults = Faults()
    login = note_login(config, faults)
    faults.raise_if_any()
    assert login is not None  # noqa: S101 - without it a fault was noted
    return login


def note_login(config: Config, faults: Faults) -> Login | None:
    """The login that all Alertmanagers share; ``None`` where a fault was noted."""
    if not config.alertmanager:
        expected = 'a list such as [{url: "http://127.0.0.1:9093", username: plimsoll, password_file: ...}]'
        faults.missing(somewhere(config), ("alertmanager",), expected=expected)
    logins = [_login_of(config, index, one, faults) for index, one in enumerate(config.alertmanager)]
    sound = [one for one in logins if one is not None]
    for index, one in enumerate(sound):
        if one != sound[0]:
            at = ("alertmanager", f"[{index}]")
            expected = "the same one: Prometheus has one login for all of them"
            faults.note(somewhere(config), at, found="another user or password than that of [0]", expected=expected)
    return sound[0] if sound else None


def _login_of(config: Config, index: int, one: AlertmanagerConfig, faults: Faults) -> Login | None:
    """The login of one Alertmanager."""
    at = ("alertmanager", f"[{index}]")
    if one.username is None:
        faults.missing(somewhere(config), (*at, "username"), expected="a user name; its API answers every web page")
    if one.password_file is None:
        faults.missing(somewhere(config), (*at, "password_file"), expected="the file of the password")
        return None
    password = checked_secret(config, (*at, "password_file"), faults)
    return None if one.username is None or password is None else Login(user=one.username, password=password)


def checked_secret(config: Config, at: At, faults: Faults) -> Secret | None:
    """A secret in the form that its key demands; ``None`` where a fault was noted."""
    return judged_secret(config.secret_files[at], at, faults)


def somewhere(config: Config) -> Place:
    """The configuration file as a whole, for what does not stand in it."""
    return Place(source=one_line(str(config.path)))
