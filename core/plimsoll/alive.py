"""``python -m plimsoll.alive URL``: the health check of our containers, where neither a shell nor curl is needed.

A refused password is an answer too: a program that asks for one is alive. It imports little, for it runs every few
seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

SECONDS = 4.0
"""To wait for an answer; less than the timeout of the health check, so that the reason is said."""

_OK, _UNAUTHORIZED = 200, 401
_USAGE = "usage: python -m plimsoll.alive http://127.0.0.1:PORT/PATH\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask once; 0 alive, 1 not, with the reason on standard error, 2 for unusable arguments."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 1 or urlsplit(given[0]).scheme != "http":
        sys.stderr.write(_USAGE)
        return 2
    wrong = why_not_alive(given[0])
    if wrong:
        sys.stderr.write(f"{given[0]}: {wrong}\n")
    return int(bool(wrong))


def why_not_alive(url: str, *, seconds: float = SECONDS) -> str:
    """Why a program does not count as alive; empty where it does.

    Args:
        url: What to get, by HTTP.
        seconds: How long to wait for each step.
    """
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", parts.path or "/")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    return "" if status in {_OK, _UNAUTHORIZED} else f"answers with {status}"


if __name__ == "__main__":
    sys.exit(main())
