"""Who may come in: the rate limit first, then the password, as exporter-toolkit does it, for every path alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from plimsoll.clock import Clock
from plimsoll.web.authorization import read_login
from plimsoll.web.bucket import TokenBucket
from plimsoll.web.model import WebConfig
from plimsoll.web.passwords import Busy, Passwords

CHALLENGE = 'Basic realm="Plimsoll", charset="UTF-8"'
"""The header ``WWW-Authenticate`` of a refusal."""


class Verdict(StrEnum):
    """What becomes of a request."""

    ADMITTED = "admitted"
    TOO_MANY = "rate_limit"
    UNKNOWN = "credentials"


class Guard:
    """Judges requests by the web configuration of the moment.

    Args:
        config: Gives that configuration; ``None`` where there is none and everybody may come in.
        passwords: Judges logins.
        clock: Time.
    """

    def __init__(self, config: Callable[[], WebConfig | None], *, passwords: Passwords, clock: Clock) -> None:
        self._config = config
        self._passwords = passwords
        self._bucket = TokenBucket(clock=clock)

    async def judge(self, authorization: Sequence[str]) -> Verdict:
        """What becomes of a request with these ``Authorization`` headers."""
        config = self._config()
        if config is None:
            return Verdict.ADMITTED
        if not self._bucket.allow(config.rate_limit):
            return Verdict.TOO_MANY
        if not config.users:
            return Verdict.ADMITTED
        login = read_login(authorization)
        try:
            accepted = login is not None and await self._passwords.accept(config.users, login)
        except Busy:
            return Verdict.TOO_MANY
        return Verdict.ADMITTED if accepted else Verdict.UNKNOWN

    @property
    def headers(self) -> Mapping[str, str]:
        """What the configuration adds to every answer."""
        config = self._config()
        return {} if config is None else config.http.headers
