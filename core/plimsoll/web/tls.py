"""From certificates and settings to Python's TLS, and the judgement of a client's certificate."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from plimsoll.errors import ConfigError
from plimsoll.web.material import Material
from plimsoll.web.model import ClientAuth, TlsConfig

_VERIFY = {
    ClientAuth.NONE: ssl.CERT_NONE,
    ClientAuth.IF_GIVEN: ssl.CERT_OPTIONAL,
    ClientAuth.REQUIRED: ssl.CERT_REQUIRED,
}
IN_MEMORY = hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir()
"""Whether this system can give a library a file that lies on no disk."""

_NAMES = frozenset({"DNS", "email", "URI", "IP Address"})


def server_context(tls: TlsConfig, material: Material, *, in_memory: bool = IN_MEMORY) -> ssl.SSLContext:
    """The context for one state of the files.

    Args:
        tls: The settings.
        material: What the files held.
        in_memory: The key touches no disk on its way into the library; else a file that only we may read, for a moment.

    Raises:
        ConfigError: The library cannot use certificate and key, an authority, a cipher suite or the curve.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version, context.maximum_version = tls.min_version, tls.max_version
    context.options |= ssl.OP_NO_RENEGOTIATION
    if not tls.prefer_server_cipher_suites:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    _choose(context, tls)
    _load_chain(context, material, in_memory=in_memory)
    if material.client_ca is not None:
        _load_authorities(context, material.client_ca)
    context.verify_mode = _VERIFY[tls.client_auth]
    return context


def _choose(context: ssl.SSLContext, tls: TlsConfig) -> None:
    """Set cipher suites and curve where they are given."""
    try:
        if tls.cipher_suites:
            context.set_ciphers(":".join(tls.cipher_suites))
        if tls.curve is not None:
            context.set_ecdh_curve(tls.curve)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigError(f"tls_server_config: a cipher suite or curve that OpenSSL here refuses ({error})") from error
    known = {str(cipher["name"]) for cipher in context.get_ciphers()}
    missing = [name for name in tls.cipher_suites if name not in known]
    if missing:
        raise ConfigError(f"tls_server_config.cipher_suites: OpenSSL here does not know {', '.join(missing)}")


def _load_chain(context: ssl.SSLContext, material: Material, *, in_memory: bool) -> None:
    """Load certificate and key, which were read once and must be the very same."""
    try:
        with _as_file(material.key.reveal() + material.certificates, in_memory=in_memory) as name:
            context.load_cert_chain(name, password=_no_pass_phrase)
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "unreadable"
        raise ConfigError(
            f"{material.origin}: found that it cannot be used with its key ({reason}), "
            "expected a certificate and the private key it was made for"
        ) from error


def _no_pass_phrase() -> str:
    """Never ask at the terminal."""
    raise ValueError("a pass phrase is needed")


def _load_authorities(context: ssl.SSLContext, client_ca: str) -> None:
    """Trust exactly these, and like Go each of them whether it is a root or not."""
    try:
        context.load_verify_locations(cadata=client_ca)
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "unreadable"
        raise ConfigError(f"tls_server_config: an authority for clients that cannot be used ({reason})") from error
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


@contextmanager
def _as_file(text: str, *, in_memory: bool) -> Iterator[str]:
    """The name of a file with this text, for a library that reads nothing else; it is gone afterwards."""
    if in_memory:
        descriptor = os.memfd_create("plimsoll-tls", os.MFD_CLOEXEC)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            yield f"/proc/self/fd/{descriptor}"
    else:
        with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            yield file.name


def bears_allowed_name(certificate: Mapping[str, object] | None, allowed: Sequence[str]) -> bool:
    """Whether a client's certificate bears one of the allowed names: DNS, IP, e-mail or URI, exactly as written.

    Args:
        certificate: As ``SSLObject.getpeercert`` gives it; ``None`` or empty for none.
        allowed: The names; empty allows every certificate and none.
    """
    if not allowed:
        return True
    names = (certificate or {}).get("subjectAltName", ())
    if not isinstance(names, tuple):
        return False
    borne = {_plain(str(name)) for kind, name in names if kind in _NAMES}
    return not borne.isdisjoint(_plain(name) for name in allowed)


def _plain(name: str) -> str:
    """An address in its shortest form; every other name as it is."""
    try:
        return ip_address(name.strip()).compressed
    except ValueError:
        return name
