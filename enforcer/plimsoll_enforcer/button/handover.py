"""Handing the lockout to a running enforcer: it locks the account and closes anything new, so that we may leave.

The operator's call of the enforcer is used (``web.operating``), with the operator's token; an enforcer that is not
there, does not know the token or may not trade is told in one sentence, and the red button goes on guarding by itself.
"""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from plimsoll.config.model import Config
from plimsoll.config.secrets import read_secret
from plimsoll.errors import PlimsollError
from plimsoll.logs import masked
from plimsoll.text import shortened
from plimsoll.web.load import load_web_config
from plimsoll.web.model import TlsConfig

TIMEOUT = aiohttp.ClientTimeout(total=5.0, sock_connect=1.0)
MOST_READ = 65_536
"""Bytes of an answer."""

LONGEST = 200
"""Characters of the enforcer's words that are shown."""

LONGEST_REASON = 500
OPERATOR = "red-button"


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """Whether the enforcer took the lockout over, and what it said."""

    done: bool
    said: str


async def hand_over(config: Config, account: str, *, reason: str) -> Handover:
    """Ask the enforcer to flatten and lock an account that the red button has closed; raises nothing."""
    token_file = config.enforcer.operator_token_file
    if token_file is None:
        return Handover(done=False, said="no enforcer.operator_token_file is configured")
    try:
        token = read_secret(token_file).reveal()
        scheme, pin = _way(config)
    except PlimsollError as error:
        return Handover(done=False, said=str(error))
    url = f"{scheme}://{_host(config)}:{config.enforcer.listen.port}/api/v1/accounts/{account}/flatten"
    wish = {"reason": shortened(reason.strip(), LONGEST_REASON) or OPERATOR, "operator": OPERATOR}
    return await _post(url, {"Authorization": f"Bearer {token}"}, wish, pin)


async def _post(
    url: str, headers: Mapping[str, str], body: Mapping[str, str], pin: aiohttp.Fingerprint | None
) -> Handover:
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.post(url, headers=headers, json=body, allow_redirects=False, ssl=pin or True) as answer,
        ):
            return _understood(answer.status, await answer.content.read(MOST_READ))
    except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch, ssl.SSLError) as error:
        return Handover(done=False, said=f"no enforcer whose certificate we know answers ({type(error).__name__})")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Handover(done=False, said=f"no enforcer answers ({type(error).__name__})")


def _understood(status: int, content: bytes) -> Handover:
    told = _fields(content)
    if status == HTTPStatus.ACCEPTED:
        return Handover(done=True, said=f"The enforcer holds the lockout now (run {told.get('run_id', 'unknown')})")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Handover(done=False, said=f"the enforcer does not take our operator token (HTTP {status})")
    return Handover(
        done=False, said=f"the enforcer refused (HTTP {status}): {told.get('error', 'it does not say why')}"
    )


def _fields(content: bytes) -> Mapping[str, str]:
    """The texts of an answer; nothing where it is no JSON object, so somebody else's."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {str(key): shortened(masked(value), LONGEST) for key, value in pairs if isinstance(value, str)}


def _host(config: Config) -> str:
    """Where to call what listens there."""
    listen = config.enforcer.listen.host
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen, listen)  # noqa: S104 - where to call, not to listen
    return f"[{host}]" if ":" in host else host


def _way(config: Config) -> tuple[str, aiohttp.Fingerprint | None]:
    """The scheme, and the certificate that must be met where we know it.

    Raises:
        PlimsollError: The enforcer's web configuration is unusable.
    """
    path = config.enforcer.web_config_file
    tls = None if path is None else load_web_config(path).tls
    return ("http", None) if tls is None else ("https", _pin(tls))


def _pin(tls: TlsConfig) -> aiohttp.Fingerprint | None:
    """The enforcer's own certificate, whoever signed it for whichever name; ``None`` where it cannot be read here."""
    try:
        text = tls.cert or ("" if tls.cert_file is None else tls.cert_file.read_text(encoding="ascii"))
        first = text[text.index(ssl.PEM_HEADER) : text.index(ssl.PEM_FOOTER)] + ssl.PEM_FOOTER
        return aiohttp.Fingerprint(hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).digest())
    except (OSError, ValueError):
        return None
