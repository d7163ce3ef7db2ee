"""``POST /api/v1/alerts``: Alertmanager's webhook, with a token of its own that opens nothing else."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from plimsoll.clock import Clock
from plimsoll.secret import Secret
from plimsoll.web.answers import json_answer, refused
from plimsoll.web.bearer import bearer_refusal
from plimsoll.web.body import read_body
from plimsoll.web.server import Route
from plimsoll_enforcer.desk import Desk
from plimsoll_enforcer.web.message import BadMessage, read_message

PATH = "/api/v1/alerts"
LIMIT = 1_048_576
"""Bytes of a body."""


class Webhook:
    """Takes messages.

    Args:
        token: Whoever has it may tell of breaches; ``None`` where the webhook is off.
        desk: Takes them on.
        clock: Time.
    """

    def __init__(self, *, token: Secret | None, desk: Desk, clock: Clock) -> None:
        self._token, self._desk, self._clock = token, desk, clock

    @property
    def route(self) -> Route:
        """The way here: past the door, since Alertmanager has a token of its own."""
        return Route(handler=self.answer, door=False, methods=("POST",), body=True)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Take one message; 202 says that its alerts are taken on, with what became of each."""
        if self._token is None:
            return refused(HTTPStatus.FORBIDDEN, "the webhook is off: set enforcer.webhook_token_file")
        unknown = bearer_refusal(request, self._token)
        if unknown is not None:
            return unknown
        content = await read_body(request, limit=LIMIT)
        if not isinstance(content, bytes):
            return content
        try:
            alerts = read_message(content, now=self._clock.now())
        except BadMessage as bad:
            return json_answer(HTTPStatus.BAD_REQUEST, {"error": str(bad), "field": bad.field})
        verdicts = await self._desk.alerts(alerts)
        told = [{"account": one.account, "outcome": one.outcome, "reason": one.reason} for one in verdicts]
        return json_answer(HTTPStatus.ACCEPTED, {"alerts": told})
