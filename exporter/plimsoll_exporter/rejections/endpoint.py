"""``POST /api/v1/rejections`` in terms of HTTP: the token, the bounds of the body, and what each outcome answers."""

from __future__ import annotations

import asyncio
import hmac
from http import HTTPStatus

from aiohttp import web

from plimsoll.errors import StateError
from plimsoll.secret import Secret
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.report import BadReport, NoSuchAccount, Positions, parse

PATH = "/api/v1/rejections"
LIMIT = 65_536
"""Bytes of a body."""

BODY_SECONDS = 10.0
"""Within which the whole body must have come."""


class Reports:
    """Takes reports.

    Args:
        token: Whoever has it may report; ``None`` where reports are off.
        ledger: Counts.
        accounts: Names of the configured ones.
        positions: The one-way position of an account in a symbol.
    """

    def __init__(self, *, token: Secret | None, ledger: Ledger, accounts: frozenset[str], positions: Positions) -> None:
        self._token, self._ledger = token, ledger
        self._accounts, self._positions = accounts, positions

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Take one report; 202 says that it is kept, also where it came before."""
        if request.method != "POST":
            return _refused(HTTPStatus.METHOD_NOT_ALLOWED, "only POST", Allow="POST")
        if self._token is None:
            return _refused(HTTPStatus.FORBIDDEN, "reports are off: set rejections.token_file")
        if not _has(self._token, request.headers.getall("Authorization", [])):
            return _refused(
                HTTPStatus.UNAUTHORIZED, "the bearer token is missing or wrong", **{"WWW-Authenticate": "Bearer"}
            )
        try:
            async with asyncio.timeout(BODY_SECONDS):
                content = await _body(request)
        except TimeoutError:
            return _refused(HTTPStatus.REQUEST_TIMEOUT, "the body did not come")
        if content is None:
            return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {LIMIT} bytes")
        return self._taken(content)

    def _taken(self, content: bytes) -> web.Response:
        try:
            told = parse(content, accounts=self._accounts, positions=self._positions)
        except NoSuchAccount:
            return _answer(HTTPStatus.NOT_FOUND, {"error": "no such account", "field": "account"})
        except BadReport as bad:
            return _answer(HTTPStatus.BAD_REQUEST, {"error": str(bad), "field": bad.field})
        try:
            self._ledger.report(told)
        except StateError:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "it cannot be kept now, send it again"})
        return _answer(HTTPStatus.ACCEPTED, {"report_id": told.key})


def _has(token: Secret, given: list[str]) -> bool:
    scheme, _, shown = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    # Compared in any case, so that a wrong scheme takes as long as a wrong token.
    right = hmac.compare_digest(shown.strip().encode("utf-8", "replace"), token.reveal().encode())
    return right and scheme.lower() == "bearer"


async def _body(request: web.BaseRequest) -> bytes | None:
    """The body; ``None`` for one that is too large, of which no more is read than needed to know."""
    if (request.content_length or 0) > LIMIT:
        return None
    content = b""
    while chunk := await request.content.read(LIMIT):
        content += chunk
        if len(content) > LIMIT:
            return None
    return content


def _refused(status: HTTPStatus, text: str, **headers: str) -> web.Response:
    answer = _answer(status, {"error": text}, **headers)
    # What of the body was not read is not waited for.
    answer.force_close()
    return answer


def _answer(status: HTTPStatus, content: dict[str, str], **headers: str) -> web.Response:
    return web.json_response(content, status=status, headers=headers)
