"""Translation of the listen key's answer. The key opens the account's private stream: no message repeats it."""

from __future__ import annotations

from plimsoll.exchange.payload.fields import mapping, text


def listen_key(json: object) -> str:
    """Translate ``POST /fapi/v1/listenKey``.

    Raises:
        Malformed: There is no key in it.
    """
    return text(mapping(json, "POST /fapi/v1/listenKey"), "listenKey")
