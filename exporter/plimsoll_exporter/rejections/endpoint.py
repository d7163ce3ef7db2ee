"""``POST /api/v1/rejections`` in terms of HTTP: the token, the bounds of the body, and what each outcome answers."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from plimsoll.errors import StateError
from plimsoll.secret import Secret
from plimsoll.web.answers import json_answer, refused
from plimsoll.web.bearer import bearer_refusal
from plimsoll.web.body import read_body
from plimsoll.web.server import Route
from plimsoll_exporter.rejections.ledger import Ledger
from plimsoll_exporter.rejections.report import BadReport, NoSuchAccount, Positions, parse

PATH = "/api/v1/rejections"
LIMIT = 65_536
"""Bytes of a body."""


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

    @property
    def route(self) -> Route:
        """The way here: past the door, since bots have a token of their own."""
        return Route(handler=self.answer, door=False, methods=("POST",), body=True)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Take one report; 202 says that it is kept, also where it came before."""
        if self._token is None:
            return refused(HTTPStatus.FORBIDDEN, "reports are off: set rejections.token_file")
        unknown = bearer_refusal(request, self._token)
        if unknown is not None:
            return unknown
        content = await read_body(request, limit=LIMIT)
        return self._taken(content) if isinstance(content, bytes) else content

    def _taken(self, content: bytes) -> web.Response:
        try:
            told = parse(content, accounts=self._accounts, positions=self._positions)
        except NoSuchAccount:
            return json_answer(HTTPStatus.NOT_FOUND, {"error": "no such account", "field": "account"})
        except BadReport as bad:
            return json_answer(HTTPStatus.BAD_REQUEST, {"error": str(bad), "field": bad.field})
        try:
            self._ledger.report(told)
        except StateError:
            return json_answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "it cannot be kept now, send it again"})
        return json_answer(HTTPStatus.ACCEPTED, {"report_id": told.key})
