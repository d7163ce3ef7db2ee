"""A guard at Python's own audit hooks: no socket leaves the loopback interface and no other host is looked up.

The hook is laid once a process and cannot be taken away; it only acts while a ``loopback_only`` block is open.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_NAMES = {"localhost", "", None}
_open: list[list[str]] = []
_laid: list[bool] = []


class LeftLoopback(OSError):
    """Something tried a host beyond loopback."""


@contextmanager
def loopback_only() -> Iterator[list[str]]:
    """While the block is open, refuse every other host; gives the list of what was tried."""
    if not _laid:
        sys.addaudithook(_hook)
        _laid.append(True)
    tried: list[str] = []
    _open.append(tried)
    try:
        yield tried
    finally:
        _open.remove(tried)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _open:
        return
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if not _is_loopback(host):
        for tried in _open:
            tried.append(f"{event} {host}")
        raise LeftLoopback(f"{event}: {host!r} is beyond loopback")


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in _NAMES:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False
