"""Bearer tokens of programs and operators, compared in constant time."""

from __future__ import annotations

import hmac
from http import HTTPStatus

from aiohttp import web

from plimsoll.secret import Secret
from plimsoll.web.answers import refused


def bearer_refusal(request: web.BaseRequest, token: Secret) -> web.Response | None:
    """The answer to a request without this token; ``None`` for one that has it."""
    if _has(token, request.headers.getall("Authorization", [])):
        return None
    return refused(HTTPStatus.UNAUTHORIZED, "the bearer token is missing or wrong", **{"WWW-Authenticate": "Bearer"})


def _has(token: Secret, given: list[str]) -> bool:
    scheme, _, shown = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    # Compared in any case, so that a wrong scheme takes as long as a wrong token.
    right = hmac.compare_digest(shown.strip().encode("utf-8", "replace"), token.reveal().encode())
    return right and scheme.lower() == "bearer"
