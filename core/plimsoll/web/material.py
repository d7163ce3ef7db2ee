"""Certificates and keys as text: from the files that a web configuration names, or from the configuration itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from plimsoll.config.secrets import MAX_BYTES, on_read_only_mount, read_secret_text
from plimsoll.errors import ConfigError, SecretError
from plimsoll.logs import register_secret
from plimsoll.secret import Secret
from plimsoll.text import one_line
from plimsoll.web.model import TlsConfig

Fault = ConfigError | SecretError
_Read = TypeVar("_Read")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_KEY = re.compile(r"-----BEGIN (?P<kind>(?:[A-Z0-9]+ )*PRIVATE KEY)-----[^-]+(?:-[^-]+)*-----END (?P=kind)-----")


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """What a server proves itself with, and what it judges clients by, all in PEM form.

    Attributes:
        origin: Where the certificate was found, for messages.
        certificates: The server's chain, its own certificate first.
        client_ca: Authorities that vouch for clients; ``None`` where none are given.
    """

    origin: str
    certificates: str
    key: Secret
    client_ca: str | None


def read_material(tls: TlsConfig, *, read_only: Callable[[int], bool] = on_read_only_mount) -> Material:
    """Read every file that the section names.

    Args:
        tls: The section.
        read_only: Tells whether an open file lies on a read-only mount; tests pass their own.

    Raises:
        ConfigError: A certificate file is missing, unreadable or holds no certificate; what else is wrong stands beside
            it, one line each.
        SecretError: Nothing but the key's file: missing, unreadable, readable by everybody or without a plain key.
    """
    errors: list[Fault] = []
    certificates = _tried(lambda: _certificates(tls.cert_file, tls.cert, "tls_server_config.cert"), errors)
    key = _tried(lambda: _key(tls, read_only), errors)
    client_ca = _tried(lambda: _client_ca(tls), errors)
    if certificates is None or key is None or errors:
        raise together(errors)
    origin = "tls_server_config.cert" if tls.cert_file is None else one_line(str(tls.cert_file))
    return Material(origin=origin, certificates=certificates, key=key, client_ca=client_ca)


def file_faults(tls: TlsConfig, *, read_only: Callable[[int], bool] = on_read_only_mount) -> list[Fault]:
    """What is wrong with the files that a section names, where it names any; it may lack all else."""
    errors: list[Fault] = []
    if tls.cert_file is not None:
        _tried(lambda: _certificates(tls.cert_file, None, ""), errors)
    if tls.key_file is not None:
        _tried(lambda: _key(tls, read_only), errors)
    _tried(lambda: _client_ca(tls), errors)
    return errors


def together(errors: Sequence[Fault]) -> Fault:
    """Several faults as one, a line each."""
    kind = SecretError if all(isinstance(each, SecretError) for each in errors) else ConfigError
    return kind("\n".join(map(str, errors)))


def _tried(read: Callable[[], _Read], errors: list[Fault]) -> _Read | None:
    """What was read; ``None`` where that failed, with the fault noted."""
    try:
        return read()
    except (ConfigError, SecretError) as error:
        errors.append(error)
        return None


def _client_ca(tls: TlsConfig) -> str | None:
    """The authorities, where there are any."""
    if tls.client_ca_file is None and tls.client_ca is None:
        return None
    return _certificates(tls.client_ca_file, tls.client_ca, "tls_server_config.client_ca")


def _certificates(path: Path | None, inline: str | None, key: str) -> str:
    """The certificates alone, without what stands between them."""
    name = key if path is None else one_line(str(path))
    found = _CERTIFICATE.findall((inline or "") if path is None else _read(path))
    if not found:
        raise ConfigError(f"{name}: found no certificate, expected PEM form (-----BEGIN CERTIFICATE-----)")
    return "\n".join(found) + "\n"


def _read(path: Path) -> str:
    """The text of a file that is no secret; bytes outside ASCII are only ever comments."""
    name = one_line(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES * 16 + 1)
    except FileNotFoundError as error:
        raise ConfigError(f"{name}: found no such file, expected certificates in PEM form") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "an impossible name"
        raise ConfigError(f"{name}: found that it cannot be read ({reason}), expected a readable file") from error
    if len(data) > MAX_BYTES * 16:
        raise ConfigError(f"{name}: found an endless file, expected certificates in PEM form")
    return data.decode("ascii", "replace")


def _key(tls: TlsConfig, read_only: Callable[[int], bool]) -> Secret:
    """The private key alone; a pass phrase is refused, for nobody is there to type it."""
    if tls.key_file is None:
        name, text = "tls_server_config.key", (tls.key or Secret("")).reveal()
    else:
        name, text = one_line(str(tls.key_file)), read_secret_text(tls.key_file, read_only=read_only).reveal()
    found = _KEY.search(text)
    if found is None:
        raise SecretError(f"{name}: not a private key in PEM form (-----BEGIN PRIVATE KEY-----)")
    if "ENCRYPTED" in found[0]:
        raise SecretError(f"{name}: has a pass phrase; write the key without one, the file's mode protects it")
    key = Secret(found[0] + "\n")
    register_secret(key)
    return key
