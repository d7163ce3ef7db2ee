"""One report on its way to the exporter: what its answer means for the report."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests

from plimsoll.config.exchanges import is_loopback
from plimsoll.config.secrets import read_secret
from plimsoll.errors import SecretError
from plimsoll.reporting.body import Body
from plimsoll.secret import Secret
from plimsoll.text import shortened

log = logging.getLogger(__name__)

PATH = "/api/v1/rejections"
TIMEOUT = (2.0, 5.0)
"""Seconds to connect, and to wait for the answer; only the reporter's own thread waits."""

NEEDED = frozenset({"report_id", "account", "code", "time"})
"""Fields without which a report is none."""

_UNFIT = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY})


class Fate(Enum):
    """What becomes of a report."""

    DELIVERED = auto()
    LATER = auto()
    UNFIT = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a delivery, and why where it was none."""

    fate: Fate
    why: str = ""


Deliver = Callable[[Body], Answer]


class _Bearer(requests.auth.AuthBase):
    """The token as a header; as an ``auth`` it also keeps ``~/.netrc`` from putting another in its place."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request


class HttpDelivery:
    """Posts reports; the token is read anew each time, so that it can be changed without stopping the bot.

    Args:
        url: The exporter's address, without a path.
        token_file: Holds the token alone.
    """

    def __init__(self, url: str, token_file: Path) -> None:
        self._url, self._token_file = url.rstrip("/") + PATH, token_file
        self._proxies = proxies_to(url)
        self._session = requests.Session()

    def __call__(self, report: Body) -> Answer:
        """Post one report; never raises."""
        try:
            token = read_secret(self._token_file)
        except SecretError as error:
            return Answer(Fate.LATER, str(error))
        try:
            return self._posted(report, token)
        except (requests.RequestException, ValueError) as error:
            return Answer(Fate.LATER, f"no answer ({type(error).__name__})")

    def _posted(self, report: Body, token: Secret) -> Answer:
        """Post a report; what it says wrongly of its order is left out, for the refusal itself must be told."""
        while True:
            # A redirect could carry the token to a stranger.
            answer = self._session.post(
                self._url,
                json=report,
                auth=_Bearer(token),
                timeout=TIMEOUT,
                allow_redirects=False,
                proxies=self._proxies,
            )
            fault = _fault(answer)
            if fault not in report or fault in NEEDED:
                return _judged(answer)
            log.warning("a refused order is reported without what was said of it: %s", shortened(answer.text, 200))
            report = {name: value for name, value in report.items() if name != fault}


def proxies_to(url: str) -> dict[str, str] | None:
    """Proxies for an address, in the form of ``requests``: none to this machine, else those of the environment.

    A bot often has ``HTTP_PROXY`` for the exchange: that proxy is another machine, which would be given the token and
    could not reach this one's loopback.
    """
    host = urlsplit(url).hostname or ""
    return dict.fromkeys(("http", "https"), "") if is_loopback(host) else None


def _fault(answer: requests.Response) -> str:
    """The field that the exporter finds wrong; empty where it names none."""
    if answer.status_code != HTTPStatus.BAD_REQUEST:
        return ""
    try:
        told = answer.json()
    except ValueError:
        return ""
    return str(told.get("field", "")) if isinstance(told, dict) else ""


def _judged(answer: requests.Response) -> Answer:
    if answer.status_code in {HTTPStatus.ACCEPTED, HTTPStatus.OK}:
        return Answer(Fate.DELIVERED)
    why = f"HTTP {answer.status_code}: {shortened(answer.text.strip(), 200)}"
    return Answer(Fate.UNFIT if answer.status_code in _UNFIT else Fate.LATER, why)
