"""What other programs tell the exporter for its page: asked seldom, in bounds of time and size, never by the browser.

The page reaches no other origin and holds no password; whoever does not answer is told as unknown.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from plimsoll.clock import Clock
from plimsoll.secret import Secret
from plimsoll_exporter.json_values import Json

log = logging.getLogger(__name__)

AGAIN_SECONDS = 2.0
"""Between two questions to the same program, however many pages are open."""

OLDEST_SECONDS = 10.0
"""Age from which an answer is forgotten, as when nobody looked for hours; asking, slowly too, takes less."""

ANSWER_SECONDS = 2.0
"""Real seconds within which the whole answer must have come."""

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes."""


class NotToldError(Exception):
    """A program did not answer, or not with what was asked for; the message says why, for people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes


class Known:
    """What is known from others, asked for anew when it is too old and somebody wants to know.

    Args:
        ask: Asks; must never raise, and end within bounds.
        before: What is known before the first answer, and after a fault of ours.
        clock: Time.
    """

    def __init__(self, ask: Callable[[], Awaitable[dict[str, Json]]], *, before: dict[str, Json], clock: Clock) -> None:
        self._ask, self._clock = ask, clock
        self._before = self._content = before
        self._asked_at: float | None = None
        self._asking: asyncio.Task[None] | None = None

    def newest(self) -> dict[str, Json]:
        """What is known now; where that is old, a question is on its way afterwards, and where very old, nothing."""
        if self._age() >= OLDEST_SECONDS:
            self._content = self._before
        if self._asking is None and self._age() >= AGAIN_SECONDS:
            self._asking = asyncio.get_running_loop().create_task(self._ask_once())
        return self._content

    async def fresh(self) -> dict[str, Json]:
        """What is known, not older than ``AGAIN_SECONDS``."""
        self.newest()
        if self._asking is not None:
            await asyncio.shield(self._asking)
        return self._content

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def _age(self) -> float:
        return math.inf if self._asked_at is None else self._clock.monotonic() - self._asked_at

    async def _ask_once(self) -> None:
        try:
            self._content = await self._ask()
        except Exception:
            log.exception("what others tell for the status page is not known by a fault of ours")
            self._content = self._before
        finally:
            self._asked_at = self._clock.monotonic()
            self._asking = None


async def get(url: str, *, authorization: Secret | None = None) -> Reply:
    """One question.

    Raises:
        NotToldError: No whole answer came in time, or one that is too large.
    """
    login = {} if authorization is None else {"Authorization": authorization.reveal()}
    headers = {"Accept-Encoding": "identity", **login}
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
            session.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            return Reply(status=answer.status, body=await _body(answer))
    except TimeoutError as error:
        raise NotToldError(f"{place(url)}: no answer within {ANSWER_SECONDS:.0f} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise NotToldError(f"{place(url)}: cannot be asked ({type(error).__name__})") from error


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """The body of an answer.

    Raises:
        ValueError: It is too large.
    """
    content = b""
    async for chunk in answer.content.iter_chunked(1 << 16):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise ValueError("too large")
    return content


def place(url: str) -> str:
    """Host and port of an address: enough for people, and nothing secret in it."""
    parts = urlsplit(url)
    return parts.hostname + (f":{parts.port}" if parts.port else "") if parts.hostname else "?"
