"""What a program says at its start about how open its web interface stands."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from plimsoll.web.model import ClientAuth, WebConfig


def exposure(host: str, config: WebConfig | None, *, shown: str, setting: str) -> Iterator[str]:
    """What is open to others that perhaps should not be, one sentence each; nothing for an address of this machine.

    Args:
        host: The address listened on.
        config: The web configuration, if any.
        shown: What one sees there, as the subject of a sentence.
        setting: The key that names the web configuration.
    """
    if _loopback(host):
        return
    tls = None if config is None else config.tls
    users = {} if config is None else config.users
    certified = tls is not None and tls.client_auth is ClientAuth.REQUIRED
    if not users and not certified:
        yield (
            f"{shown} can be read by everybody who reaches {host}: "
            f"set basic_auth_users or client certificates in {setting}, or listen on 127.0.0.1"
        )
    if tls is None:
        what = "passwords and all figures travel" if users else "all figures travel"
        yield f"{what} to and from {host} unencrypted: set tls_server_config in {setting}, or listen on 127.0.0.1"


def _loopback(host: str) -> bool:
    """Whether only this machine reaches an address; a name other than localhost may mean any."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
