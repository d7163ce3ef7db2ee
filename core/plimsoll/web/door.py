"""The way into the web server: what ``plimsoll.web`` decides, in terms of aiohttp and of connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from aiohttp import web

from plimsoll.clock import Clock
from plimsoll.web.guard import CHALLENGE, Guard, Verdict
from plimsoll.web.handshake import Security
from plimsoll.web.model import WebConfig
from plimsoll.web.passwords import Passwords
from plimsoll.web.protection import Protection


class Door:
    """Admits connections and requests.

    Args:
        protection: The web configuration; ``None`` where none is set and everybody may come in.
        clock: Time.
        refused: Told the reason whenever somebody is not let in.
        passwords: Judges logins; tests pass their own.
    """

    def __init__(
        self,
        protection: Protection | None,
        *,
        clock: Clock,
        refused: Callable[[str], None] = lambda _: None,
        passwords: Passwords | None = None,
    ) -> None:
        self._protection = protection
        self._guard = Guard(self._config, passwords=passwords or Passwords(), clock=clock)
        self.refused = refused

    def security(self) -> Security | None:
        """What the next connection is secured with; ``None`` for plain HTTP."""
        if self._protection is None:
            return None
        now = self._protection.now
        if now.tls is None or now.config.tls is None:
            return None
        return Security(context=now.tls, client_names=now.config.tls.client_allowed_sans)

    async def refusal(self, request: web.BaseRequest) -> web.Response | None:
        """The answer to a request that is not let in; ``None`` for one that is."""
        verdict = await self._guard.judge(request.headers.getall("Authorization", []))
        if verdict is Verdict.ADMITTED:
            return None
        self.refused(verdict.value)
        if verdict is Verdict.TOO_MANY:
            answer = web.Response(status=HTTPStatus.TOO_MANY_REQUESTS, text="too many requests\n")
        else:
            headers = {"WWW-Authenticate": CHALLENGE}
            answer = web.Response(status=HTTPStatus.UNAUTHORIZED, text="unauthorized\n", headers=headers)
        if request.can_read_body:
            answer.force_close()
        return answer

    @property
    def headers(self) -> Mapping[str, str]:
        """What the web configuration adds to every answer."""
        return self._guard.headers

    async def watch(self) -> None:
        """Keep the web configuration up to date until cancelled; returns at once where there is none."""
        if self._protection is not None:
            await self._protection.watch()

    def _config(self) -> WebConfig | None:
        return None if self._protection is None else self._protection.now.config
