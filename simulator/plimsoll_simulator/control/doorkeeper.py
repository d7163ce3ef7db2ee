"""Who may use the control API: programs of this machine that mean this server, and no web page from elsewhere.

A browser on this machine reaches it too, so the address alone proves nothing. A page that was given this machine's
address under a name of its own shows by ``Host``, any other page by ``Origin``.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True, slots=True)
class Objection:
    """Why a call is not let in, and the HTTP status that says so."""

    status: int
    reason: str


def objection(remote: str | None, host: str, origin: str | None, listening: str) -> Objection | None:
    """What there is against a call, if anything.

    Args:
        remote: The caller's address.
        host: Its ``Host`` header, empty if there was none.
        origin: Its ``Origin`` header, as browsers send it.
        listening: The name or address at which the simulator was told to listen.
    """
    if remote is None or not is_loopback(remote):
        return Objection(status=403, reason="the control API answers this machine only")
    name = _name(host)
    if name is None or not (is_loopback(name) or name == listening.lower()):
        return Objection(status=421, reason="the control API answers to localhost and its own address only")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return Objection(status=403, reason="the control API is not for pages of other sites")
    return None


def is_loopback(name: str) -> bool:
    """Whether a name or address (IPv6 with or without a zone, IPv4 in IPv6 too) is this machine's own."""
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name == "localhost"
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _name(host: str) -> str | None:
    """The name in a ``Host`` header, without port; ``None`` for one that is empty or nonsense."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
