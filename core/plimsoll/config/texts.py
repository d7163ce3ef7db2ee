"""Kinds of single values that name something: files, folders, addresses, URLs, time zones.

Where a secret may have been pasted in place of its file's name, what was found is not shown.
"""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from plimsoll.config.model import Listen
from plimsoll.config.reading import Schema, Value, Wrong
from plimsoll.config.tree import Form, Scalar
from plimsoll.text import shortened

_HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]"
_LISTEN = re.compile(rf"({_HOST}):([0-9]{{1,5}})")
_SECRET_ITSELF = re.compile(
    r"[A-Za-z0-9]{32,}|[A-Za-z0-9+=_-]{40,}|[0-9]{6,}:[A-Za-z0-9_-]{30,}|https?://.*|-----BEGIN.*"
)
_ROUTES = ("/market", "/private", "/public", "/ws", "/stream")
_MAX_PORT = 65535


def _text(node: Scalar) -> str:
    """The characters of a scalar that is text.

    Raises:
        Wrong: It is a number, a switch or nothing; or it is blank or has invisible characters.
    """
    if node.form not in {Form.TEXT, Form.RAW} or not node.text.strip() or not node.text.isprintable():
        raise Wrong
    return node.text


def text(what: str) -> Value:
    """Any printable text."""
    return Value(expected=what, schema={"type": "string", "minLength": 1}, read=lambda node, _folder: _text(node))


def file(what: str = "a file name", *, secret: bool = False) -> Value:
    """A file or folder; relative ones start from the folder of the configuration file."""

    def read(node: Scalar, folder: Path) -> Path:
        name = _text(node)
        if secret and _SECRET_ITSELF.fullmatch(name):
            raise Wrong("what looks like the secret itself", expected="the name of the file that holds it")
        if name.startswith("~"):
            raise Wrong(expected=f"{what} without ~")
        return folder / name

    schema: Schema = {"type": "string", "minLength": 1}
    return Value(expected=what, schema=schema, read=read, hidden=secret, secret=secret)


def listen() -> Value:
    """An address to listen on; the host must be named, so that opening to the world is a decision."""

    def read(node: Scalar, _folder: Path) -> Listen:
        found = _LISTEN.fullmatch(_text(node))
        if found is None or int(found[3]) > _MAX_PORT or not _real_host(found[1]):
            raise Wrong
        return Listen(host=found[1].strip("[]"), port=int(found[3]))

    schema = {"type": "string", "pattern": r"^.+:[0-9]{1,5}$"}
    return Value(expected='a host and a port such as "127.0.0.1:9713"', schema=dict(schema), read=read)


def host() -> Value:
    """A host name or address without a port."""

    def read(node: Scalar, _folder: Path) -> str:
        name = _text(node)
        if not re.fullmatch(_HOST, name) or not _real_host(name):
            raise Wrong
        return name.lower()

    return Value(expected="a host name without port", schema={"type": "string", "minLength": 1}, read=read)


def _real_host(name: str) -> bool:
    """Whether what looks like an address is one; other names are left to the resolver."""
    if not re.fullmatch(r"[0-9.]+|\[.*\]", name):
        return True
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def url(*schemes: str, base: bool = False) -> Value:
    """A URL without a user name or password; it is never shown, for such things do get pasted.

    Args:
        schemes: What it may start with.
        base: Paths are appended to it: no query, no stream route, and a last slash is dropped.
    """
    expected = " or ".join(f"{scheme}://..." for scheme in schemes)

    def read(node: Scalar, _folder: Path) -> str:
        address = _text(node)
        parts = _split(address)
        if parts.scheme not in schemes:
            raise Wrong(f"a URL that starts with {shortened(parts.scheme, 20)}:")
        if parts.username is not None or parts.password is not None:
            raise Wrong("a URL with a user name in it", expected=f"{expected} without one")
        if base and (parts.query or parts.fragment):
            raise Wrong("a URL with a query", expected=f"{expected} without one")
        if base and parts.path.rstrip("/").endswith(_ROUTES):
            raise Wrong("a URL that ends with a route", expected=f"{expected} without {' '.join(_ROUTES)}")
        return address.rstrip("/") if base else address

    schema = {"type": "string", "pattern": f"^({'|'.join(schemes)})://"}
    return Value(expected=expected, schema=dict(schema), read=read, hidden=True)


def _split(address: str) -> SplitResult:
    """The parts of a URL that has a host and a sane port.

    Raises:
        Wrong: It has not.
    """
    try:
        parts = urlsplit(address)
        sane = parts.port is None or parts.port > 0
    except ValueError as error:
        raise Wrong("a URL whose host or port is none") from error
    if "://" not in address:
        raise Wrong("a text that is no URL")
    if not parts.hostname or not sane or any(char.isspace() for char in address):
        raise Wrong("a URL whose host or port is none")
    return parts


def timezone() -> Value:
    """A time zone by its IANA name."""

    def read(node: Scalar, _folder: Path) -> str:
        name = _text(node)
        try:
            if name != "UTC":  # known without a data base
                zoneinfo.ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise Wrong from error
        return name

    return Value(expected="an IANA time zone such as UTC or Europe/Zurich", schema={"type": "string"}, read=read)
