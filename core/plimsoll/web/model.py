"""A web configuration, validated: what the file says, with nothing opened that it names."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from plimsoll.secret import Secret


class ClientAuth(StrEnum):
    """How clients prove themselves by certificate; the names are exporter-toolkit's."""

    NONE = "NoClientCert"
    IF_GIVEN = "VerifyClientCertIfGiven"
    REQUIRED = "RequireAndVerifyClientCert"


@dataclass(frozen=True, kw_only=True, slots=True)
class TlsConfig:
    """Section ``tls_server_config``.

    Attributes:
        cert: Certificate chain in PEM form; either this or ``cert_file``.
        key: Its private key; either this or ``key_file``.
        client_ca: Certificates that vouch for clients; either this or ``client_ca_file``.
        client_allowed_sans: A client's certificate must bear one of these names; empty allows all.
        cipher_suites: For TLS 1.2, by OpenSSL's names, in order of preference; empty takes the library's own.
        curve: The one curve for the key exchange, by OpenSSL's name; ``None`` takes the library's own.
        prefer_server_cipher_suites: Our order of cipher suites counts, not the client's.
    """

    cert: str | None = None
    cert_file: Path | None = None
    key: Secret | None = None
    key_file: Path | None = None
    client_ca: str | None = None
    client_ca_file: Path | None = None
    client_auth: ClientAuth = ClientAuth.NONE
    client_allowed_sans: tuple[str, ...] = ()
    min_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    max_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    cipher_suites: tuple[str, ...] = ()
    curve: str | None = None
    prefer_server_cipher_suites: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class RateLimit:
    """Section ``rate_limit``: ``burst`` requests at once, then one every ``interval`` seconds; 0 is no limit."""

    interval: float = 0.0
    burst: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpConfig:
    """Section ``http_server_config``.

    Attributes:
        http2: As written; HTTP/2 is never spoken.
        headers: Added to every answer; blank ones are left out.
    """

    http2: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebConfig:
    """The whole file.

    Attributes:
        tls: ``None`` for plain HTTP.
        users: bcrypt hash by user name; empty for no passwords.
    """

    tls: TlsConfig | None = None
    http: HttpConfig = field(default_factory=HttpConfig)
    users: Mapping[str, Secret] = field(default_factory=dict)
    rate_limit: RateLimit = field(default_factory=RateLimit)
