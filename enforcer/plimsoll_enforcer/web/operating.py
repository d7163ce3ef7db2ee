"""The operator's calls: look at accounts and runs, press the red button, release a lockout; all with one token."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Protocol

from aiohttp import web

from plimsoll.clock import Clock
from plimsoll.errors import EnforcerRefused
from plimsoll.secret import Secret
from plimsoll.web.answers import json_answer, refused
from plimsoll.web.bearer import bearer_refusal
from plimsoll.web.body import read_body
from plimsoll.web.bucket import TokenBucket
from plimsoll.web.model import RateLimit
from plimsoll.web.server import Handler, Route
from plimsoll_enforcer.desk import Desk
from plimsoll_enforcer.viewing.values import AccountView
from plimsoll_enforcer.web.following import Following
from plimsoll_enforcer.web.runs import run_detail, run_summary
from plimsoll_enforcer.web.views import account_json
from plimsoll_enforcer.web.wish import BadWish, read_release, read_wish

RUNS_PATH = "/api/v1/runs"
ACCOUNTS_PATH = "/api/v1/accounts"
LIMIT = 65_536
"""Bytes of a body."""

LONGEST_NUMBER = 9

GUESSES = RateLimit(interval=2.0, burst=10)
"""Wrong tokens that are answered as such, of everybody together; further ones are told to wait. The right one always
goes in: whoever guesses must not be able to keep out whoever has to close an account."""

log = logging.getLogger(__name__)

Act = Callable[[str, bytes], Awaitable[web.Response]]


class Shows(Protocol):
    """What shows the accounts; ``viewing.views`` implements it."""

    async def accounts(self) -> tuple[AccountView, ...]:
        """Every account, in the order of the configuration."""


class Operating:
    """Answers operators.

    Args:
        token: Whoever has it may do all this; ``None`` where these calls are off.
        desk: Does it.
        views: What is shown of the accounts.
        clock: Time.
    """

    def __init__(self, *, token: Secret | None, desk: Desk, views: Shows, clock: Clock) -> None:
        self._token, self._desk, self._views, self._clock = token, desk, views, clock
        self._guesses, self._following = TokenBucket(clock=clock), Following(desk, clock)

    def find(self, path: str) -> Route | None:
        """The route of a path, if it is one of an operator's."""
        if path == ACCOUNTS_PATH:
            return self._reading(self._accounts)
        if path == RUNS_PATH:
            return self._reading(self._runs)
        if path.startswith(RUNS_PATH + "/"):
            return self._reading(self._run)
        account, _, act = path.removeprefix(ACCOUNTS_PATH + "/").partition("/")
        acts: dict[str, Act] = {"flatten": self._flatten, "release": self._release}
        if path.startswith(ACCOUNTS_PATH + "/") and account and act in acts:
            return self._acting(account, acts[act])
        return None

    def _reading(self, handler: Handler) -> Route:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return self._stranger(request) or await handler(request)

        return Route(handler=answer, door=False)

    def _acting(self, account: str, act: Act) -> Route:
        async def answer(request: web.BaseRequest) -> web.Response:
            stranger = self._stranger(request)
            if stranger is not None:
                return stranger
            content = await read_body(request, limit=LIMIT)
            return await self._done(account, act, content) if isinstance(content, bytes) else content

        return Route(handler=answer, door=False, methods=("POST",), body=True)

    async def _done(self, account: str, act: Act, content: bytes) -> web.Response:
        if self._desk.gate(account) is None:
            return json_answer(HTTPStatus.NOT_FOUND, {"error": "no such account", "field": "account"})
        try:
            return await act(account, content)
        except BadWish as bad:
            return json_answer(HTTPStatus.BAD_REQUEST, {"error": f"{bad.field} {bad}".strip(), "field": bad.field})
        except EnforcerRefused as error:
            return json_answer(HTTPStatus.CONFLICT, {"error": str(error)})

    def _stranger(self, request: web.BaseRequest) -> web.Response | None:
        """The answer to somebody without the token."""
        if self._token is None:
            return refused(HTTPStatus.FORBIDDEN, "the operator's calls are off: set enforcer.operator_token_file")
        refusal = bearer_refusal(request, self._token)
        if refusal is not None and not self._guesses.allow(GUESSES):
            return refused(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong tokens; wait a moment", **{"Retry-After": "2"})
        return refusal

    async def _accounts(self, _: web.BaseRequest) -> web.Response:
        views = await self._views.accounts()
        now, faults = self._clock.now(), list(self._desk.figures().faults)
        accounts = [account_json(one, now) for one in views]
        return json_answer(HTTPStatus.OK, {"now": now, "faults": faults, "accounts": accounts})

    async def _runs(self, _: web.BaseRequest) -> web.Response:
        runs = [run_summary(one) for one in self._desk.runs()]
        return json_answer(HTTPStatus.OK, {"now": self._clock.now(), "runs": runs})

    async def _run(self, request: web.BaseRequest) -> web.Response:
        found = self._following.run(request.path.removeprefix(RUNS_PATH + "/"))
        if found is None:
            return json_answer(HTTPStatus.NOT_FOUND, {"error": "no such run"})
        after = request.rel_url.query.get("after", "")
        known = int(after) if after.isascii() and after.isdecimal() and len(after) <= LONGEST_NUMBER else 0
        return json_answer(HTTPStatus.OK, run_detail(found, now=self._clock.now(), after=known))

    async def _flatten(self, account: str, content: bytes) -> web.Response:
        wish = read_wish(content)
        log.warning("account %s: %s presses the red button: %s", account, wish.operator, wish.reason)
        before = {run.run_id for run in self._desk.runs()}
        run_id = await self._desk.flatten(account, reason=wish.reason, operator=wish.operator)
        return json_answer(HTTPStatus.ACCEPTED, {"run_id": run_id, "already_running": run_id in before})

    async def _release(self, account: str, content: bytes) -> web.Response:
        wish = read_release(content)
        log.warning("account %s: %s asks for its release: %s", account, wish.operator, wish.reason)
        told = await self._desk.release(account, reason=wish.reason, operator=wish.operator, rebase=wish.rebase)
        return json_answer(HTTPStatus.OK, {"told": told})
