"""Headers of requests: ``Host``, ``Authorization``, ``Accept`` and ``Accept-Encoding``, one a line."""

from __future__ import annotations

from fuzz.target import Target, demand
from plimsoll.metrics.format import negotiate
from plimsoll.web.authorization import read_login
from plimsoll.web.hosts import AllowedHosts

HOSTS = AllowedHosts(listen_host="10.1.2.3", allowed=["exporter", "monitor:9713", "[fd00::1]:9713"])
SHORTEST = 8
"""Characters of a password; a shorter one may stand in the words around it."""

NAMES = ("localhost", "127.0.0.1", "::1", "10.1.2.3", "exporter", "monitor", "fd00")


def run(data: bytes) -> None:
    """Read the headers as the servers do.

    Raises:
        Broken: A host that is none of ours is allowed, or the answer's form has a header that cannot be sent.
    """
    lines = [*data.decode("utf-8", "surrogateescape").split("\n"), "", "", "", ""]
    host, authorization, accept, encoding = lines[:4]
    if HOSTS.allows(host):
        demand(any(name in host.lower() or ":" in host for name in NAMES), f"a foreign host: {host!r:.80}")
        demand(not set(host) & set(" /@\\\r\n"), f"a host with more in it: {host!r:.80}")
    login = read_login([authorization])
    if login is not None:
        demand(":" not in login.name, "a name with a colon")
        shorter = len(login.password.reveal()) < SHORTEST
        demand(shorter or login.password.reveal() not in repr(login.password), "a password shown")
    form = negotiate(accept, encoding)
    demand(form.content_type.isprintable(), f"a type that cannot be sent: {form.content_type!r:.80}")


TARGET = Target(
    name="web-headers",
    about="request headers: no error, no foreign host let in, no header forged",
    run=run,
    longest=2048,
)
