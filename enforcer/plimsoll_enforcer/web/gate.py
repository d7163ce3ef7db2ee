"""``GET /api/v1/gate/{account}``: what a bot asks before it trades; open to everybody, so it tells no amounts.

200 is the only yes. A bot treats everything else, no answer included, as no.
"""

from __future__ import annotations

import math
from http import HTTPStatus

from aiohttp import web

from plimsoll.web.answers import json_answer
from plimsoll.web.server import Route
from plimsoll_enforcer.desk import Desk, Gate

PATH = "/api/v1/gate"


def gate_route(path: str, desk: Desk) -> Route | None:
    """The route of a path, if it is a gate's."""
    account = path.removeprefix(PATH + "/")
    if account == path or not account or "/" in account:
        return None

    async def answer(_: web.BaseRequest) -> web.Response:
        return _told(account, desk.gate(account))

    return Route(handler=answer, door=False)


def _told(account: str, gate: Gate | None) -> web.Response:
    if gate is None:
        return json_answer(HTTPStatus.NOT_FOUND, {"error": "no such account"})
    if gate.open:
        return json_answer(HTTPStatus.OK, {"account": account, "open": True})
    # JSON has no infinity: null is until somebody releases it.
    until = None if gate.until is None or math.isinf(gate.until) else gate.until
    return json_answer(HTTPStatus.LOCKED, {"account": account, "open": False, "reason": gate.reason, "until": until})
