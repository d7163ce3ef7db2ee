"""Which ways alerts have out of here: those that are configured and whose secret files exist and are usable.

A file that is not there turns its channel off and is told; one that is there but unusable is an error. What guards the
enforcer, the password of Alertmanager and the token of its webhook, has to be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.config.faults import Faults
from plimsoll.config.model import Config
from plimsoll.config.tree import At
from plimsoll.render.login import Login, checked_secret, note_login, somewhere
from plimsoll.text import one_line

PEOPLE = ("pagerduty", "telegram", "webhook")
"""The channels that reach somebody."""

CHANNELS = (*PEOPLE, "heartbeat")
ENFORCER = "enforcer"
ENFORCEMENT = "enforcement_webhook"


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """One way out.

    Attributes:
        name: Its key under ``notifications``, or ``enforcer``.
        values: What the template needs for it, by path; empty while it is off.
        why_off: Why it is off; ``None`` while it is on.
    """

    name: str
    values: Mapping[str, str]
    why_off: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlets:
    """Every way out, in the order that is shown, and the login of Alertmanager."""

    channels: tuple[Channel, ...]
    login: Login

    @property
    def reaches_people(self) -> bool:
        """Whether an alert reaches anybody at all."""
        return any(one.why_off is None and one.name in PEOPLE for one in self.channels)


def find_outlets(config: Config) -> Outlets:
    """Look which secrets are there.

    Raises:
        ConfigError: Something about Alertmanager is not configured; one line for every fault, secret files' among them.
        SecretError: The same, of secret files alone.
    """
    faults = Faults()
    channels = [_channel(config, name, faults) for name in CHANNELS]
    enforcer = _enforcer(config, faults)
    login = note_login(config, faults)
    faults.raise_if_any()
    assert login is not None  # noqa: S101 - without it a fault was noted
    return Outlets(channels=(*channels, enforcer), login=login)


def _channel(config: Config, name: str, faults: Faults) -> Channel:
    """A channel to people or to the outside."""
    section: object = getattr(config.notifications, name)
    if section is None:
        return Channel(name=name, values={}, why_off="not configured")
    values: dict[str, str] = {}
    missing: list[str] = []
    for at, file in _files(config, ("notifications", name)):
        if not _is_there(config, at):
            missing.append(f"{one_line(str(file))}: no such file")
        elif checked_secret(config, at, faults) is not None:
            values[".".join(at)] = file
    if missing:
        return Channel(name=name, values={}, why_off="; ".join(missing))
    plain: dict[str, object] = {key: getattr(section, key, None) for key in ("url", "api_url")}
    values |= {f"notifications.{name}.{key}": str(value) for key, value in plain.items() if value is not None}
    return Channel(name=name, values=values)


def _enforcer(config: Config, faults: Faults) -> Channel:
    """The webhook that closes positions; its token has to be there."""
    webhook = config.enforcement_webhook
    if webhook is None:
        return Channel(name=ENFORCER, values={}, why_off="not configured: no alert closes anything")
    at = (ENFORCEMENT, "token_file")
    if webhook.token_file is None:
        faults.missing(somewhere(config), at, expected="the file of the bearer token that the enforcer knows")
        return Channel(name=ENFORCER, values={}, why_off="no token")
    checked_secret(config, at, faults)
    return Channel(
        name=ENFORCER,
        values={f"{ENFORCEMENT}.url": webhook.url, f"{ENFORCEMENT}.token_file": str(webhook.token_file)},
    )


def _files(config: Config, under: At) -> Iterator[tuple[At, str]]:
    """The secret files that a section names, with the paths of their keys."""
    return ((at, str(file.path)) for at, file in config.secret_files.items() if at[: len(under)] == under)


def _is_there(config: Config, at: At) -> bool:
    """Whether a secret file exists; one that cannot be looked at does, and reading it tells why."""
    try:
        config.secret_files[at].path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
