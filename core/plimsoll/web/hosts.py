"""Which ``Host`` headers are answered: the guard against a web page that rebinds its own name to this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
_WILDCARDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - recognised here, not listened on
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class AllowedHosts:
    """The names under which this server may be addressed: loopback, the address listened on, and what is configured.

    A configured name without a port is good for every port, since a tunnel or a published port changes it; one with a
    port (``name:9713``, ``[fd00::1]:9713``) only for that one.
    """

    def __init__(self, *, listen_host: str, allowed: Iterable[str]) -> None:
        own = () if listen_host in _WILDCARDS else (listen_host,)
        entries = (_split(entry) or (_plain(entry), None) for entry in (*LOOPBACK, *own, *allowed))
        self._allowed = frozenset(entries)

    def allows(self, header: str) -> bool:
        """Whether a ``Host`` header names this server; a malformed one does not."""
        parts = _split(header)
        return parts is not None and (parts in self._allowed or (parts[0], None) in self._allowed)


def _split(text: str) -> tuple[str, int | None] | None:
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return None
    port = match["port"]
    return _plain(match["host"]), None if port is None else int(port)


def _plain(host: str) -> str:
    """One spelling for each name: lower case, no final dot, no brackets, addresses in their shortest form."""
    bare = host.removeprefix("[").removesuffix("]").removesuffix(".").lower()
    try:
        address = ip_address(bare)
    except ValueError:
        return bare
    return address.compressed if isinstance(address, IPv6Address) else str(address)
