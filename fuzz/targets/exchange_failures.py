"""Failed answers of the exchange: any status, any body, any ``Retry-After``."""

from __future__ import annotations

from fuzz.target import Target, demand
from fuzz.values import shown
from plimsoll.errors import Throttled
from plimsoll.exchange.failures import Answer, of_answer

KEY = "k7" * 16
"""Stands for a key or signature that the exchange repeats."""

LONGEST_WAIT = 1e11
"""Seconds; a ban is told by a moment in milliseconds of thirteen digits."""

STATUSES = (200, 400, 401, 403, 404, 408, 418, 429, 500, 502, 503, 504)


def run(data: bytes) -> None:
    """Judge an answer: first byte the status, up to a line's end ``Retry-After``, then the body.

    Raises:
        Broken: The error cannot be shown, tells a key, or asks for a wait that is none.
    """
    if not data:
        return
    header, _, body = data[1:].decode("utf-8", "surrogateescape").partition("\n")
    answer = Answer(
        status=STATUSES[data[0] % len(STATUSES)],
        body=body.replace("KEY", KEY),
        retry_after=header or None,
        now_ms=1_795_271_912_000,
    )
    error = of_answer("GET /fapi/v1/time", answer)
    shown(error)
    demand(KEY not in str(error), "a key in an error")
    if isinstance(error, Throttled):
        demand(error.retry_after is None or 0 <= error.retry_after < LONGEST_WAIT, "a wait that is none")


TARGET = Target(
    name="exchange-failures",
    about="failed answers: always an error of ours, one line, no key in it, no endless wait",
    run=run,
    longest=8192,
)
