"""The web configuration in force: read at the start, and again whenever one of its files changes.

A change that cannot be used leaves everything as it is. Nor does a change take a whole protection away: what was served
by TLS, or to users or certificates only, stays so until a restart, since a file half written must not open the door.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from plimsoll.clock import Clock
from plimsoll.config.secrets import on_read_only_mount, read_secret_text
from plimsoll.errors import ConfigError, PlimsollError
from plimsoll.web.load import declared
from plimsoll.web.material import Material, file_faults, read_material, together
from plimsoll.web.model import ClientAuth, WebConfig
from plimsoll.web.tls import server_context

RELOAD_SECONDS = 2.0
"""Between two looks at the files: soon enough for a certificate, seldom enough to cost nothing."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce:
    """One state of the files that could be used.

    Attributes:
        tls: What new connections are secured with; ``None`` for plain HTTP.
    """

    config: WebConfig
    material: Material | None
    tls: ssl.SSLContext | None


class Protection:
    """Holds the web configuration in force.

    Args:
        path: The file.
        clock: Time.
        reloaded: Told by every look at the files whether what is in force is what they say.
        read_only: Tells whether an open file lies on a read-only mount; tests pass their own.

    Raises:
        ConfigError: The file, or a certificate that it names, is unusable; the message has one line for every fault of
            the file and of the files that it names.
        SecretError: The private key is unusable or readable by everybody.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        reloaded: Callable[[bool], None] = lambda _: None,
        read_only: Callable[[int], bool] = on_read_only_mount,
    ) -> None:
        self._path = path
        self._clock = clock
        self._reloaded = reloaded
        self._read_only = read_only
        self._complaint = ""
        self.now = self._read(None)
        if self.now.config.http.http2:
            _log.warning("%s: http2 is on there, but only HTTP/1.1 is spoken here", path)

    def refresh(self) -> None:
        """Look at the files and take over what changed; blocks, and never raises for what they say."""
        try:
            fresh = self._read(self.now)
        except PlimsollError as error:
            self._reloaded(False)  # noqa: FBT003 - the one argument of a callback
            if str(error) != self._complaint:
                self._complaint = str(error)
                _log.error("the web configuration changed and cannot be used; the old one stays: %s", error)
            return
        if fresh is not self.now or self._complaint:
            _log.info("%s: taken over after a change", self._path)
        self.now, self._complaint = fresh, ""
        self._reloaded(True)  # noqa: FBT003 - as above

    async def watch(self) -> None:
        """Look at the files every ``RELOAD_SECONDS``, in a thread, until cancelled."""
        while True:
            await self._clock.sleep(RELOAD_SECONDS)
            try:
                await asyncio.to_thread(self.refresh)
            except Exception:  # noqa: BLE001 - a fault here must not end the watch, or the program that guards money
                _log.exception("looking at the web configuration failed; the old one stays")

    def _read(self, old: InForce | None) -> InForce:
        """The state of the files; the very same object where nothing changed."""
        config, material = read_web_files(self._path, read_only=self._read_only)
        if old is not None:
            if (config, material) == (old.config, old.material):
                return old
            _refuse_loss(old.config, config, self._path)
        return _in_force(config, material)


def read_web_files(
    path: Path, *, read_only: Callable[[int], bool] = on_read_only_mount
) -> tuple[WebConfig, Material | None]:
    """A web configuration and the certificates and key that it names.

    Raises:
        ConfigError: The file, or a certificate that it names, is unusable; the message has one line for every fault of
            the file and of the files that it names.
        SecretError: The private key is unusable, or the file that holds it is readable by everybody.
    """
    found = declared(path)
    if found.fault is not None:
        raise together([found.fault, *file_faults(found.tls, read_only=read_only)])
    config = cast("WebConfig", found.config)  # there is one where there is no fault
    if config.tls is None:
        return config, None
    if config.tls.key is not None:
        read_secret_text(path, read_only=read_only)  # with a key in it, the file itself is a secret
    return config, read_material(config.tls, read_only=read_only)


def check_web_files(path: Path) -> None:
    """Judge a web configuration and all that it names, as a program would at its start.

    Raises:
        ConfigError: Something cannot be used.
        SecretError: The same of the private key.
    """
    _in_force(*read_web_files(path))


def _in_force(config: WebConfig, material: Material | None) -> InForce:
    """Files as they were read, ready for use."""
    tls = None if config.tls is None or material is None else server_context(config.tls, material)
    return InForce(config=config, material=material, tls=tls)


def _refuse_loss(old: WebConfig, new: WebConfig, path: Path) -> None:
    """Refuse what needs a restart.

    Raises:
        ConfigError: TLS was switched on or off, or passwords or client certificates are no longer asked for.
    """
    lost = [
        *(["basic_auth_users"] if old.users and not new.users else []),
        *(["client_auth_type"] if _certified(old) and not _certified(new) else []),
        *(["client_allowed_sans"] if _named(old) and not _named(new) else []),
    ]
    if (old.tls is None) is not (new.tls is None):
        raise ConfigError(
            f"{path}: tls_server_config was added or removed; restart the program to switch TLS on or off"
        )
    if lost:
        raise ConfigError(f"{path}: no longer asks for {' and '.join(lost)}; restart the program to let others in")


def _certified(config: WebConfig) -> bool:
    """Whether every client must show a certificate."""
    return config.tls is not None and config.tls.client_auth is ClientAuth.REQUIRED


def _named(config: WebConfig) -> bool:
    """Whether a client's certificate must bear certain names."""
    return config.tls is not None and bool(config.tls.client_allowed_sans)
