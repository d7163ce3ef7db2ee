"""Handing the lockout to a running enforcer: it locks the account and closes anything new, so that we may leave.

The operator's call of the enforcer is used, with the operator's token; an enforcer that is not there, does not know the
token or may not trade is told in one sentence, and the red button goes on guarding by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from plimsoll.config.model import Config
from plimsoll.config.secrets import read_secret
from plimsoll.errors import SecretError

TIMEOUT = aiohttp.ClientTimeout(total=5.0, sock_connect=1.0)
ACCEPTED = frozenset({200, 202})


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """Whether the enforcer took the lockout over, and what it said."""

    done: bool
    said: str


async def hand_over(config: Config, account: str, *, reason: str) -> Handover:
    """Ask the enforcer to flatten and lock an account that the red button has closed."""
    token_file = config.enforcer.operator_token_file
    if token_file is None:
        return Handover(done=False, said="no enforcer.operator_token_file is configured")
    try:
        token = read_secret(token_file).reveal()
    except SecretError as error:
        return Handover(done=False, said=str(error))
    url = f"{_base(config)}/api/v1/accounts/{account}/flatten"
    return await _post(url, {"Authorization": f"Bearer {token}"}, {"reason": reason, "operator": "red-button"})


async def _post(url: str, headers: Mapping[str, str], body: Mapping[str, str]) -> Handover:
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.post(url, headers=headers, json=body, allow_redirects=False) as answer,
        ):
            if answer.status in ACCEPTED:
                return Handover(done=True, said="the enforcer holds the lockout now")
            return Handover(done=False, said=f"the enforcer refused (HTTP {answer.status})")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Handover(done=False, said=f"no enforcer answers ({type(error).__name__})")


def _base(config: Config) -> str:
    listen = config.enforcer.listen
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host)  # noqa: S104 - where to call, not to listen
    scheme = "http" if config.enforcer.web_config_file is None else "https"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listen.port}"
