"""What the exchange refuses before it looks at a call: each foreign client raises the exception it has for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from foreign_client import Ask, Do, Outcome
from foreign_scene import CLIENTS, run_list

ACCOUNT = Ask(word="account v3")
LIVE = {"account": "live"}


def failing(status: int, code: int, text: str) -> Do:
    """The next reading of the account is answered so."""
    body = {"code": code, "msg": text}
    return Do(path="fail", fields={"endpoint": "GET /fapi/v3/account", "status": status, "body": body, "times": 1})


def after(*happenings: Do) -> Mapping[str, Outcome]:
    """How each client takes the reading of the account after something has happened."""
    steps: Sequence[Ask | Do] = (*happenings, ACCOUNT)
    return run_list(steps)[ACCOUNT.name]


# By case: what happens, the code, and the exceptions of python-binance, ccxt and the official SDK.
CASES = {
    "too many requests": (
        failing(429, -1003, "Too many requests."),
        -1003,
        ("BinanceAPIException", "DDoSProtection", "TooManyRequestsError"),
    ),
    "banned": (
        failing(418, -1003, "Way too many requests; IP banned until 1795164000000."),
        -1003,
        ("BinanceAPIException", "DDoSProtection", "RateLimitBanError"),
    ),
    "key revoked": (
        Do(path="key", fields={**LIVE, "revoked": True}),
        -2015,
        ("BinanceAPIException", "AuthenticationError", "UnauthorizedError"),
    ),
    "clock ahead": (
        Do(path="clock", fields={"offset_seconds": 100}),
        -1021,
        ("BinanceAPIException", "InvalidNonce", "BadRequestError"),
    ),
    "clock behind": (
        Do(path="clock", fields={"offset_seconds": -100}),
        -1021,
        ("BinanceAPIException", "InvalidNonce", "BadRequestError"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_failure_is_told_by_each_client_s_own_exception(case: str):
    """The code reaches the caller in the exception that the client has for the matter."""
    happening, code, exceptions = CASES[case]
    found = after(happening)
    assert {client: outcome.code for client, outcome in found.items()} == dict.fromkeys(CLIENTS, code)
    assert tuple(found[client].raised for client in CLIENTS) == exceptions


def test_the_weight_of_a_minute_is_told_in_the_answer():
    """Beyond the limit the exchange itself refuses, with a code that all three pass on."""
    found = after(Do(path="limit", fields={"weight": 1}))
    assert {client: outcome.code for client, outcome in found.items()} == dict.fromkeys(CLIENTS, -1003)
