"""Kinds of single values of a web configuration, by the names that Go gives to them.

What Python's TLS cannot do is refused here with the reason, never ignored.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from pathlib import Path

from plimsoll.config.faults import one_of
from plimsoll.config.reading import Value, Wrong
from plimsoll.config.tree import Form, Scalar
from plimsoll.secret import Secret
from plimsoll.text import shortened
from plimsoll.web.model import ClientAuth

LOWEST_COST, HIGHEST_COST = 4, 16
"""Of a bcrypt hash: what bcrypt can do, and some seconds of work; above that a scrape would wait beyond its timeout."""

VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
CURVES = {"CurveP256": "prime256v1", "CurveP384": "secp384r1", "CurveP521": "secp521r1", "X25519": "X25519"}
CIPHERS = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
}
"""Those of Go's suites for TLS 1.2 that the toolkit takes, as OpenSSL calls them."""

_TLS13_CIPHERS = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_UNVERIFIED = ("RequestClientCert", "RequireAnyClientCert", "RequireClientCert")
_HASH = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_TIME = re.compile(r"(?:[0-9]{1,6}(?:\.[0-9]{1,6})?(?:ms|us|µs|ns|s|m|h))+")
_PART = re.compile(r"([0-9.]+)(ms|us|µs|ns|s|m|h)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_HEADER = re.compile(r"[\x20-\x7e]*")
_MOST_SECONDS = 3600.0


def _characters(node: Scalar) -> str:
    """The characters of a text.

    Raises:
        Wrong: It is a number, a switch or nothing.
    """
    if node.form not in {Form.TEXT, Form.RAW}:
        raise Wrong
    return node.text


def _value(expected: str, read: Callable[[str], object], *, hidden: bool = False) -> Value:
    """A kind that is read from the characters of a text."""
    schema = {"type": "string"}
    return Value(expected=expected, schema=dict(schema), read=lambda node, _: read(_characters(node)), hidden=hidden)


def version() -> Value:
    """A version of TLS; those before 1.2 are broken and refused."""

    def read(name: str) -> ssl.TLSVersion:
        if name in VERSIONS:
            return VERSIONS[name]
        raise Wrong(f'"{name}", which is no longer safe' if name in {"TLS10", "TLS11"} else None)

    return _value("TLS12 or TLS13", read)


def cipher() -> Value:
    """A cipher suite of TLS 1.2 by Go's name."""

    def read(name: str) -> str:
        if name in CIPHERS:
            return CIPHERS[name]
        if name in _TLS13_CIPHERS:
            raise Wrong(
                f'"{name}", a suite of TLS 1.3, of which Python cannot choose (all three are always on)',
                expected="suites of TLS 1.2 only",
            )
        raise Wrong(expected=one_of(name, CIPHERS))

    return _value("a cipher suite", read)


def curve() -> Value:
    """A curve by Go's name."""

    def read(name: str) -> str:
        if name not in CURVES:
            raise Wrong(expected=one_of(name, CURVES))
        return CURVES[name]

    return _value("a curve", read)


def client_auth() -> Value:
    """Which client certificates are asked for; those that nobody verifies are worth nothing, and Python has no way."""
    allowed = [item.value for item in ClientAuth]

    def read(name: str) -> ClientAuth:
        if name in _UNVERIFIED:
            raise Wrong(
                f'"{name}", which takes certificates unverified: Python cannot do that, and it would prove nothing',
                expected="RequireAndVerifyClientCert or VerifyClientCertIfGiven with client_ca_file, or NoClientCert",
            )
        if name not in allowed:
            raise Wrong(expected=one_of(name, allowed))
        return ClientAuth(name)

    return _value(f"one of {', '.join(allowed)}", read)


def pem(what: str, label: str) -> Value:
    """PEM text in the file itself, shown in no message."""

    def read(text: str) -> str:
        if f"{label}-----" not in text or "-----BEGIN " not in text:
            raise Wrong("a text that is not in PEM form")
        return text

    return _value(what, read, hidden=True)


def private_key() -> Value:
    """A private key in the file itself."""
    plain = pem("a private key in PEM form, after key: |", "PRIVATE KEY")

    def read(node: Scalar, folder: Path) -> Secret:
        return Secret(str(plain.read(node, folder)))

    return Value(expected=plain.expected, schema=plain.schema, read=read, hidden=True)


def password_hash() -> Value:
    """A bcrypt hash, shown in no message."""

    def read(text: str) -> Secret:
        found = _HASH.fullmatch(text)
        if found is None:
            raise Wrong("what is no bcrypt hash")
        if not LOWEST_COST <= int(found[1]) <= HIGHEST_COST:
            raise Wrong(
                f"a bcrypt hash of cost {int(found[1])}",
                expected=f"a cost from {LOWEST_COST} to {HIGHEST_COST}, best 10",
            )
        return Secret(text)

    return _value("a bcrypt hash as htpasswd -nBC 10 makes it ($2y$10$...)", read, hidden=True)


def go_duration() -> Value:
    """A time as Go writes it, in seconds."""

    def read(node: Scalar, _folder: Path) -> float:
        if node.text == "0" and node.form in {Form.NUMBER, Form.TEXT}:
            return 0.0
        if node.form is Form.NUMBER:
            raise Wrong(f"{shortened(node.text, 20)} without a unit, which the toolkit takes for nanoseconds")
        text = _characters(node)
        parts = _PART.findall(text) if _TIME.fullmatch(text) else []
        seconds = sum(float(amount) * _SECONDS[unit] for amount, unit in parts)
        if not parts or seconds > _MOST_SECONDS:
            raise Wrong
        return seconds

    return Value(expected="a duration such as 1s or 100ms, at most 1h, or 0", schema={"type": "string"}, read=read)


def header(*allowed: str) -> Value:
    """A header's value; blank leaves it out, unless only certain values are allowed."""

    def read(text: str) -> str:
        if (allowed and text not in allowed) or not _HEADER.fullmatch(text):
            raise Wrong
        return text.strip()

    return _value(" or ".join(allowed) if allowed else "plain text on one line", read)
