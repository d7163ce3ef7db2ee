"""How the exchange refuses a call: HTTP status, error code, text. One function per refusal, worded as the exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Refused(Exception):
    """A call that the exchange answers with an error body."""

    status: int
    code: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """The error as the exchange writes it."""
        return {"code": self.code, "msg": self.text}


def bad_request(code: int, text: str) -> Refused:
    """A call that is wrong in itself."""
    return Refused(status=400, code=code, text=text)


def missing(parameter: str) -> Refused:
    """-1102: a mandatory parameter is absent or unreadable."""
    return bad_request(-1102, f"Mandatory parameter '{parameter}' was not sent, was empty/null, or malformed.")


def no_such_path(path: str, method: str) -> Refused:
    """404 for a path that the exchange does not have."""
    return Refused(status=404, code=-5000, text=f"Path {path}, Method {method} is invalid")


def bad_key_format() -> Refused:
    """-2014: the header is absent or holds what no key looks like."""
    return Refused(status=401, code=-2014, text="API-key format invalid.")


def bad_key(ip: str) -> Refused:
    """-2015: unknown, revoked or not permitted."""
    text = f"Invalid API-key, IP, or permissions for action, request ip: {ip}"
    return Refused(status=401, code=-2015, text=text)


def bad_signature() -> Refused:
    """-1022."""
    return bad_request(-1022, "Signature for this request is not valid.")


def too_early() -> Refused:
    """-1021 for a timestamp more than a second ahead."""
    return bad_request(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")


def too_late() -> Refused:
    """-1021 for a timestamp older than the receive window."""
    return bad_request(-1021, "Timestamp for this request is outside of the recvWindow.")


def window_too_large() -> Refused:
    """-1131: a receive window above a minute."""
    return bad_request(-1131, "recvWindow must be less than 60000")


def bad_symbol() -> Refused:
    """-1121."""
    return bad_request(-1121, "Invalid symbol.")


def no_such_order() -> Refused:
    """-2013."""
    return bad_request(-2013, "Order does not exist.")


def no_such_listen_key() -> Refused:
    """-1125."""
    return bad_request(-1125, "This listenKey does not exist.")


def too_many_requests(ip: str, limit: int, retry_after: int) -> Refused:
    """429: over the weight of the minute."""
    text = (
        f"Too many requests; current limit of IP({ip}) is {limit} requests per minute. "
        "Please use the websocket for live updates to avoid polling the API."
    )
    return Refused(status=429, code=-1003, text=text, headers={"Retry-After": str(retry_after)})


def too_many_orders(words: str, retry_after: int) -> Refused:
    """-1015: over an order limit of the account."""
    text = f"Too many new orders; current limit is {words}."
    return Refused(status=429, code=-1015, text=text, headers={"Retry-After": str(retry_after)})


def banned(ip: str, until_ms: int, retry_after: int) -> Refused:
    """418: banned for ignoring 429."""
    text = (
        f"Way too many requests; IP({ip}) banned until {until_ms}. "
        "Please use the websocket for live updates to avoid bans."
    )
    return Refused(status=418, code=-1003, text=text, headers={"Retry-After": str(retry_after)})
