"""What may stand in a web configuration: exporter-toolkit's keys, all of them and no others.

What ``promtool check web-config`` accepts and we refuse is unsafe or beyond Python's TLS; the message says which.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.config.kinds import Field, ListOf, NamedMap, Section
from plimsoll.config.reading import Reading
from plimsoll.config.texts import file, text
from plimsoll.config.tree import At, Listing, Table, describe
from plimsoll.config.values import switch, whole
from plimsoll.web import values
from plimsoll.web.model import ClientAuth, HttpConfig, RateLimit, TlsConfig, WebConfig

_PAIRS = (("cert_file", "cert"), ("key_file", "key"), ("client_ca_file", "client_ca"))


def _check_tls(table: Table, read: Mapping[str, object], at: At, reading: Reading) -> None:
    """Note what is missing, written twice or at odds."""
    for file_key, inline in _PAIRS:
        both = table.get(inline)
        if both is not None and file_key in table.entries:
            reading.faults.note(
                both.place,
                (*at, inline),
                found=f"this beside {file_key}",
                expected=f"only one of {file_key} and {inline}",
            )
    for file_key, inline in _PAIRS[:2]:
        if file_key not in table.entries and inline not in table.entries:
            reading.faults.missing(table.place, (*at, file_key), expected=f"{file_key} or {inline}")
    _check_versions(table, read, at, reading)
    _check_clients(table, read, at, reading)


def _check_versions(table: Table, read: Mapping[str, object], at: At, reading: Reading) -> None:
    """Note a range of versions that is empty."""
    written = table.get("min_version")
    range_ = (read.get("min_version"), read.get("max_version"))
    if written is not None and range_ == (values.VERSIONS["TLS13"], values.VERSIONS["TLS12"]):
        found = "TLS13 above max_version TLS12"
        reading.faults.note(written.place, (*at, "min_version"), found=found, expected="TLS12")


def _check_clients(table: Table, read: Mapping[str, object], at: At, reading: Reading) -> None:
    """Note client authentication that could not work, or that would let everybody in."""
    faulty = "client_auth_type" in table.entries and "client_auth_type" not in read
    auth = read.get("client_auth_type", ClientAuth.NONE)
    authority = table.get("client_ca_file") or table.get("client_ca")
    sans = table.get("client_allowed_sans")
    place, path = table.place, (*at, "client_auth_type")
    if faulty:
        return
    if auth is ClientAuth.NONE and authority is not None:
        expected = "RequireAndVerifyClientCert, since authorities for clients are given"
        reading.faults.missing(authority.place, path, expected=expected)
    if auth is not ClientAuth.NONE and authority is None:
        expected = f"the authorities that vouch for clients, since client_auth_type is {auth}"
        reading.faults.missing(place, (*at, "client_ca_file"), expected=expected)
    if sans is not None and auth is not ClientAuth.REQUIRED:
        expected = "none of it, or client_auth_type: RequireAndVerifyClientCert"
        reading.faults.note(sans.place, (*at, "client_allowed_sans"), found=describe(sans), expected=expected)


def _one_curve(node: Listing, items: tuple[object, ...], at: At, reading: Reading) -> None:
    """Note a second curve: Python before 3.15 offers its library's own or a single one."""
    if len(items) != 1:
        found = f"{len(items)} curves"
        raise reading.faults.note(node.place, at, found=found, expected="exactly one, for Python's TLS can set no more")


def _some(node: Listing, items: tuple[object, ...], at: At, reading: Reading) -> None:
    """Note an empty list, which would allow nothing or everything, depending on the reader."""
    if not items:
        raise reading.faults.note(node.place, at, found="an empty list", expected="at least one, or the key left out")


def _make_tls(
    *, client_auth_type: ClientAuth = ClientAuth.NONE, curve_preferences: tuple[str, ...] = (), **rest: object
) -> TlsConfig:
    curve = curve_preferences[0] if curve_preferences else None
    return TlsConfig(client_auth=client_auth_type, curve=curve, **rest)  # type: ignore[arg-type] # typed by the fields


def _make_http(*, http2: bool = False, headers: Mapping[str, str] | None = None) -> HttpConfig:
    return HttpConfig(http2=http2, headers={name: value for name, value in (headers or {}).items() if value})


def _make_headers(**headers: str) -> dict[str, str]:
    return headers


_TLS = Section(
    expected="a section such as {cert_file: server.crt, key_file: server.key}",
    make=_make_tls,
    check=_check_tls,
    fields={
        "cert_file": Field(kind=file(), doc="Certificate chain."),
        "cert": Field(kind=values.pem("certificates in PEM form, after cert: |", "CERTIFICATE"), doc="The same, here."),
        "key_file": Field(kind=file(secret=True), doc="Its private key, without a pass phrase."),
        "key": Field(kind=values.private_key(), doc="The same, here; a file is better."),
        "client_ca_file": Field(kind=file(), doc="Authorities that vouch for clients."),
        "client_ca": Field(
            kind=values.pem("certificates in PEM form, after client_ca: |", "CERTIFICATE"), doc="The same, here."
        ),
        "client_auth_type": Field(kind=values.client_auth(), doc="Whether clients need a certificate."),
        "client_allowed_sans": Field(
            kind=ListOf(expected="a list of names", item=text("a name as it stands in a certificate"), check=_some),
            doc="Names of which a client's certificate must bear one.",
        ),
        "min_version": Field(kind=values.version(), doc="Least version of TLS."),
        "max_version": Field(kind=values.version(), doc="Highest version of TLS."),
        "cipher_suites": Field(
            kind=ListOf(expected="a list of cipher suites", item=values.cipher(), check=_some),
            doc="Cipher suites for TLS 1.2, in order of preference.",
        ),
        "curve_preferences": Field(
            kind=ListOf(expected="a list of one curve", item=values.curve(), check=_one_curve),
            doc="Curve of the key exchange.",
        ),
        "prefer_server_cipher_suites": Field(kind=switch(), doc="Whether our order of cipher suites counts."),
    },
)

_HEADERS = Section(
    expected="headers by name",
    make=_make_headers,
    fields={
        "Content-Security-Policy": Field(kind=values.header(), doc="Replaces that of the page."),
        "X-Frame-Options": Field(kind=values.header("deny", "sameorigin"), doc="Replaces that of the page."),
        "X-Content-Type-Options": Field(kind=values.header("nosniff"), doc="Sent in any case."),
        "X-XSS-Protection": Field(kind=values.header(), doc="Old browsers' filter."),
        "Strict-Transport-Security": Field(kind=values.header(), doc="Binds browsers to https for all of the host."),
    },
)

_HTTP = Section(
    expected="a section such as {headers: {...}}",
    make=_make_http,
    fields={
        "http2": Field(kind=switch(), doc="Taken for the toolkit's sake; HTTP/1.1 is what is spoken."),
        "headers": Field(kind=_HEADERS, doc="Headers added to every answer."),
    },
)

_RATE = Section(
    expected='a section such as {interval: "100ms", burst: 20}',
    make=RateLimit,
    fields={
        "interval": Field(kind=values.go_duration(), required=True, doc="One request every so often; 0 is no limit."),
        "burst": Field(kind=whole(1, 1_000_000), required=True, doc="Requests that may come at once."),
    },
)

_USERS = NamedMap(
    expected="bcrypt hashes by user name",
    item=values.password_hash(),
    pattern=r"[^:\x00-\x1f\x7f]{1,255}",
    what="a user name without colon",
    at_least_one=True,
)

ROOT = Section(
    expected="the sections of a web configuration",
    make=WebConfig,
    fields={
        "tls_server_config": Field(kind=_TLS, name="tls", doc="TLS; without it plain HTTP is served."),
        "http_server_config": Field(kind=_HTTP, name="http", doc="Headers."),
        "basic_auth_users": Field(kind=_USERS, name="users", doc="Who may come in, with bcrypt hashes."),
        "rate_limit": Field(kind=_RATE, doc="How many requests are answered, all clients together."),
    },
)
"""The whole file."""
